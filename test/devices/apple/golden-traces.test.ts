import t from 'tap';
import { AfcConnection } from '../../../src/devices/apple/afc/afc-connection.js';
import {
  decodeHeader as decodeAfc,
  encodeFrame as encodeAfc,
  OP,
  pathField,
  u64,
} from '../../../src/devices/apple/afc/afc-frames.js';
import {
  encodeFrame,
  MAX_ANSWER,
  readFrame,
} from '../../../src/devices/apple/lockdown/plist-channel.js';
import { udidOf } from '../../../src/devices/apple/usbmux/mux-device.js';
import { eventOf } from '../../../src/devices/apple/usbmux/mux-events.js';
import { encodePacket, readPacket } from '../../../src/devices/apple/usbmux/packets.js';
import { seeded } from '../../support/random.js';
import { bytewise, cuts, fed } from './helpers/fed.js';
import { feedMutated, VICTIMS } from './helpers/mutated-frames.js';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n';
/** As usbmuxd sends it: 16 bytes of header and 278 of XML. */
const RESULT = Buffer.concat([
  Buffer.from('26010000010000000800000001000000', 'hex'),
  Buffer.from(
    `${HEAD}<dict>\n\t<key>MessageType</key>\n\t<string>Result</string>\n\t<key>Number</key>\n\t<integer>0</integer>\n</dict>\n</plist>\n`,
  ),
]);
const VALUE_XML = Buffer.from(
  `${HEAD}<dict>\n\t<key>Key</key>\n\t<string>ProductVersion</string>\n\t<key>Request</key>\n\t<string>GetValue</string>\n\t<key>Value</key>\n\t<string>17.6.1</string>\n</dict>\n</plist>\n`,
);
const VALUE = Buffer.concat([Buffer.from('00000147', 'hex'), VALUE_XML]);
const wait = () => ({ signal: new AbortController().signal, timeoutMs: 10_000 });
const ended = { code: 'iphone-closed' };

t.test('usbmux: the golden result, whole, cut and byte by byte', async (t) => {
  t.equal(RESULT.length, RESULT.readUInt32LE(0), 'the trace itself is whole');
  const wanted = { tag: 1, body: { MessageType: 'Result', Number: 0 } };
  for (const [first, second] of cuts(RESULT)) {
    t.same(await readPacket(fed(first, second)), wanted);
    if (second.length > 0) await t.rejects(readPacket(fed(first)), ended);
  }
  t.same(await readPacket(fed(...bytewise(RESULT))), wanted);
  const two = fed(Buffer.concat([RESULT, encodePacket(2, { A: 1 })]));
  await readPacket(two);
  t.same(await readPacket(two), { tag: 2, body: { A: 1 } });
});

t.test('usbmux: lengths and kinds that cannot be', async (t) => {
  const broken = { code: 'usbmuxd-protocol' };
  for (const [at, value] of [
    [0, 15],
    [0, 0xffff_ffff],
    [0, (1 << 20) + 1],
    [4, 0],
    [8, 3],
  ] as const) {
    const bytes = Buffer.from(RESULT);
    bytes.writeUInt32LE(value, at);
    await t.rejects(readPacket(fed(bytes)), broken, `${at}: ${value}`);
  }
  const noList = Buffer.from(RESULT);
  noList.fill(0x20, 16);
  await t.rejects(readPacket(fed(noList)), broken);
});

t.test('usbmux: what attached messages tell', async (t) => {
  const attached = (more: object, outer: object = {}) =>
    eventOf({
      MessageType: 'Attached',
      DeviceID: 7,
      Properties: { LocationID: 65_541, ConnectionType: 'USB', SerialNumber: 'A', ...more },
      ...outer,
    });
  const device = { deviceId: 7, udid: 'A', bus: 1, address: 5, productId: null };
  t.same(attached({}), { type: 'attached', device });
  t.match(attached({ LocationID: 0xfffe_0003 }), { device: { bus: 0xfffe, address: 3 } });
  t.equal(attached({ ConnectionType: 'Network' }), null, 'Wi-Fi is no port');
  t.equal(attached({ SerialNumber: '../../x' }), null);
  t.equal(attached({ SerialNumber: 5 }), null);
  t.equal(attached({ LocationID: -1 }), null);
  t.equal(attached({}, { DeviceID: 'x' }), null);
  t.same(eventOf({ MessageType: 'Paired', DeviceID: 7 }), { type: 'paired', deviceId: 7 });
  t.equal(eventOf({ MessageType: 'Detached' }), null);
  t.equal(udidOf('00008030001A2B3C4D5E802E'), '00008030-001A2B3C4D5E802E');
  t.equal(udidOf('00008030-001A2B3C4D5E802E\n'), '00008030-001A2B3C4D5E802E');
  t.equal(udidOf('0'.repeat(40)), '0'.repeat(40), 'older ones have no hyphen');
});

t.test('lockdown: the golden value, whole, cut and byte by byte', async (t) => {
  t.equal(VALUE.length - 4, VALUE.readUInt32BE(0), 'the trace itself is whole');
  const wanted = { Key: 'ProductVersion', Request: 'GetValue', Value: '17.6.1' };
  for (const [first, second] of cuts(VALUE)) {
    t.same(await readFrame(fed(first, second)), wanted);
    if (second.length > 0) await t.rejects(readFrame(fed(first)), ended);
  }
  t.same(await readFrame(fed(...bytewise(VALUE))), wanted);
  const absurd = Buffer.alloc(4, 0xff);
  await t.rejects(readFrame(fed(absurd)), { code: 'handset-too-talkative' });
  absurd.writeUInt32BE(MAX_ANSWER + 1);
  await t.rejects(readFrame(fed(absurd)), { code: 'handset-too-talkative' });
  await t.rejects(readFrame(fed(encodeFrame(Buffer.alloc(0)))), { code: 'handset-garbage' });
});

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
const AFC = {
  open: hex(
    '434641364c504141 3300000000000000 3300000000000000 0500000000000000 0d00000000000000 0300000000000000 2f6600',
  ),
  handle: hex(
    '434641364c504141 3000000000000000 3000000000000000 0100000000000000 0e00000000000000 0100000000000000',
  ),
  write: hex(
    '434641364c504141 3400000000000000 3000000000000000 0600000000000000 1000000000000000 0100000000000000 61626364',
  ),
  full: hex(
    '434641364c504141 3000000000000000 3000000000000000 0100000000000000 0100000000000000 1200000000000000',
  ),
};

t.test('AFC: the golden frames, whole, cut and byte by byte', async (t) => {
  t.same(encodeAfc(5, OP.open, Buffer.concat([u64(3), pathField('/f')])), AFC.open);
  const head = encodeAfc(6, OP.write, u64(1), 4);
  t.same(Buffer.concat([head, Buffer.from('abcd')]), AFC.write);
  t.same(decodeAfc(AFC.write), { operation: OP.write, packet: 6, fields: 8, data: 4 });
  const open = { operation: OP.open, fields: pathField('/f'), answer: OP.openResult };
  for (const [first, second] of cuts(AFC.handle)) {
    const answer = await new AfcConnection(fed(first, second)).request(open, wait());
    t.equal(answer.fields.readBigUInt64LE(0), 1n);
    if (second.length > 0)
      await t.rejects(new AfcConnection(fed(first)).request(open, wait()), ended);
  }
  const write = { operation: OP.write, fields: u64(1), answer: OP.status };
  const full = new AfcConnection(fed(...bytewise(AFC.full))).request(write, wait());
  await t.rejects(full, { code: 'afc-refused', detail: { status: 'no-space', number: 18 } });
});

t.test('AFC: answers that cannot be end the connection', async (t) => {
  const read = { operation: OP.read, fields: u64(1, 4), answer: OP.data, maxAnswer: 4 };
  const refused = async (frame: Buffer, code: string, why: string) => {
    const connection = new AfcConnection(fed(frame));
    await t.rejects(connection.request(read, wait()), { code }, why);
    await t.rejects(connection.request(read, wait()), { code }, `${why}, and after it`);
  };
  const data = (packet: number, length: number) =>
    Buffer.concat([encodeAfc(packet, OP.data, Buffer.alloc(0), length), Buffer.alloc(length)]);
  const good = await new AfcConnection(fed(data(1, 4))).request(read, wait());
  t.equal(good.data.length, 4);
  await refused(data(2, 4), 'afc-protocol', 'another packet number');
  await refused(data(1, 5), 'afc-protocol', 'more than was asked for');
  await refused(encodeAfc(1, OP.data, u64(0)), 'afc-protocol', 'fields in a data answer');
  await refused(encodeAfc(1, OP.openResult, u64(1)), 'afc-protocol', 'another operation');
  await refused(encodeAfc(1, OP.status, u64(0)), 'afc-protocol', 'success without data');
  await refused(encodeAfc(1, OP.status, u64(0, 0)), 'afc-protocol', 'a status of two');
  await refused(encodeAfc(1, OP.data, Buffer.alloc(0), 2 ** 30), 'handset-too-talkative', 'long');
  const magic = data(1, 4);
  magic.write('CFA6LPAB');
  await refused(magic, 'afc-protocol', 'magic');
  const small = data(1, 4);
  small.writeBigUInt64LE(39n, 16);
  await refused(small, 'afc-protocol', 'a head shorter than a head');
  const absurd = data(1, 4);
  absurd.writeBigUInt64LE(2n ** 63n, 8);
  await refused(absurd, 'afc-protocol', 'an absurd length');
});

for (const victim of VICTIMS) {
  t.test(`mutated frames neither stop nor break ${victim.name}`, async (t) => {
    const { taken, refused } = await feedMutated(victim, 1_000, seeded(7));
    t.equal(taken + refused, 1_000);
    t.ok(refused > 100);
  });
}
