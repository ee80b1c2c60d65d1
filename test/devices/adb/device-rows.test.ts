import t from 'tap';
import { parseDeviceRow, parseDeviceRows } from '../../../src/devices/adb/device-rows.js';
import { CONDITIONS } from '../../../src/devices/sighting.js';

const NOTHING = { usbPath: null, product: null, model: null, device: null, transportId: null };

t.test('rows as adb 29.0.6 and later print them', async (t) => {
  const text = [
    '127.0.0.1:16101        device product:x1 model:SO_52C device:pdx transport_id:1',
    '127.0.0.1:16104        unauthorized transport_id:4',
    '127.0.0.1:16106        rescue product:x1 model:SO_52C device:pdx transport_id:6',
    '127.0.0.1:16110        offline product:x1 model:SO_52C device:pdx transport_id:9',
    '26061FDH2000AP         device usb:1-4.2 product:panther model:Pixel_7 device:panther transport_id:12',
    '(no serial number)     no permissions (missing udev rules? user is in the plugdev group); see [http://developer.android.com/tools/device.html] usb:2-1 transport_id:13',
    '26061FDH2000AP         device 1-4.3 product:panther transport_id:14',
    '',
  ].join('\n');
  const sony = { product: 'x1', model: 'SO_52C', device: 'pdx' };
  t.match(parseDeviceRows(text), [
    { serial: '127.0.0.1:16101', condition: 'adb:device', usbPath: null, ...sony, transportId: 1 },
    { ...NOTHING, serial: '127.0.0.1:16104', condition: 'adb:unauthorized', transportId: 4 },
    { condition: 'adb:rescue', ...sony, transportId: 6 },
    { condition: 'adb:offline', ...sony, transportId: 9 },
    {
      serial: '26061FDH2000AP',
      state: 'device',
      usbPath: '1-4.2',
      product: 'panther',
      model: 'Pixel_7',
      device: 'panther',
      transportId: 12,
    },
    {
      serial: null,
      state: /^no permissions \(missing udev rules\? .*device\.html\]$/,
      condition: 'adb:no-permissions',
      usbPath: '2-1',
      transportId: 13,
    },
    { serial: '26061FDH2000AP', condition: 'adb:device', usbPath: '1-4.3', transportId: 14 },
  ]);
  t.equal(parseDeviceRows(text).length, 7);
});

t.test('every state that adb names', async (t) => {
  const named =
    'device unauthorized authorizing connecting offline recovery sideload rescue bootloader';
  for (const state of named.split(' '))
    t.equal(parseDeviceRow(`S1 ${state} transport_id:1`)?.condition, `adb:${state}`);
  for (const state of ['host', 'detached', 'constructor', '__proto__', 'device!', 'unknown'])
    t.match(parseDeviceRow(`S1 ${state} transport_id:1`), { state, condition: 'adb:unknown' });
});

t.test('what is no row gives none', async (t) => {
  for (const line of ['', '   ', 'SERIAL', '(no serial number)', '* daemon started'.slice(0, 1)])
    t.equal(parseDeviceRow(line), null, JSON.stringify(line));
});

t.test('hostile text stays text', async (t) => {
  t.match(parseDeviceRow('S1 device usb:1-4/../../etc transport_id:1e9'), {
    usbPath: null,
    transportId: null,
    condition: 'adb:device',
  });
  t.match(parseDeviceRow('S1 device model:a model:b transport_id:3'), {
    state: 'device model:a',
    condition: 'adb:unknown',
    model: 'b',
    transportId: 3,
  });
  t.match(parseDeviceRow('transport_id:9 device transport_id:3'), {
    serial: 'transport_id:9',
    transportId: 3,
  });
  t.match(parseDeviceRow('S\u202e1\u0007 device model:\u0000evil transport_id:3'), {
    serial: 'S 1',
    model: 'evil',
  });
  const long = parseDeviceRow(`${'S'.repeat(5000)} device product:${'p'.repeat(60_000)}`);
  t.ok((long?.serial?.length ?? 999) <= 128 && (long?.product?.length ?? 999) <= 128);
});

t.test('random rows come back as they were written', async (t) => {
  const random = generator(20_26);
  const states = [
    'device',
    'offline',
    'no permissions (verify udev rules); see [http://x/y.html]',
    'odd one',
  ];
  for (let round = 0; round < 3_000; round += 1) {
    const maybe = <T>(value: T): T | null => (random() < 0.5 ? value : null);
    const digits = () => 1 + Math.floor(random() * 250);
    const row = {
      serial: maybe(word(random)),
      state: states[Math.floor(random() * states.length)] ?? 'device',
      usbPath: maybe(`${digits()}-${digits()}.${digits()}`),
      product: maybe(word(random)),
      model: maybe(word(random)),
      device: maybe(word(random)),
      transportId: maybe(digits()),
    };
    const line = [
      `${(row.serial ?? '(no serial number)').padEnd(22)} ${row.state}`,
      ...(row.usbPath ? [random() < 0.5 ? row.usbPath : `usb:${row.usbPath}`] : []),
      ...(row.product ? [`product:${row.product}`] : []),
      ...(row.model ? [`model:${row.model}`] : []),
      ...(row.device ? [`device:${row.device}`] : []),
      ...(row.transportId ? [`transport_id:${row.transportId}`] : []),
    ].join(' ');
    const parsed = parseDeviceRow(line);
    const { condition, ...rest } = parsed ?? { condition: null };
    if (JSON.stringify(sorted(rest)) !== JSON.stringify(sorted(row)))
      t.same(rest, row, `round ${round}: ${line}`);
  }
  t.pass('3000 rows');
});

t.test('random bytes never throw and give only known conditions', async (t) => {
  const random = generator(7);
  for (let round = 0; round < 2_000; round += 1) {
    const noise = Array.from({ length: 80 }, () => String.fromCharCode(random() * 0x180)).join('');
    for (const row of parseDeviceRows(noise))
      if (!CONDITIONS.includes(row.condition)) t.fail(noise);
  }
  t.pass('2000 texts');
});

function word(random: () => number): string {
  const letters = 'ABCabc019._-';
  const length = 1 + Math.floor(random() * 20);
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
}

function sorted(row: object): [string, unknown][] {
  return Object.entries(row).sort(([a], [b]) => a.localeCompare(b));
}

/** A small fixed sequence, so that a failing round can be run again. */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
