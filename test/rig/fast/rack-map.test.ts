import t from 'tap';
import type { UsbInterface } from '../../../src/devices/sighting.js';
import { type RigUnderTest, rigUnderTest } from './rig-under-test.js';

t.jobs = 2;

const MTP: UsbInterface = { classCode: 6, subclass: 1, protocol: 1 };
const NO_PORT = 'a device is at a usb path that is no port of this rack';
/** As deep as USB allows: five hubs below the root hub. */
const DEEPEST = '1-1.4.4.4.4.7';

const shows = ({ host }: RigUnderTest, port: string, serial: string, condition = 'adb:device') =>
  host.until(() => {
    const shown = host.port(port);
    return shown?.condition === condition && shown.handset?.serialMasked?.endsWith(serial) === true;
  }, `${serial} in ${port}`);

t.test(
  'handsets behind none to five hubs are told as their ports',
  { buffered: true },
  async (t) => {
    const rig = await rigUnderTest(t, {
      before: async (umock) => {
        for (const hub of ['1-1.4', '1-1.4.4', '1-1.4.4.4', '1-1.4.4.4.4']) await umock.hub(hub);
      },
      openings: { P01: ['1-1.1'], P02: ['1-2'], P03: ['1-1.4.2'], P04: [DEEPEST], P05: ['1-1.4'] },
    });
    const { rack, host, handset } = rig;
    const places = { P01: '1-1.1', P02: '1-2', P03: '1-1.4.2', P04: DEEPEST };
    for (const [port, usbPath] of Object.entries(places))
      rack.plug(usbPath, await handset({ serial: `SERIAL00${port}` }));
    rack.plug('1-1.10', await handset({ serial: 'NOWHERE' }));
    for (const port of Object.keys(places)) await shows(rig, port, port);
    await host.until(() => host.at('1-1.10')?.condition === 'adb:device', 'the one without a port');
    t.equal(host.port('P05')?.state, 'empty', 'a hub in an opening is no handset');
    const strangers = () =>
      host.said
        .split('\n')
        .filter((line) => line.includes(NO_PORT))
        .map((line) => /"usbPath":"([^"]+)"/.exec(line)?.[1]);
    t.same(strangers(), ['1-1.10'], 'only it is told of as being nowhere, and once');
    rack.unplug('1-1.10');
    await host.until(() => host.at('1-1.10') === null, 'the one without a port to be gone');
    t.same(strangers(), ['1-1.10'], 'its leaving is no news');

    rack.pull(['1-1.4.2', DEEPEST]);
    await host.until(() => host.port('P04')?.state === 'empty', 'the hub to be empty');
    const states = () => host.ports.at(-1)?.map(({ port, state }) => `${port} ${state}`);
    t.same(states(), ['P01 unready', 'P02 unready', 'P03 empty', 'P04 empty', 'P05 empty']);
  },
);

t.test('the USB 2 and the USB 3 half of an opening are one port', { buffered: true }, async (t) => {
  const rig = await rigUnderTest(t, {
    before: async (umock) => {
      for (const hub of ['usb2', '2-1']) await umock.hub(hub);
    },
    openings: { P01: ['1-1.1', '2-1.1'], P02: ['1-1.2', '2-1.2'] },
  });
  const { umock, rack, host, handset } = rig;
  rack.plug('1-1.1', await handset({ serial: 'SERIAL00P01' }));
  const mover = await handset({ serial: 'SERIAL00P02' });
  rack.plug('2-1.2', mover);
  await shows(rig, 'P01', 'P01');
  await shows(rig, 'P02', 'P02');
  const { stdout } = await host.shell('2-1.2', 'getprop ro.serialno');
  t.equal(stdout.trim(), mover.serial, 'the link goes by the bus as well as by the chain');

  rack.unplug('2-1.2');
  await host.until(() => host.port('P02')?.state === 'empty', 'its departure');
  rack.plug('1-1.2', mover);
  await shows(rig, 'P02', 'P02');
  rack.unplug('1-1.2');
  await host.until(() => host.port('P02')?.state === 'empty', 'the other departure');

  const same = {
    vendorId: 0x18d1,
    productId: 0x4ee1,
    interfaces: [MTP],
    serial: 'SERIAL00BOTH',
    socket: null,
  };
  await umock.add('1-1.2', same);
  await shows(rig, 'P02', 'OTH', 'usb:no-adb');
  host.ports.length = 0;
  await umock.add('2-1.2', same);
  await host.until(() => host.at('2-1.2') !== null, 'the USB 3 half');
  await umock.remove('1-1.2');
  await host.until(() => host.at('1-1.2') === null, 'the USB 2 half to go');
  await umock.remove('2-1.2');
  await host.until(() => host.port('P02')?.state === 'empty', 'the end');
  const states = host.ports.map((ports) => ports.find(({ port }) => port === 'P02')?.state);
  const fromFirstEmpty = states.slice(states.indexOf('empty'));
  t.same([...new Set(fromFirstEmpty)], ['empty'], 'not empty while one half is there');
  t.notMatch(host.said, NO_PORT);
});
