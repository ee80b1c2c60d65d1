import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { usbPathOf } from '../../src/devices/apple/location.js';
import { MuxTracker } from '../../src/devices/apple/mux-tracker.js';
import { MuxClient } from '../../src/devices/apple/usbmux/mux-client.js';
import { JoinedSightings } from '../../src/devices/joined-sightings.js';
import { createLog } from '../../src/log.js';
import type { IphoneSpec } from '../../src/simulator/apple/iphone-spec.js';
import { SimulatedRack, usbmuxdSocket } from '../../src/simulator/rack.js';
import { KEYS, MIB, until } from './apple/fixtures.js';

const SMALL = { storageBytes: 8 * MIB, plantedShare: 0 };

/** A rack of both platforms, and the board that a daemon makes of it. */
async function mixedRack(t: Test) {
  const stateDir = await mkdtemp(join(tmpdir(), 'sarachi-mixed-'));
  const rack = new SimulatedRack({
    stateDir,
    cable: () => ({ show: async () => undefined }),
    handset: { bootMs: 150, settleMs: 20, leaveMs: 20 },
    iphone: { bootMs: 150, leaveMs: 20, newKey: KEYS.phone },
    onTrouble: (error) => t.error(error),
  });
  const log = createLog('silent');
  const board = new JoinedSightings({ log });
  const tracker = new MuxTracker({
    mux: new MuxClient({ path: usbmuxdSocket(stateDir) }),
    log,
    onRows: (rows) => board.muxListed(rows),
    locate: async (device) => usbPathOf(device, rack.usbAddresses()),
  });
  await rack.start(board);
  tracker.start();
  t.teardown(async () => {
    await tracker.stop();
    await rack.close();
    await rm(stateDir, { recursive: true, force: true });
  });
  const iphone = (profile: IphoneSpec['profile'], condition: IphoneSpec['condition'] = 'in-use') =>
    rack.iphone({ ...SMALL, profile, condition });
  const seen = () => board.list().map(({ usbPath, condition }) => `${usbPath} ${condition}`);
  const shows = (...wanted: string[]) =>
    until(`${wanted}; now ${seen()}`, () => seen().join() === wanted.join());
  return { rack, board, iphone, shows };
}

t.test('both platforms stand side by side, each iPhone at its own opening', async (t) => {
  const { rack, board, iphone, shows } = await mixedRack(t);
  const pixel = await rack.handset({ profile: 'google-pixel-7', storageBytes: 16 * MIB });
  const [old, fresh] = [
    await iphone('iphone-6-ios-12'),
    await iphone('iphone-15-ios-26', 'already-erased'),
  ];
  rack.plug('1-1.1', pixel);
  rack.plug('1-1.2', old);
  rack.plug('2-1.1', fresh);
  t.throws(() => rack.plug('1-1.3', old), { code: 'not-possible-now' });
  t.throws(() => rack.plug('1-1.1', old), { code: 'not-possible-now' });
  await shows('1-1.1 usb:adb', '1-1.2 mux:unpaired', '2-1.1 mux:paired');
  const { udid } = old.state.identity;
  t.equal(board.at('1-1.2')?.handset, `apple:${udid}`);
  t.same(
    rack.usbAddresses().map(({ usbPath, bus, address }) => [usbPath, bus, address]),
    [
      ['1-1.1', 1, 2],
      ['1-1.2', 1, 3],
      ['2-1.1', 2, 2],
    ],
  );
  old.person.trust();
  await shows('1-1.1 usb:adb', '1-1.2 mux:paired', '2-1.1 mux:paired');

  t.equal(rack.unplug('1-1.2'), old);
  await shows('1-1.1 usb:adb', '2-1.1 mux:paired');
  rack.plug('1-1.3', old);
  await shows('1-1.1 usb:adb', '1-1.3 mux:paired', '2-1.1 mux:paired');
  t.match(board.at('1-1.3')?.mux, { address: '1:4', udid }, 'a new number at each plugging in');

  await rack.usbmuxd.stop();
  await shows('1-1.1 usb:adb', '1-1.3 mux:unknown', '2-1.1 mux:unknown');
  await rack.usbmuxd.start();
  await shows('1-1.1 usb:adb', '1-1.3 mux:paired', '2-1.1 mux:paired');

  t.same(rack.pull(['1-1.1', '1-1.3']), [pixel, old]);
  await shows('2-1.1 mux:paired');
});

t.test('an iPhone restarts, loses its cable, and another comes back in its place', async (t) => {
  const { rack, board, iphone, shows } = await mixedRack(t);
  const first = await iphone('iphone-11-ios-17');
  first.person.trustsAlways();
  rack.plug('1-2', first);
  await shows('1-2 mux:paired');
  const numbers = [board.at('1-2')?.mux?.deviceId];
  const hasNewNumber = () => {
    const number = board.at('1-2')?.mux?.deviceId;
    return typeof number === 'number' && !numbers.includes(number);
  };
  first.person.restartByHand();
  await until('its restart', hasNewNumber);
  await shows('1-2 mux:paired');
  numbers.push(board.at('1-2')?.mux?.deviceId);
  first.faults.cableDrop = { afterAfcBytes: 1, forMs: 50 };
  first.afcWrote(1);
  t.equal(rack.at('1-2'), null);
  await until('the cable to be back', hasNewNumber);
  await shows('1-2 mux:paired');

  const second = await iphone('iphone-11-ios-17');
  rack.swapAtNextBoot('1-2', second);
  first.person.restartByHand();
  await until('the other iPhone', () => rack.at('1-2') === second);
  await shows('1-2 mux:unpaired');
  t.equal(board.at('1-2')?.handset, `apple:${second.state.identity.udid}`);

  const pixel = await rack.handset({ profile: 'google-pixel-7', storageBytes: 16 * MIB });
  rack.swapAtNextBoot('1-2', pixel);
  second.person.restartByHand();
  await until('a handset of the other platform', () => rack.at('1-2') === pixel);
  await shows('1-2 usb:adb');
});
