import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import t from 'tap';
import type { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import { eventually } from '../../devices/helpers/eventually.js';
import { type RigUnderTest, rigUnderTest } from './rig-under-test.js';

// Each mostly waits for the seconds in which adb looks at the bus, so they wait side by side.
t.jobs = 3;

const condition = ({ host }: RigUnderTest, usbPath: string, wanted: string) =>
  host.until(() => host.at(usbPath)?.condition === wanted, `${usbPath} to be ${wanted}`);

const said = async ({ host }: RigUnderTest, usbPath: string, command: string) =>
  (await host.shell(usbPath, command)).stdout.trim();

t.test(
  'bus and adb are one sighting, and the link reaches the handset',
  { buffered: true },
  async (t) => {
    const rig = await rigUnderTest(t);
    const { rack, host, handset } = rig;
    const pixel = await handset({ serial: 'RIG0001' });
    rack.plug('1-1.2', pixel);
    await condition(rig, '1-1.2', 'adb:device');
    t.equal(host.sightings.length, 1);
    t.match(host.at('1-1.2'), {
      handset: 'android:RIG0001',
      usb: { serial: 'RIG0001', vendorId: 0x18d1, productId: 0x4ee2 },
      adb: { serial: 'RIG0001', usbPath: '1-1.2', model: 'Pixel_7' },
    });
    t.same(await host.shell('1-1.2', 'echo out; echo err >&2; exit 3'), {
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 3,
    });
    const numbers = Array.from({ length: 60_000 }, (_, n) => `${n + 1}\n`).join('');
    const { stdout } = await host.shell('1-1.2', 'seq 1 60000');
    t.ok(stdout === numbers, 'what takes many transfers comes in whole and in order');
    const sum = createHash('sha256').update(numbers).digest('hex');
    const echoed = await host.shell('1-1.2', 'sha256sum', { stdin: numbers });
    t.match(echoed.stdout, sum, 'and goes out so');

    rack.unplug('1-1.2');
    await host.until(() => host.at('1-1.2') === null, 'the departure');
    await t.rejects(host.shell('1-1.2', 'true'), { message: 'handset-gone' });
    rack.plug('1-1.3', pixel);
    await condition(rig, '1-1.3', 'adb:device');
    t.equal(host.sightings.length, 1, 'replugged elsewhere, it is only there');
    t.equal(await said(rig, '1-1.3', 'getprop ro.serialno'), 'RIG0001');
  },
);

t.test(
  'two handsets with the same serial, and one with none, stay apart',
  { buffered: true },
  async (t) => {
    const rig = await rigUnderTest(t);
    const { rack, host, handset } = rig;
    rack.plug('1-1.1', await handset({ usbSerial: 'TWIN' }));
    rack.plug('1-1.2', await handset({ usbSerial: 'TWIN', profile: 'google-pixel-9' }));
    rack.plug('1-1.3', await handset({ usbSerial: null, profile: 'sony-so-03l' }));
    const paths = ['1-1.1', '1-1.2', '1-1.3'];
    for (const path of paths) await condition(rig, path, 'adb:device');
    t.same(
      host.sightings.map(({ usbPath, handset, adb }) => [usbPath, handset, adb?.usbPath]),
      [
        ['1-1.1', 'android:TWIN', '1-1.1'],
        ['1-1.2', 'android:TWIN', '1-1.2'],
        ['1-1.3', null, '1-1.3'],
      ],
    );
    const models = await Promise.all(
      paths.map((path) => said(rig, path, 'getprop ro.product.model')),
    );
    t.same(models, ['Pixel 7', 'Pixel 9', 'SO-03L'], 'each link reaches the handset at its place');
  },
);

t.test(
  'a reset takes adb away, a person gives it back and taps Allow',
  { buffered: true },
  async (t) => {
    const rig = await rigUnderTest(t);
    const { rack, host, handset } = rig;
    const pixel = await handset();
    rack.plug('1-1.2', pixel);
    await condition(rig, '1-1.2', 'adb:device');
    host.bus.length = 0;
    pixel.person.resetByHand();
    await condition(rig, '1-1.2', 'usb:no-adb');
    t.same(
      host.bus.map(({ type }) => type),
      ['detached', 'attached'],
      'it left the bus and came back with other descriptors',
    );
    t.equal(host.at('1-1.2')?.adb, null);
    pixel.person.enableUsbDebugging();
    await condition(rig, '1-1.2', 'adb:unauthorized');
    await t.rejects(host.shell('1-1.2', 'true'));
    pixel.person.authorise();
    await condition(rig, '1-1.2', 'adb:device');
    t.equal(await said(rig, '1-1.2', 'getprop ro.serialno'), pixel.serial);
  },
);

t.test('a hub is pulled while its handsets work, and put back', { buffered: true }, async (t) => {
  const rig = await rigUnderTest(t);
  const { umock, rack, host, handset } = rig;
  const pixels = [await handset(), await handset()];
  const paths = ['1-1.4.1', '1-1.4.2'];
  const putIn = async () => {
    await umock.hub('1-1.4');
    for (const [n, one] of pixels.entries()) rack.plug(paths[n] ?? '', one);
  };
  await putIn();
  for (const path of paths) await condition(rig, path, 'adb:device');
  const began = (one: SimulatedHandset) => existsSync(one.hostPath('/data/local/tmp/began'));
  const working = paths.map((path) => host.shell(path, 'touch /data/local/tmp/began; sleep 60'));
  const ended = working.map((work) => t.rejects(work, { message: 'handset-gone' }));
  await eventually('both commands under way', () => pixels.every(began));
  rack.pull(paths);
  await Promise.all(ended);
  await host.until(() => host.sightings.length === 0, 'everything to be gone');
  await umock.remove('1-1.4');
  await putIn();
  for (const path of paths) await condition(rig, path, 'adb:device');
  const serials = await Promise.all(paths.map((path) => said(rig, path, 'getprop ro.serialno')));
  t.same(
    serials,
    pixels.map(({ serial }) => serial),
  );
});

t.test(
  'an adb server that dies comes back and finds the handset',
  { buffered: true },
  async (t) => {
    const rig = await rigUnderTest(t);
    const { rack, host, handset } = rig;
    rack.plug('1-1.2', await handset({ serial: 'RIG0002' }));
    await condition(rig, '1-1.2', 'adb:device');
    const before = host.adbPid;
    t.ok(before);
    if (before) process.kill(before, 'SIGKILL');
    await condition(rig, '1-1.2', 'adb:unknown');
    t.ok(host.at('1-1.2')?.usb, 'the bus shows it meanwhile');
    await condition(rig, '1-1.2', 'adb:device');
    t.not(host.adbPid, before);
    t.equal(await said(rig, '1-1.2', 'getprop ro.serialno'), 'RIG0002');
    t.equal(host.bus.length, 1, 'on the bus nothing happened');
  },
);
