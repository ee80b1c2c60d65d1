import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type AdbRow, isAdbInterface } from '../../src/devices/sighting.js';
import { noFaults } from '../../src/simulator/android/faults.js';
import type { HandsetSpec } from '../../src/simulator/android/handset-spec.js';
import { SimulatedRack } from '../../src/simulator/rack.js';
import { RealAdb } from './adbd/real-adb.js';
import { MIB, until } from './android/fixtures.js';

const NO_ROW: AdbRow = {
  serial: null,
  state: '',
  condition: 'adb:device',
  usbPath: null,
  product: null,
  model: null,
  device: null,
  transportId: null,
};

async function rackWithAdb(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'sarachi-rack-'));
  const adb = await RealAdb.start(folder);
  const say = async (...words: string[]) => (await adb.run(words)).stdout.toString();
  await until(async () => (await say('devices')).startsWith('List'), 'the adb server');
  const rack = new SimulatedRack({
    stateDir: folder,
    connect: async (address) => /connected to|authenticate/.test(await say('connect', address)),
    disconnect: async (address) => {
      await say('disconnect', address);
    },
    onTrouble: (error) => t.error(error),
    handset: { bootMs: 200, settleMs: 30, leaveMs: 20 },
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
        return { serial, state, usbPath: rack.locate({ ...NO_ROW, serial }) };
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
