import { readFileSync } from 'node:fs';
import t from 'tap';
import { ADB, control, device, FACE, IDS } from './helpers/device-under-test.js';
import { bulk } from './helpers/host-end.js';
import { CAPABILITIES, CAPABILITY, STATUS } from './usbredir/layouts.js';
import { encodePacket, hello, type Packet, packet } from './usbredir/packets.js';

const bulksIn = (sent: readonly Packet[]) =>
  sent.flatMap((each) =>
    each.kind === 'bulk' ? [[each.id, each.fields.status, each.data.toString('latin1')]] : [],
  );

t.test(
  'what QEMU and Linux asked of a handset is answered the same, however it is cut',
  async (t) => {
    const lines = readFileSync('test/rig/full/fixtures/plug-in.txt', 'utf8').split('\n');
    const said = (mark: string) =>
      lines.flatMap((line) => {
        if (!line.startsWith(mark)) return [];
        const hex = line
          .slice(2)
          .replace(/(..)\*(\d+)/g, (_, byte, times) => byte.repeat(Number(times)));
        return [Buffer.from(hex.replaceAll(' ', ''), 'hex')];
      });
    const host = Buffer.concat(said('>'));
    const [, ...answers] = said('<');
    const expected = Buffer.concat(answers);
    t.ok(expected.length > 2_000);
    for (let cut = 0; cut <= host.length; cut += 1) {
      const usb = device();
      usb.feed(host.subarray(0, cut));
      usb.feed(host.subarray(cut));
      if (!usb.bytes().equals(expected)) t.fail(`cut at ${cut}`);
    }
    const usb = device();
    for (const byte of host) usb.feed(Buffer.of(byte));
    t.ok(usb.bytes().equals(expected), 'and byte by byte');
    t.equal(usb.pipes.length, 1, 'the adb connection begins with the configuration');
  },
);

t.test('a host that can do nothing gets the short packets', async (t) => {
  const usb = device(FACE, 0);
  usb.plug();
  t.equal(usb.reader.agreed, 0);
  const shapes = usb.sent.map((each) => [each.kind, encodePacket(each, 0).length - 12]);
  t.same(shapes, [
    ['endpointInfo', 96],
    ['interfaceInfo', 132],
    ['deviceConnect', 8],
  ]);
  const some = device(FACE, CAPABILITY.ids64 | CAPABILITY.connectDeviceVersion | 0x8d);
  some.plug();
  t.equal(some.reader.agreed, CAPABILITY.ids64 | CAPABILITY.connectDeviceVersion);
  const id = 0xfedcba9876543210n;
  const asked = { ...bulk(0x83, 0x1234), lengthHigh: 0 };
  some.feed(encodePacket(packet('bulk', id, asked), some.reader.agreed));
  t.match(some.sent.at(-1), { kind: 'bulk', id, fields: { status: STATUS.invalid } });
});

t.test('descriptors and standard requests', async (t) => {
  const usb = device();
  usb.plug();
  t.equal(
    control(usb, '80 06 0001 0000', 18),
    '1201000200000040d118e24e1005010203 01'.replace(' ', ''),
  );
  t.equal(control(usb, '80 06 0001 0000', 8), '1201000200000040');
  t.match(control(usb, '80 06 0002 0000'), /^09023e0002010080fa09040000030601010007058102400000/);
  t.equal(control(usb, '80 06 0003 0000'), '04030904');
  t.equal(
    control(usb, '80 06 0303 0904'),
    '1203480031005300450052004900 41004c00'.replace(' ', ''),
  );
  const stalls = {
    'device qualifier': '80 06 0006 0000',
    BOS: '80 06 000f 0000',
    'second configuration': '80 06 0102 0000',
    'string in another language': '80 06 0303 0704',
    'string that is not there': '80 06 0403 0904',
    'Microsoft string': '80 06 ee03 0904',
    'class request': 'a1 67 0000 0000',
    'vendor request': 'c0 33 0000 0000',
    'status of no interface': '81 00 0000 0200',
    'status of no endpoint': '82 00 0000 8500',
    'status of nothing': '83 00 0000 0000',
    'halt of no endpoint': '02 01 0000 8500',
    'remote wake-up': '00 03 0100 0000',
  };
  for (const [what, setup] of Object.entries(stalls))
    t.equal(control(usb, setup, setup.startsWith('0') ? 0 : 255), 'stall', what);
  t.equal(control(usb, '80 00 0000 0000', 2), '0000');
  t.equal(control(usb, '81 00 0000 0100', 2), '0000');
  usb.say('setConfiguration', { configuration: 1 });
  t.equal(control(usb, '02 03 0000 8300', 0), '', 'halted');
  t.equal(control(usb, '82 00 0000 8300', 2), '0100');
  t.match(usb.say('bulk', bulk(0x83, 64)), [{ kind: 'bulk', fields: { status: STATUS.stall } }]);
  t.equal(control(usb, '02 01 0000 8300', 0), '', 'cleared');
  t.equal(control(usb, '82 00 0000 8300', 2), '0000');
  t.same(usb.say('bulk', bulk(0x83, 64)), [], 'and waits for data again');
});

t.test('serials as hostile as they come', async (t) => {
  const serialOf = (serial: string | null) => {
    const usb = device({ ...FACE, serial });
    usb.plug();
    const index = control(usb, '80 06 0001 0000', 18).slice(32, 34);
    return [index, control(usb, '80 06 0303 0904')];
  };
  t.same(serialOf(null), ['00', 'stall']);
  t.same(serialOf(''), ['03', '0203']);
  const [, long = ''] = serialOf('é\0😀'.repeat(100));
  t.equal(long.length / 2, 254);
  t.match(long, /^fe03e90000003dd800de/, 'UTF-16, cut to what a descriptor can hold');
});

t.test('configurations, settings and interrupts', async (t) => {
  const usb = device();
  usb.plug();
  const status = (sent: readonly Packet[]) => sent.at(-1)?.fields;
  t.match(status(usb.say('getConfiguration', {})), { status: 0, configuration: 0 });
  t.match(status(usb.say('getAltSetting', { interfaceNumber: 0 })), { status: STATUS.stall });
  t.match(status(usb.say('setConfiguration', { configuration: 2 })), { status: STATUS.stall });
  t.equal(usb.pipes.length, 0);
  t.match(status(usb.say('setConfiguration', { configuration: 1 })), {
    status: 0,
    configuration: 1,
  });
  t.match(status(usb.say('getConfiguration', {})), { status: 0, configuration: 1 });
  t.match(status(usb.say('setAltSetting', { interfaceNumber: 1, alt: 0 })), { status: 0, alt: 0 });
  t.match(status(usb.say('setAltSetting', { interfaceNumber: 1, alt: 1 })), {
    status: STATUS.stall,
  });
  t.match(status(usb.say('getAltSetting', { interfaceNumber: 2 })), { status: STATUS.stall });
  t.match(status(usb.say('startInterrupt', { endpoint: 0x82 })), { status: 0, endpoint: 0x82 });
  t.match(status(usb.say('stopInterrupt', { endpoint: 0x82 })), { status: 0, endpoint: 0x82 });
  t.match(status(usb.say('startInterrupt', { endpoint: 0x81 })), { status: STATUS.stall });
  const fastboot = device({
    ...IDS,
    serial: null,
    interfaces: [{ ...ADB, protocol: 3 }],
    adb: false,
  });
  fastboot.plug();
  fastboot.say('setConfiguration', { configuration: 1 });
  t.equal(fastboot.pipes.length, 0, 'no adb daemon behind fastboot');
});

t.test('what is written is read in order, transfer by transfer, and nothing is lost', async (t) => {
  const usb = device();
  const pipe = usb.configure();
  const taken: string[] = [];
  const write = (text: string) => pipe.write(Buffer.from(text), () => taken.push(text));
  usb.usb.take(packet('bulk', 1n, bulk(0x83, 64)));
  t.same(usb.sent, [], 'it waits');
  write('first transfer');
  write('second');
  t.same(bulksIn(usb.sent), [[1n, 0, 'first transfer']], 'not a byte across its end');
  t.same(bulksIn(usb.say('bulk', bulk(0x83, 4), 2n)), [[2n, 0, 'seco']]);
  await new Promise(setImmediate);
  t.same(taken, ['first transfer'], 'written is what the host has taken');
  t.same(bulksIn(usb.say('bulk', bulk(0x83, 4), 3n)), [[3n, 0, 'nd']]);
  usb.say('bulk', bulk(0x83, 64), 4n);
  usb.say('bulk', bulk(0x83, 64), 5n);
  t.same(bulksIn(usb.say('cancel', {}, 4n)), [[4n, STATUS.cancelled, '']]);
  t.same(usb.say('cancel', {}, 4n), [], 'it was answered once');
  usb.sent.length = 0;
  write('third');
  t.same(bulksIn(usb.sent), [[5n, 0, 'third']]);
  await new Promise(setImmediate);
  t.same(taken, ['first transfer', 'second', 'third']);
  const sizes = () =>
    usb.sent.map((each) =>
      each.kind === 'bulk' ? [each.data.length, each.fields.length, each.fields.lengthHigh] : [],
    );
  pipe.write(Buffer.alloc(100_000));
  usb.say('bulk', bulk(0x83, 0x20000), 6n);
  t.same(sizes(), [[100_000, 34_464, 1]], 'more than 16 bits can tell');
  pipe.resume();
  await new Promise(setImmediate);
  usb.sent.length = 0;
  usb.feed(
    encodePacket(packet('bulk', 8n, bulk(0x03, 70_000), Buffer.alloc(70_000)), CAPABILITIES),
  );
  t.same(sizes(), [[0, 4_464, 1]]);
});

t.test('a handset that does not read keeps the host back', async (t) => {
  const usb = device();
  const pipe = usb.configure();
  const chunk = (n: number) => Buffer.alloc(8_192, n);
  let answered = 0;
  for (let n = 1; n <= 20; n += 1)
    answered += usb.say('bulk', bulk(0x03, 8_192), BigInt(n), chunk(n)).length;
  t.equal(answered, 0, 'nobody has read yet');
  t.same(bulksIn(usb.say('cancel', {}, 20n)), [[20n, STATUS.cancelled, '']]);
  usb.sent.length = 0;
  pipe.once('readable', () => undefined);
  await new Promise(setImmediate);
  t.ok(usb.sent.length > 0 && usb.sent.length < 10, `room for ${usb.sent.length}`);
  const got: Buffer[] = [];
  for await (const bytes of pipe) {
    got.push(bytes);
    if (Buffer.concat(got).length === 19 * 8_192) break;
  }
  const expected = Buffer.concat(Array.from({ length: 19 }, (_, n) => chunk(n + 1)));
  t.ok(Buffer.concat(got).equals(expected));
  t.match(usb.sent.slice(0, 19), Array(19).fill({ fields: { status: 0, length: 8_192 } }));
});

t.test('MTP is silent until it is given up; resets end what is under way', async (t) => {
  const usb = device();
  const pipe = usb.configure();
  t.same(usb.say('bulk', bulk(0x81, 512), 1n), []);
  t.same(usb.say('bulk', bulk(0x01, 2), 2n, Buffer.from('hi')), []);
  t.same(bulksIn(usb.say('cancel', {}, 1n)), [[1n, STATUS.cancelled, '']]);
  usb.say('bulk', bulk(0x83, 512), 3n);
  const stale = new Promise<Error | null | undefined>((resolve) => pipe.once('close', resolve));
  const cancelled = bulksIn(usb.say('reset', {}));
  t.same(cancelled, [
    [3n, STATUS.cancelled, ''],
    [2n, STATUS.cancelled, ''],
  ]);
  await stale;
  control(usb, '02 03 0000 8300', 0);
  t.notOk(
    usb.sent.some(({ kind }) => kind === 'reset'),
    'which is not adb ending by itself',
  );
  t.match(usb.say('bulk', bulk(0x83, 512)), [{ fields: { status: STATUS.invalid } }]);
  usb.say('setConfiguration', { configuration: 1 });
  t.equal(usb.pipes.length, 2);
  t.equal(control(usb, '82 00 0000 8300', 2), '0000', 'a configuration ends every halt');
  usb.say('bulk', bulk(0x83, 512), 5n);
  usb.pipes[1]?.write('fresh');
  t.same(bulksIn(usb.sent), [[5n, 0, 'fresh']]);
  const unwritten = new Promise<unknown>((resolve) => usb.pipes[1]?.write('untaken', resolve));
  usb.pipes[1]?.destroy();
  t.match(await unwritten, Error, 'and its writer is told');
  await new Promise(setImmediate);
  t.match(usb.sent.at(-1), { kind: 'reset', id: 99n }, 'adb ended by itself');
});

t.test('hostile packets end the conversation before any of them is kept', async (t) => {
  const greeting = encodePacket(hello('a host', CAPABILITIES), 0);
  const head = (type: number, length: number) => {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32LE(type, 0);
    bytes.writeUInt32LE(length, 4);
    return bytes;
  };
  const agreed = (message: Packet) => encodePacket(message, CAPABILITIES);
  const toDevice = {
    endpoint: 0,
    request: 9,
    requestType: 0,
    status: 0,
    value: 0,
    index: 0,
    length: 4,
  };
  const hostile: Readonly<Record<string, Buffer>> = {
    'a second hello': greeting,
    'a type of no use': head(12, 3),
    'a type out of the world': head(0xffffffff, 0),
    'a bulk packet longer than any transfer': head(101, 0x7fffffff),
    'a bulk packet shorter than its fields': head(101, 9),
    'a control packet of more than 64 KiB': head(100, 0x10010),
    'a reset with something in it': head(3, 1),
    'what only a device says': agreed(
      packet('configurationStatus', 1n, { status: 0, configuration: 1 }),
    ),
    'less data than it says': agreed(packet('bulk', 1n, bulk(0x03, 5), Buffer.from('four'))),
    'data where some is asked for': agreed(packet('bulk', 1n, bulk(0x83, 4), Buffer.from('four'))),
    'control without its data': agreed(packet('control', 1n, toDevice)),
    'control both ways': agreed(
      packet('control', 1n, { ...toDevice, requestType: 0x80, length: 0 }),
    ),
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    const usb = device();
    usb.feed(greeting);
    t.throws(() => usb.feed(bytes), /usbredir/, what);
  }
  t.throws(() => device().feed(head(3, 0)), /usbredir/, 'anything before hello');
  t.throws(() => device().feed(head(0, 64 + 68)), /usbredir/, 'a hello without an end');
  t.throws(() => device().feed(head(0, 63)), /usbredir/, 'a hello without a beginning');
  const flood = device();
  flood.configure();
  t.throws(() => {
    for (let n = 0; n < 2_000; n += 1) flood.say('bulk', bulk(0x81, 64), BigInt(n));
  }, /usbredir: more than 1024/);
});
