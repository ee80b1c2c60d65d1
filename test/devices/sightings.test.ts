import t from 'tap';
import { parseDeviceRow } from '../../src/devices/adb/device-rows.js';
import { unknownRows } from '../../src/devices/adb/tracked-rows.js';
import { diffSightings, joinSightings, locateBySerial } from '../../src/devices/join-sightings.js';
import { JoinedSightings } from '../../src/devices/joined-sightings.js';
import type { AdbRow, MuxRow, SightingChange, UsbDescription } from '../../src/devices/sighting.js';
import { createLog } from '../../src/log.js';

const ADB = { classCode: 0xff, subclass: 0x42, protocol: 1 };
const MTP = { classCode: 6, subclass: 1, protocol: 1 };

function usb(usbPath: string, serial: string | null, more: Partial<UsbDescription> = {}) {
  return { usbPath, vendorId: 0x18d1, productId: 0x4ee7, serial, interfaces: [ADB], ...more };
}

function row(line: string): AdbRow {
  const parsed = parseDeviceRow(line);
  if (!parsed) throw new Error(line);
  return parsed;
}

function join(devices: readonly UsbDescription[], ...lines: string[]) {
  return joinSightings(devices, lines.map(row), locateBySerial).map(
    ({ usbPath, handset, condition, adb }) =>
      [usbPath, handset, condition, adb?.transportId ?? null] as const,
  );
}

t.test('what bus and adb show together', async (t) => {
  t.same(join([]), []);
  t.same(join([usb('1-1', 'A')]), [['1-1', 'android:A', 'usb:adb', null]], 'adb has not listed it');
  const mtp = usb('1-1', 'A', { interfaces: [MTP] });
  t.same(join([mtp]), [['1-1', 'android:A', 'usb:no-adb', null]], 'as after a reset');
  t.same(join([usb('1-1', 'A')], 'A unauthorized usb:1-1 transport_id:3'), [
    ['1-1', 'android:A', 'adb:unauthorized', 3],
  ]);
  const apple = usb('1-1', '00008030\0\0', { vendorId: 0x05ac, interfaces: [MTP] });
  t.same(join([{ ...apple, serial: '00008030' }]), [['1-1', 'apple:00008030', 'usb:no-mux', null]]);
});

t.test('without a bus the rows of adb are what there is', async (t) => {
  t.same(join([], 'A device usb:1-4.2 transport_id:1', 'B offline 2-1 transport_id:2'), [
    ['1-4.2', 'android:A', 'adb:device', 1],
    ['2-1', 'android:B', 'adb:offline', 2],
  ]);
  t.same(join([], '127.0.0.1:5555 device transport_id:1'), [], 'a row without a place is nowhere');
});

t.test('equal and absent serials', async (t) => {
  const twin = '0123456789ABCDEF';
  const twins = [usb('1-1', twin), usb('1-2', twin)];
  t.same(
    join(twins, `${twin} device usb:1-1 transport_id:1`, `${twin} offline usb:1-2 transport_id:2`),
    [
      ['1-1', `android:${twin}`, 'adb:device', 1],
      ['1-2', `android:${twin}`, 'adb:offline', 2],
    ],
  );
  t.same(
    join(twins, `${twin} device transport_id:1`).map(([, , condition]) => condition),
    ['usb:adb', 'usb:adb'],
  );
  t.same(join([usb('1-1', null)], '(no serial number) device usb:1-1 transport_id:1'), [
    ['1-1', null, 'adb:device', 1],
  ]);
  t.same(join([], 'ev/../il device usb:1-1 transport_id:1'), [['1-1', null, 'adb:device', 1]]);
  t.same(join([usb('1-1', null)], 'A device usb:1-1 transport_id:1'), [
    ['1-1', 'android:A', 'adb:device', 1],
  ]);
});

t.test('a TCP row gets its place by serial or by hand, and never gives a name', async (t) => {
  t.same(join([usb('1-1', 'emu-1')], 'emu-1 device transport_id:1'), [
    ['1-1', 'android:emu-1', 'adb:device', 1],
  ]);
  const tcp = row('127.0.0.1:6001 device transport_id:5');
  const at = joinSightings([], [tcp], () => '1-7');
  t.match(at, [{ usbPath: '1-7', handset: null, condition: 'adb:device' }]);
  const both = joinSightings([usb('1-7', 'SIM1')], [tcp], () => '1-7');
  t.match(both, [{ usbPath: '1-7', handset: 'android:SIM1', condition: 'adb:device' }]);
});

t.test('a row that still speaks of the device before is not the one on the bus', async (t) => {
  t.same(join([usb('1-1', 'NEW')], 'OLD device usb:1-1 transport_id:1'), [
    ['1-1', 'android:NEW', 'usb:adb', null],
  ]);
  t.same(join([], 'OLD offline usb:1-1 transport_id:1', 'NEW device usb:1-1 transport_id:2'), [
    ['1-1', 'android:NEW', 'adb:device', 2],
  ]);
});

t.test('changes are those of identity, condition and transport', async (t) => {
  const at = (...lines: string[]) => joinSightings([], lines.map(row), locateBySerial);
  const one = at('A device usb:1-1 transport_id:1');
  t.same(diffSightings(one, one), []);
  t.same(diffSightings(one, at('A device usb:1-1 model:X transport_id:1')), []);
  t.match(diffSightings(one, at('A offline usb:1-1 transport_id:1')), [{ type: 'seen' }]);
  t.match(diffSightings(one, at('A device usb:1-1 transport_id:2')), [{ type: 'seen' }]);
  t.match(diffSightings(one, at('B device usb:1-1 transport_id:1')), [{ type: 'seen' }]);
  t.same(
    diffSightings(one, at('A device usb:1-2 transport_id:1')).map(({ type }) => type),
    ['gone', 'seen'],
  );
});

function board(options: Partial<ConstructorParameters<typeof JoinedSightings>[0]> = {}) {
  const sightings = new JoinedSightings({ log: createLog('silent'), ...options });
  const told: string[] = [];
  const note = (change: SightingChange) =>
    told.push(
      change.type === 'gone'
        ? `gone ${change.usbPath}`
        : `${change.sighting.usbPath} ${change.sighting.condition}`,
    );
  return { sightings, told, note, unsubscribe: sightings.subscribe(note) };
}

t.test('one handset from plug to unplug', async (t) => {
  const { sightings, told, note, unsubscribe } = board();
  sightings.attached(usb('1-1', 'A'));
  sightings.listed([row('A unauthorized usb:1-1 transport_id:1')]);
  sightings.listed([row('A device usb:1-1 transport_id:1')]);
  sightings.listed([row('A device usb:1-1 transport_id:1')]);
  t.match(sightings.at('1-1'), { handset: 'android:A', condition: 'adb:device' });
  sightings.detached('1-1');
  t.same(told, ['1-1 usb:adb', '1-1 adb:unauthorized', '1-1 adb:device', 'gone 1-1']);
  t.equal(sightings.at('1-1'), null, 'though adb still lists it');
  sightings.listed([]);
  t.same(sightings.list(), []);
  t.equal(told.length, 4);
  const again = sightings.subscribe(note);
  unsubscribe();
  sightings.attached(usb('1-1', 'A'));
  t.equal(told.length, 5, 'one subscription ended, the other stands');
  again();
});

t.test('what adb still lists of a handset that left does not bring it back', async (t) => {
  const { sightings, told } = board({ locate: () => '1-1' });
  const tcp = row('127.0.0.1:6001 device transport_id:4');
  sightings.attached(usb('1-1', 'A'));
  sightings.listed([tcp]);
  sightings.detached('1-1');
  sightings.listed([{ ...tcp, state: 'offline', condition: 'adb:offline' }]);
  sightings.listed(unknownRows([tcp]));
  t.same(told, ['1-1 usb:adb', '1-1 adb:device', 'gone 1-1']);
  sightings.listed([tcp]);
  t.equal(sightings.at('1-1'), null);
  sightings.attached(usb('1-1', 'A'));
  t.match(sightings.at('1-1'), { condition: 'adb:device' }, 'the same transport, plugged in again');
});

t.test('a new transport is seen even if the bus said nothing', async (t) => {
  const { sightings, told } = board();
  sightings.attached(usb('1-1', 'A'));
  sightings.listed([row('A device usb:1-1 transport_id:1')]);
  sightings.detached('1-1');
  sightings.listed([row('A device usb:1-1 transport_id:2')]);
  t.same(told.slice(-2), ['gone 1-1', '1-1 adb:device']);
});

t.test('the server restarts: unknown, not gone', async (t) => {
  const { sightings, told } = board();
  const device = row('A device usb:1-1 transport_id:3');
  sightings.listed([device]);
  sightings.listed(unknownRows([device]));
  t.match(sightings.at('1-1'), { handset: 'android:A', condition: 'adb:unknown' });
  sightings.listed([{ ...device, transportId: 1 }]);
  t.same(told, ['1-1 adb:device', '1-1 adb:unknown', '1-1 adb:device']);
});

t.test('order holds when a listener changes the board or throws', async (t) => {
  const { sightings, unsubscribe } = board();
  unsubscribe();
  const told: string[] = [];
  sightings.subscribe((change) => {
    if (change.type === 'seen' && change.sighting.usbPath === '1-1') sightings.detached('1-1');
    throw new Error('this one always fails');
  });
  const late: string[] = [];
  sightings.subscribe((change) => {
    told.push(change.type);
    if (told.length === 1) sightings.subscribe((later) => late.push(later.type));
  });
  sightings.attached(usb('1-1', 'A'));
  t.same(told, ['seen', 'gone']);
  t.same(sightings.list(), []);
  t.same(late, [], 'a subscriber hears only what changed after it came');
});

const UDID = '00008030-001A2B3C4D5E802E';
const iphone = (usbPath: string, serial: string | null = '00008030001A2B3C4D5E802E') =>
  usb(usbPath, serial, { vendorId: 0x05ac, productId: 0x12a8, interfaces: [MTP] });
const muxRow = (more: Partial<MuxRow> = {}): MuxRow => ({
  udid: UDID,
  deviceId: 7,
  usbPath: '1-4.2',
  productId: 0x12a8,
  address: '1:9',
  condition: 'mux:attached',
  ...more,
});

t.test('an iPhone of the bus and of usbmuxd is one handset', async (t) => {
  const join = (devices: readonly UsbDescription[], ...rows: MuxRow[]) =>
    joinSightings(devices, [], locateBySerial, rows).map(
      ({ usbPath, handset, condition, mux }) =>
        [usbPath, handset, condition, mux?.deviceId ?? null] as const,
    );
  const wanted = [['1-4.2', `apple:${UDID}`, 'mux:attached', 7]];
  t.same(join([iphone('1-4.2')]), [['1-4.2', `apple:${UDID}`, 'usb:no-mux', null]]);
  t.same(join([iphone('1-4.2')], muxRow()), wanted);
  t.same(join([], muxRow()), wanted, 'without a bus');
  t.same(join([iphone('1-4.2')], muxRow({ usbPath: null })), wanted, 'found by its serial');
  t.same(join([iphone('1-4.2', null)], muxRow()), wanted, 'a bus that may not read serials');
  t.same(join([iphone('1-4.2', UDID)], muxRow()), wanted, 'a bus that knows the hyphen');
  const [moved] = join([iphone('1-9'), iphone('1-4.2', '00008030FFFFFFFFFFFFFFFF')], muxRow());
  t.same(moved, ['1-4.2', 'apple:00008030-FFFFFFFFFFFFFFFF', 'usb:no-mux', null]);
  t.same(join([iphone('1-1'), iphone('1-2')], muxRow({ usbPath: null })).length, 2);
  t.same(
    join([iphone('1-1'), iphone('1-2')], muxRow({ usbPath: null })).map(([, , said]) => said),
    ['usb:no-mux', 'usb:no-mux'],
    'two of the same serial: not guessed',
  );
  t.same(
    join([], muxRow(), muxRow({ deviceId: 9, condition: 'mux:paired' })).map(([, , , id]) => id),
    [9],
    'the later of two at one path',
  );
});

t.test(
  'an iPhone that leaves the bus is gone before usbmuxd notices, and comes back',
  async (t) => {
    const board = new JoinedSightings({ log: createLog('silent') });
    const told: string[] = [];
    board.subscribe((change) =>
      told.push(
        change.type === 'gone'
          ? 'gone'
          : `${change.sighting.condition} ${change.sighting.mux?.deviceId ?? '-'}`,
      ),
    );
    board.attached(iphone('1-4.2'));
    board.muxListed([muxRow({ condition: 'mux:paired' })]);
    board.detached('1-4.2');
    board.muxListed([muxRow({ condition: 'mux:unknown', deviceId: null })]);
    t.same(board.list(), []);
    board.muxListed([]);
    board.muxListed([muxRow({ deviceId: 8, condition: 'mux:unpaired' })]);
    t.same(told, ['usb:no-mux -', 'mux:paired 7', 'gone', 'mux:unpaired 8']);
  },
);
