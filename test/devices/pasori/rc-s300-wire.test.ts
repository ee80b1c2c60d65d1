import t from 'tap';
import { Port400Decoder } from '../../../src/devices/pasori/port400-envelope.js';
import { rcS300, reply, rig, SWITCH_AUTOMATIC, withSequence } from './helpers/readers.js';
import { CARD, PORT400 } from './helpers/vectors.js';
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
  wait,
} from './helpers/wire.js';

const EXCHANGES = PORT400.filter(({ id }) => id > 'K06');
const named = (id: string) => PORT400.find((vector) => vector.id === id)?.out ?? '';
const [END, BEGIN, RF_OFF, RF_ON, SWITCH, FIRMWARE] = [
  'K01',
  'K02',
  'K03',
  'K04',
  'K05',
  'K06',
].map((id) => withSequence(named(id), '00'));
const RAISE = [END, BEGIN, RF_OFF, RF_ON, SWITCH];
const LOWER = [RF_OFF, END];
const plain = (written: readonly string[]) => written.map((out) => withSequence(out, '00'));
const POLL = payload('0600ffff0100');

/** The card command inside an exchange with a timer. */
const commandIn = (out: string) => out.slice(56, -6);
const replyIn = (answer: string) => {
  const at = answer.indexOf('97', 40);
  return at < 0 ? null : answer.slice(at + 4, -4);
};

t.test(
  'opening, raising and closing go in the order and with the pauses of the reader',
  async (t) => {
    const { wire, reader, pauses } = await rcS300(t, () => [reply('c003006401')]);
    t.equal(reader.name, 'RC-S300/P 01.02.03.04');
    t.strictSame(plain(wire.written), [END, FIRMWARE]);
    await reader.field(true, wait());
    t.strictSame(plain(wire.written.slice(2)), RAISE);
    t.strictSame(pauses, [30, 21, 20]);
    t.equal(await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 100 }), null);
    await reader.field(false, wait());
    t.strictSame(plain(wire.written.slice(8)), LOWER);
    t.strictSame(pauses, [30, 21, 20, 30]);
    await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 100 });
    t.strictSame(plain(wire.written.slice(10, 15)), RAISE, 'a session of its own for each raising');
    await reader.close();
    t.strictSame(plain(wire.written.slice(-2)), LOWER);
    const sequences = wire.written.map((out) => Number.parseInt(out.slice(12, 14), 16));
    t.strictSame(
      sequences,
      sequences.map((_, at) => at + 1),
      'each command has a number of its own',
    );
  },
);

t.test('the commands are the published bytes', async (t) => {
  const { wire, reader } = await rcS300(t, () => [reply('c003006401')]);
  await reader.field(true, wait());
  for (const [at, id] of ['K01', 'K06', 'K01', 'K02', 'K03', 'K04', 'K05'].entries())
    t.equal(withSequence(wire.written[at] ?? '', named(id).slice(12, 14)), named(id), id);
  for (const { id, step, out } of EXCHANGES) {
    const frame = payload(commandIn(out));
    await reader.exchange(frame, { ...wait(), cardTimeoutMs: 100 });
    const sent = wire.written.at(-1) ?? '';
    t.equal(withSequence(sent, out.slice(12, 14)), out, `${id} ${step}`);
  }
});

t.test('every answer comes, however the reader cuts it', async (t) => {
  let answer: Answer = [];
  const { wire, reader } = await rcS300(t, () => answer);
  for (const { id, step, out, answer: published } of EXCHANGES) {
    if (published === null) continue;
    answer = [withSequence(published, '00')];
    const cuts: Cut[] = [apart, glued, everyByte];
    for (let at = 1; at < published.length / 2; at += 1) cuts.push(cutAt(at));
    const seen = new Set<string | null>();
    for (const cut of cuts) {
      wire.cut = cut;
      const options = { ...wait(), cardTimeoutMs: 100 };
      seen.add(hex(await reader.exchange(payload(commandIn(out)), options)));
    }
    const expected = id === 'K10' ? null : (replyIn(published) ?? '').slice(2);
    t.strictSame([...seen], [expected], `${id} ${step} in ${cuts.length} cuts`);
  }
});

t.test('every card frame goes through this reader as well', async (t) => {
  let answer: Answer = [];
  const { reader } = await rcS300(t, () => answer);
  for (const { id, step, command, reply: card, cardTimeoutMs } of CARD) {
    const length = ((card ?? '').length / 2).toString(16).padStart(2, '0');
    answer = [reply(card === null ? 'c003006400' : `c0030090009201009602000097${length}${card}`)];
    const heard = await reader.exchange(payload(command), { ...wait(), cardTimeoutMs });
    t.equal(hex(heard), card === null ? null : card.slice(2), `${id} ${step}`);
  }
});

t.test('where a known success has its IDm and PMm', async (t) => {
  const [poll] = EXCHANGES.filter(({ id }) => id === 'K08');
  const [frame] = new Port400Decoder().push(bytes(poll?.answer ?? ''));
  t.equal((poll?.answer ?? '').length / 2, 46, 'as long as the reply of a real reader');
  t.equal(hex(bytes(poll?.answer ?? '').subarray(26, 34)), 'f14011111111b660');
  t.equal(hex(bytes(poll?.answer ?? '').subarray(34, 42)), '01188b868fbecbff');
  t.match(frame, { sequence: 0x10, status: 'done' });
});

t.test('other fields around the answer do not disturb it', async (t) => {
  let data = '';
  const { reader } = await rcS300(t, () => [reply(data)]);
  const ask = async () => hex(await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 100 }));
  const card = '0a71f14011111111b660';
  for (const fields of [
    `c003009000970a${card}`,
    `c00300900097810a${card}`,
    `c0030090009782000a${card}`,
    `8003000000c003009000970a${card}`,
    `c003009000ff6d03010203ff6d06010203040506970a${card}`,
    `c0030090005f5102aabb8f0103970a${card}`,
    `c003009000970a${card}aa05deadbeef`,
  ]) {
    data = fields;
    t.equal(await ask(), card.slice(2), fields);
  }
});

t.test('replies that are not what they should be', async (t) => {
  let answer: Answer = [];
  const { reader } = await rcS300(t, () => answer);
  const ask = () => reader.exchange(POLL, { ...wait(), cardTimeoutMs: 100 });
  const card = '970a0a71f14011111111b660';
  for (const [data, code] of [
    ['c003009000', 'reader-protocol'],
    [`${card}`, 'reader-protocol'],
    [`c003006401${card}`, 'reader-protocol'],
    [`c003009000${card}${card}`, 'reader-protocol'],
    ['c003009000970b0a71f14011111111b660', 'reader-protocol'],
    ['c003009000978300000a0a71f14011111111b660', 'reader-protocol'],
    [`aa01009000${card}`, 'reader-protocol'],
    ['c00300900097', 'reader-protocol'],
    ['c0030063019201009602000097', 'reader-protocol'],
    ['c003006301', 'rf-fault'],
    ['c00300698a', 'reader-refused'],
    ['c003016401', 'reader-refused'],
    ['c003006402', 'reader-refused'],
    [`c003009000920103${card}`, 'rf-fault'],
    [`c00300900096020100${card}`, 'rf-fault'],
    [`c003009000960101${card}`, 'reader-protocol'],
    ['c003009000970b0a71f14011111111b66000', 'card-protocol'],
    ['c003009000970a0b71f14011111111b660', 'card-protocol'],
    ['c0030090009700', 'reader-protocol'],
  ] as const) {
    answer = [reply(data)];
    await t.rejects(ask(), { code }, data);
  }
  for (const [frame, code] of [
    ['830200000000000000006985', 'reader-refused'],
    ['8301000000000000000090', 'reader-protocol'],
    ['83000000000000000000', 'reader-protocol'],
    ['83ffffff000000000000', 'reader-protocol'],
    ['83000000000000400100', 'reader-refused'],
  ] as const) {
    answer = [frame];
    await t.rejects(ask(), { code }, frame);
  }
  const good = reply(`c003009000${card}`);
  answer = [good];
  t.ok(await ask());
  for (const [at, value] of [
    [0, '84'],
    [5, '01'],
    [7, 'c0'],
    [9, '01'],
  ] as const) {
    answer = [`${good.slice(0, 2 * at)}${value}${good.slice(2 * at + 2)}`];
    await t.rejects(ask(), { code: 'reader-protocol' }, `byte ${at} of the header`);
  }
});

t.test(
  '424 kbps is left to reader and card, and to no setting that stays in the reader',
  async (t) => {
    const { wire, reader } = await rcS300(t, () => [reply('c003006401')]);
    await reader.field(true, wait());
    await reader.bitRate(424, wait());
    t.strictSame(plain(wire.written.slice(-1)), [SWITCH_AUTOMATIC]);
    t.notOk(wire.written.some((out) => /ff5[cd]/.test(out)));
  },
);

t.test('a reader that waits for its firmware is not used', async (t) => {
  const firmware = '01020304000000000000000000000000';
  const opened = rig(t, 0x0dc8, (out) => [
    withSequence(reply(out.endsWith('ff560000') ? firmware : 'c003009000'), out.slice(12, 14)),
  ]);
  await t.rejects(opened, { code: 'reader-unusable', detail: { reason: 'firmware update mode' } });
});
