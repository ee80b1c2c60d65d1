import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isAdbInterface } from '../../src/devices/sighting.js';
import type { SarachiError } from '../../src/errors.js';
import { noFaults } from '../../src/simulator/android/faults.js';
import type { HandsetSpec } from '../../src/simulator/android/handset-spec.js';
import { SimulatedRack, type SimulatedRackOptions } from '../../src/simulator/rack.js';
import { TcpCable } from '../../src/simulator/tcp-cable.js';
import { TcpCables } from '../../src/simulator/tcp-cables.js';
import { RealAdb } from './adbd/real-adb.js';
import { MIB, until } from './android/fixtures.js';

const QUICK = { bootMs: 200, settleMs: 30, leaveMs: 20 };

async function rackWithAdb(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'sarachi-rack-'));
  const adb = await RealAdb.start(folder);
  const say = async (...words: string[]) => (await adb.run(words)).stdout.toString();
  await until(async () => (await say('devices')).startsWith('List'), 'the adb server');
  const places = new Map<string, string>();
  const onTrouble = (error: Error) => void t.error(error);
  const cables = new TcpCables({
    connect: async (address, usbPath) => {
      places.set(address, usbPath);
      return /connected to|authenticate/.test(await say('connect', address));
    },
    disconnect: async (address) => {
      await say('disconnect', address);
    },
    onTrouble,
  });
  const rack = new SimulatedRack({
    stateDir: folder,
    cable: (handset, usbPath) => cables.cable(handset, usbPath),
    onTrouble,
    handset: QUICK,
  });
  const bus: string[] = [];
  await rack.start({
    attached: (device) =>
      bus.push(`+${device.usbPath}${device.interfaces.some(isAdbInterface) ? ' adb' : ''}`),
    detached: (usbPath) => bus.push(`-${usbPath}`),
  });
  t.teardown(async () => {
    await rack.close();
    await adb.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const key = await adb.publicKey();
  return {
    rack,
    bus,
    say,
    handset: (spec: HandsetSpec, faults = noFaults()) =>
      rack.handset({ storageBytes: 16 * MIB, authorisedKeys: [key], ...spec }, faults),
    /** The rows of the server: usb path, state and transport id of each. */
    rows: async () => {
      const lines = (await say('devices', '-l'))
        .split('\n')
        .filter((line) => line.includes('127.0.0.1'));
      return lines.map((line) => {
        const [serial = '', state = ''] = line.split(/\s+/);
        return { serial, state, usbPath: places.get(serial) };
      });
    },
  };
}

t.test('handsets come and go on the bus and in a real adb server together', async (t) => {
  const { rack, bus, say, handset, rows } = await rackWithAdb(t);
  const pixel = await handset({ profile: 'google-pixel-7' });
  const foyer = await handset({ profile: 'google-pixel-9', condition: 'already-reset' });
  const silent = await handset({
    profile: 'samsung-sc-51b',
    condition: 'already-reset',
    usbSerial: null,
  });
  const row = async (usbPath: string) => (await rows()).find((one) => one.usbPath === usbPath);
  rack.plug('1-1', pixel);
  rack.plug('1-2', foyer);
  rack.plug('1-3', silent);
  t.same(bus, ['+1-1 adb', '+1-2 adb', '+1-3']);
  t.throws(() => rack.plug('1-4', pixel), { code: 'not-possible-now' });
  await until(async () => (await row('1-1'))?.state === 'device', 'the first row');
  await until(async () => (await row('1-2'))?.state === 'device', 'the second row');
  t.equal((await rows()).length, 2);
  const serial = (await row('1-1'))?.serial ?? '';
  t.equal(await say('-s', serial, 'shell', 'getprop ro.product.model'), 'Pixel 7\n');
  const inFoyer = (await row('1-2'))?.serial ?? '';
  t.match(await say('-s', inFoyer, 'shell', 'tradeinmode getstatus'), /"model":"Pixel 9"/);
  t.equal(await say('-s', inFoyer, 'shell', 'getprop'), '');

  bus.length = 0;
  await say('-s', serial, 'shell', 'cmd testharness enable');
  await until(() => bus.length === 2, 'the reset');
  t.same(bus, ['-1-1', '+1-1 adb']);
  await until(async () => {
    const now = await row('1-1');
    return now?.state === 'device' && now.serial !== serial;
  }, 'a new row for the same opening');
  t.equal((await rows()).length, 2, 'the old row went');

  bus.length = 0;
  silent.person.enableUsbDebugging();
  t.same(bus, ['-1-3', '+1-3 adb']);
  await until(
    async () => (await row('1-3'))?.state === 'unauthorized',
    'the question on the screen',
  );
  silent.person.authorise();
  await until(async () => (await row('1-3'))?.state === 'device', 'the answer');

  bus.length = 0;
  rack.pull(['1-1', '1-2']);
  t.same(bus, ['-1-1', '-1-2']);
  await until(async () => (await rows()).length === 1, 'the rows of the hub to go');
});

t.test('a cable drops while the handset works on, and another handset comes back', async (t) => {
  const { rack, bus, say, handset, rows } = await rackWithAdb(t);
  const first = await handset({ profile: 'google-pixel-7' });
  const second = await handset({ profile: 'google-pixel-7' });
  rack.plug('1-1', first);
  const serial = async () => (await rows()).find((one) => one.state === 'device')?.serial ?? '';
  await until(async () => (await serial()) !== '', 'the row');
  first.faults.cableDrop = { command: /DROP/, forMs: 100 };
  const work = 'sleep 0.3; echo done >/data/local/tmp/x';
  await say(
    '-s',
    await serial(),
    'shell',
    `setsid nohup sh -c '${work}' </dev/null >/dev/null 2>&1 &`,
  );
  await say('-s', await serial(), 'shell', 'echo DROP');
  await until(() => bus.length === 3, 'the cable to be back');
  t.same(bus, ['+1-1 adb', '-1-1', '+1-1 adb']);
  await until(
    async () => (await say('-s', await serial(), 'shell', 'cat /data/local/tmp/x')) === 'done\n',
    'what ran on without the cable',
  );
  rack.swapAtNextBoot('1-1', second);
  await say('-s', await serial(), 'reboot');
  await until(() => rack.at('1-1') === second, 'the other handset');
  await until(async () => {
    const now = await serial();
    return (
      now !== '' && (await say('-s', now, 'shell', 'getprop ro.serialno')) === `${second.serial}\n`
    );
  }, 'its row');
});

async function rackWithCable(t: Test, cable: SimulatedRackOptions['cable']) {
  const folder = await mkdtemp(join(tmpdir(), 'sarachi-rack-'));
  const troubles: string[] = [];
  const onTrouble = ({ code }: SarachiError) => void troubles.push(code);
  const rack = new SimulatedRack({ stateDir: folder, cable, handset: QUICK, onTrouble });
  t.teardown(async () => {
    await rack.close();
    await rm(folder, { recursive: true, force: true });
  });
  const handset = (serial: string) =>
    rack.handset({ profile: 'google-pixel-7', storageBytes: 16 * MIB, serial });
  return { rack, troubles, handset };
}

t.test(
  'a cable is shown one thing after the other, and a place only when it is free',
  async (t) => {
    const shown: string[] = [];
    const held: (() => void)[] = [];
    let hold = true;
    const { rack, handset } = await rackWithCable(t, (handset, usbPath) => ({
      show: async (face) => {
        shown.push(`${face ? '+' : '-'}${usbPath} ${handset.serial}`);
        if (hold) await new Promise<void>((resolve) => held.push(resolve));
      },
    }));
    const [first, second] = [await handset('FIRST'), await handset('SECOND')];
    rack.plug('1-1', first);
    await until(() => held.length === 1, 'the first to be shown');
    rack.unplug('1-1');
    rack.plug('1-1', second);
    rack.plug('1-2', first);
    held.shift()?.();
    await until(() => held.length === 1, 'the first to leave');
    t.same(shown, ['+1-1 FIRST', '-1-1 FIRST'], 'nobody comes while it still leaves');
    hold = false;
    held.shift()?.();
    await until(() => shown.length === 4, 'both to be shown');
    t.same(shown.slice(2).sort(), ['+1-1 SECOND', '+1-2 FIRST']);

    hold = true;
    second.reboot('');
    await until(() => held.length === 1, 'the departure of the one that reboots');
    await until(() => second.face() !== null, 'its boot');
    hold = false;
    held.shift()?.();
    await until(() => shown.length === 6, 'its return');
    t.same(shown.slice(4), ['-1-1 SECOND', '+1-1 SECOND'], 'a slow host misses no reboot');
    await rack.close();
    t.same(shown.slice(6).sort(), ['-1-1 SECOND', '-1-2 FIRST'], 'closing shows every departure');
  },
);

t.test('a cable that fails holds nothing up', async (t) => {
  const shown: string[] = [];
  const { rack, troubles, handset } = await rackWithCable(t, () => ({
    show: async (face) => {
      shown.push(face ? '+' : '-');
      throw new Error('no room on this host');
    },
  }));
  const pixel = await handset('PIXEL');
  rack.plug('1-1', pixel);
  pixel.reboot('');
  await until(() => shown.length === 3, 'the reboot');
  await rack.close();
  t.same(shown, ['+', '-', '+', '-']);
  t.same(troubles, Array(4).fill('internal'));
  t.equal(pixel.face(), null, 'it was switched off all the same');
});

t.test('a TCP port stays taken until the adb server has forgotten it', async (t) => {
  let connected = '';
  const forget: (() => void)[] = [];
  const { rack, handset } = await rackWithCable(t, (handset, usbPath) => {
    const door = {
      connect: async (address: string, place: string) => {
        connected = `${place} ${address}`;
        return true;
      },
      disconnect: () => new Promise<void>((resolve) => forget.push(resolve)),
    };
    return new TcpCable({ handset, usbPath, door });
  });
  rack.plug('1-1', await handset('PIXEL'));
  await until(() => connected !== '', 'the address to be told');
  t.match(connected, /^1-1 127\.0\.0\.1:\d+$/);
  const port = Number(connected.split(':')[1]);
  const before = connect(port, '127.0.0.1').resume();
  await once(before, 'connect');
  rack.unplug('1-1');
  await once(before, 'close');
  await until(() => forget.length === 1, 'the server to be asked');
  await t.rejects(once(createServer().listen(port, '127.0.0.1'), 'listening'), {
    code: 'EADDRINUSE',
  });
  const after = connect(port, '127.0.0.1').resume();
  await once(after, 'close');
  t.equal(after.bytesRead, 0, 'nobody is served there meanwhile');
  forget[0]?.();
  const free = async () => {
    const other = createServer().listen(port, '127.0.0.1');
    const listens = await once(other, 'listening').then(
      () => true,
      () => false,
    );
    other.close();
    return listens;
  };
  await until(free, 'the port to be free');
});
