import t from 'tap';
import { startReader } from '../../../src/devices/pasori/open-reader.js';
import {
  encodeFrame,
  Port100Decoder,
  type Port100Frame,
} from '../../../src/devices/pasori/port100-frames.js';
import { ACK, port100, RATE_424, rcS380, rig } from './helpers/readers.js';
import { BAD_AIR, CARD, FURTHER, GOLDEN } from './helpers/vectors.js';
import {
  type Answer,
  apart,
  bytes,
  type Cut,
  cutAt,
  everyByte,
  glued,
  hex,
  payload,
  Wire,
  wait,
} from './helpers/wire.js';

const POLL = payload('0600ffff0100');
const RAISE = GOLDEN.slice(5, 8).map(({ out }) => out);
const FIELD_OFF = GOLDEN[4]?.out;
const POLL_ANSWER = FURTHER.find(({ id }) => id === 'X07')?.answer ?? '';

const decode = (text: string): Port100Frame[] => new Port100Decoder().push(bytes(text));

t.test('opening, raising the field and polling send the published bytes', async (t) => {
  const { wire, reader, pauses } = await rcS380(t, () => [ACK, POLL_ANSWER]);
  t.equal(reader.name, 'RC-S380/P 1.11');
  t.equal(reader.serial, '0123456');
  t.strictSame(wire.waits, [10], 'the pipe is read until it is quiet for 10 ms');
  t.strictSame(pauses, [20]);
  const answer = await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  t.strictSame(
    wire.written,
    GOLDEN.map(({ out }) => out),
  );
  t.equal(hex(answer), '01014011111111b66001188b868fbecbfffe00');
  await reader.close();
  t.strictSame(wire.written.slice(-2), [FIELD_OFF, ACK]);
  t.equal(wire.closes, 1);
});

t.test('garbage of an earlier owner is read and thrown away', async (t) => {
  const wire = new Wire(0x06c1, () => []);
  wire.answer = port100(() => 'hang');
  wire.leave('01020304', 'd705', '0000ffffff');
  const reader = await startReader(wire, { ...wait(), pause: async () => undefined });
  t.equal(reader.name, 'RC-S380/S 1.11');
  await reader.close();
});

t.test('every command frame is encoded as published', async (t) => {
  for (const { id, step, out } of [...GOLDEN.slice(1), ...FURTHER, ...CARD]) {
    const length = Buffer.from(out, 'hex').readUInt16LE(5);
    const data = bytes(out).subarray(8, 8 + length);
    t.equal(hex(encodeFrame(data)), out, `${id} ${step}`);
  }
});

t.test('every answer is decoded whole, glued, and cut at every byte', async (t) => {
  for (const { id, answer } of [...GOLDEN, ...FURTHER, ...BAD_AIR, ...CARD]) {
    if (answer === null) continue;
    const data = bytes(answer).subarray(8, -2);
    const expected = [{ type: 'ack' }, { type: 'data', data: Buffer.from(data) }];
    const stream = bytes(`${ACK}${answer}`);
    for (let at = 0; at <= stream.length; at += 1) {
      const decoder = new Port100Decoder();
      const frames = [
        ...decoder.push(stream.subarray(0, at)),
        ...decoder.push(stream.subarray(at)),
      ];
      t.strictSame(asBuffers(frames), expected, `${id} cut at ${at}`);
    }
    const decoder = new Port100Decoder();
    const single = [...stream].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    t.strictSame(asBuffers(single), expected, `${id} byte by byte`);
  }
});

t.test('every card frame goes and comes, however the reader cuts it', async (t) => {
  let answer: Answer = [];
  const { wire, reader } = await rcS380(t, () => answer);
  for (const { id, step, command, reply, out, cardTimeoutMs, ...vector } of CARD) {
    answer = [ACK, vector.answer ?? ''];
    const total = ACK.length / 2 + (vector.answer ?? '').length / 2;
    const cuts: Cut[] = [apart, glued, everyByte];
    for (let at = 1; at < total; at += 1) cuts.push(cutAt(at));
    const seen = new Set<string | null>();
    const sent = new Set<string | undefined>();
    for (const cut of cuts) {
      wire.cut = (parts) => (parts.at(-1)?.equals(bytes(vector.answer ?? '')) ? cut(parts) : parts);
      seen.add(hex(await reader.exchange(payload(command), { ...wait(), cardTimeoutMs })));
      sent.add(wire.written.at(-1));
    }
    t.strictSame([...sent], [out], `${id} ${step}`);
    t.strictSame(
      [...seen],
      [reply === null ? null : reply.slice(2)],
      `${id} in ${cuts.length} cuts`,
    );
  }
});

t.test('frames that are not what they should be', async (t) => {
  const refused = (text: string) => t.throws(() => decode(text), { code: 'reader-protocol' }, text);
  const zeros = '0000ffffff1b00e5d70500000000081401000000000000000000000000000000000000';
  refused(`${zeros}f700`);
  t.match(decode(`${zeros}0700`), [{ type: 'data' }], 'N02');
  refused('0000ffffff0200ffd6200a00');
  t.strictSame(decode('0000ffffff0200fed6200a'), [], 'N04 waits for more');
  for (const error of ['0000ffffff', '0000ffffff00']) {
    const decoder = new Port100Decoder();
    t.strictSame(decoder.push(bytes(error)), []);
    t.equal(decoder.endsInError, true, error);
  }
  t.strictSame(asBuffers(decode('0000ff01ffaa5600')), [{ type: 'data', data: Buffer.of(0xaa) }]);
  t.strictSame(decode('0000ff01ff7f8100'), [{ type: 'error' }], 'N08');
  t.strictSame(decode('0000ff'), [], 'N09 waits for more');
  t.strictSame(asBuffers(decode('0000ff00ff000000ffffff0300fdd707002200')), [
    { type: 'ack' },
    { type: 'data', data: Buffer.of(0xd7, 0x07, 0x00) },
  ]);
  t.strictSame(decode('0000ffff0000'), [{ type: 'nak' }]);
  refused('01020304');
  refused('0000ffffffffff02');
  refused('0000ff02ff');
  refused('0000ff00ff01');
  t.strictSame(
    decode('00000000ff00ff000000'),
    [{ type: 'ack' }],
    'zeros between frames are padding',
  );
});

t.test('424 kbps is another setting of the air', async (t) => {
  const { wire, reader } = await rcS380(t, () => [ACK, POLL_ANSWER]);
  await reader.bitRate(424, wait());
  await reader.field(true, wait());
  await reader.field(true, wait());
  t.strictSame(wire.written.slice(5), [RATE_424, ...RAISE.slice(1)], 'on when on is nothing');
  await reader.bitRate(424, wait());
  await reader.bitRate(212, wait());
  t.strictSame(wire.written.slice(8), RAISE, 'the same rate is nothing');
});

t.test('the field off and on again is a new beginning for the chip', async (t) => {
  const { wire, reader, pauses } = await rcS380(t, () => [ACK, POLL_ANSWER]);
  await reader.field(true, wait());
  await reader.field(false, wait());
  await reader.field(false, wait());
  t.strictSame(wire.written.slice(8), [FIELD_OFF]);
  t.strictSame(pauses, [20, 20], 'off for 20 ms');
  await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  t.strictSame(wire.written.slice(9, 12), RAISE);
});

t.test('the card has the time that was asked for, and the reader more', async (t) => {
  const { wire, reader } = await rcS380(t, () => [ACK]);
  for (const [cardTimeoutMs, tenths, replyMs] of [
    [0, '0000', 1_500],
    [10, '6e00', 1_500],
    [10.2, '7800', 1_500],
    [1_200, 'ea2e', 1_700],
    [9_000, 'ffff', 9_500],
  ] as const) {
    const asked = reader.exchange(POLL, { ...wait(), cardTimeoutMs });
    await t.rejects(asked, { code: 'reader-timeout' });
    const [sent] = wire.written.filter((out) => out.includes('d604')).slice(-1);
    t.equal(sent?.slice(20, 24), tenths, `${cardTimeoutMs} ms`);
    t.equal(wire.waits.filter((ms) => ms > 10).at(-1), replyMs);
  }
  wire.answer = port100(() => []);
  await t.rejects(reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 }));
  t.equal(wire.waits.at(-1), 1_000, 'and a second for its acknowledgement');
});

t.test('a reader that knows no command type 1 is asked for type 0', async (t) => {
  const orders: string[] = [];
  const { reader } = await rig(t, 0x06c3, (out) => {
    orders.push(out.slice(16, 22));
    if (out === GOLDEN[1]?.out) return [ACK, '0000ffffff0300fdd72b07f700'];
    if (out.includes('d62a00')) return [ACK, '0000ffffff0300fdd72b00fe00'];
    return port100(() => 'hang')(out);
  });
  t.equal(reader.firmware, '1.11');
  t.strictSame(orders.slice(1, 3), ['d62a01', 'd62a00']);
});

function asBuffers(frames: readonly Port100Frame[]): unknown[] {
  return frames.map((frame) =>
    frame.type === 'data' ? { ...frame, data: Buffer.from(frame.data) } : frame,
  );
}
