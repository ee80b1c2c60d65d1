import t from 'tap';
import {
  ACK,
  port100,
  port400,
  rcS300,
  rcS380,
  reply,
  rig,
  withSequence,
} from './helpers/readers.js';
import { CARD, GOLDEN } from './helpers/vectors.js';
import { type Answer, hex, payload, wait } from './helpers/wire.js';

const [poll] = CARD;
const POLL = payload(poll?.command ?? '');
const ANSWER = poll?.answer ?? '';
const SET_RF = GOLDEN[5]?.out;
const BUSY = '8300000000000040e000';
const EXTENSION = '83000000000000800000';
const GOOD = reply(`c0030090009714${poll?.reply}`);
const CARD_WAIT = { ...wait(), cardTimeoutMs: 10 };

t.test('RC-S380: an error frame, whole or in pieces, refuses the command', async (t) => {
  for (const parts of [
    ['0000ffffff'],
    ['0000ffffff00'],
    ['0000ff', 'ffff'],
    ['0000ff01ff7f8100'],
    ['0000ffff0000'],
    [ACK, '0000ffffff00'],
    [ACK, '0000ff01ff7f8100'],
  ]) {
    const { wire, reader } = await rcS380(t, () => parts);
    await t.rejects(reader.exchange(POLL, CARD_WAIT), { code: 'reader-refused' }, parts.join(' '));
    wire.answer = port100(() => [ACK, ANSWER]);
    t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
    t.equal(wire.written.filter((out) => out === SET_RF).length, 2, 'set up anew');
  }
});

t.test('RC-S380: a status other than good has a name', async (t) => {
  const { wire, reader } = await rcS380(t, () => []);
  for (const [status, name] of [
    ['0127', 'parameter'],
    ['0226', 'pb'],
    ['0721', 'command type'],
    ['0920', '0x09'],
  ] as const) {
    const frame = `0000ffffff0300fdd701${status}00`.replace('0920', '091f');
    wire.answer = (out) => (out === SET_RF ? [ACK, frame] : port100(() => [])(out));
    const expected = { code: 'reader-refused', detail: { command: '0x00', status: name } };
    await t.rejects(reader.field(true, wait()), expected);
  }
});

t.test(
  'RC-S300: a busy slot is asked again after 50 ms, once, and at the end four times',
  async (t) => {
    let busy = 1;
    const { wire, reader, pauses } = await rcS300(t, () => (busy-- > 0 ? [BUSY] : [GOOD]));
    await reader.field(true, wait());
    pauses.length = 0;
    t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
    t.strictSame(pauses, [50]);
    busy = 2;
    const refused = { code: 'reader-refused', detail: { error: '0xe0' } };
    await t.rejects(reader.exchange(POLL, CARD_WAIT), refused);
    t.strictSame(pauses, [50, 50], 'after one more try it is over');
    let closing = 4;
    const usual = wire.answer;
    wire.answer = (out) => {
      const ending = out.endsWith('ff50000002820000');
      return ending && closing-- > 0 ? [withSequence(BUSY, out.slice(12, 14))] : usual(out);
    };
    pauses.length = 0;
    await reader.field(true, wait());
    t.strictSame(pauses.slice(0, 4), [50, 50, 50, 50]);
  },
);

t.test('RC-S300: a time extension is waited for, 20 ms each', async (t) => {
  const { reader, pauses } = await rcS300(t, () => [EXTENSION, EXTENSION, EXTENSION, GOOD]);
  await reader.field(true, wait());
  pauses.length = 0;
  t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
  t.strictSame(pauses, [20, 20, 20]);
});

t.test('RC-S300: time extensions without an answer end with the time of the reader', async (t) => {
  const { reader } = await rcS300(t, () => [EXTENSION, EXTENSION]);
  await t.rejects(reader.exchange(POLL, CARD_WAIT), { code: 'reader-timeout' });
});

t.test(
  'RC-S300: replies to earlier commands are thrown away whole, but not without end',
  async (t) => {
    let stale = 2;
    const { wire, reader } = await rcS300(t, () => [GOOD]);
    await reader.field(true, wait());
    const usual = wire.answer;
    const foreign = withSequence(reply('c0030090009708831400000000006b6b'), 'f0');
    wire.answer = (out) => {
      const answer = usual(out);
      return typeof answer === 'string' ? answer : [...Array(stale).fill(foreign), ...answer];
    };
    t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
    stale = 3;
    await t.rejects(reader.exchange(POLL, CARD_WAIT), { code: 'reader-protocol' });
    wire.answer = usual;
    t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
  },
);

t.test('RC-S300: a session that was lost is begun again for the next command', async (t) => {
  let answer: Answer = ['83020000000000000000' + '6985'];
  const { wire, reader } = await rcS300(t, () => answer);
  const refused = { code: 'reader-refused', detail: { status: '6985' } };
  await t.rejects(reader.exchange(POLL, CARD_WAIT), refused);
  answer = [GOOD];
  t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
  const begun = wire.written.filter((out) => out.endsWith('ff50000002810000'));
  t.equal(begun.length, 3, 'raised, brought back in step, raised');
});

t.test('RC-S300: that there is no session to end is no trouble', async (t) => {
  const usual = port400(() => [GOOD]);
  const { reader } = await rig(t, 0x0dc9, (out) =>
    out.endsWith('ff50000002820000')
      ? [withSequence('830200000000000000006985', out.slice(12, 14))]
      : usual(out),
  );
  t.equal(hex(await reader.exchange(POLL, CARD_WAIT)), poll?.reply?.slice(2));
});

t.test('no command that reads, writes or authenticates gets as far as the wire', async (t) => {
  const allowed = new Set([0x00, 0x02, 0x04, 0x0a, 0x0c, 0x1a, 0x1e, 0x22, 0x70]);
  const { wire, reader } = await rcS380(t, () => [ACK, ANSWER]);
  await reader.field(true, wait());
  const before = wire.written.length;
  for (let code = 0; code < 256; code += 1) {
    if (allowed.has(code)) continue;
    const frame = Uint8Array.of(code, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0x0b, 0, 1, 0x80, 0);
    await t.rejects(reader.exchange(frame, CARD_WAIT), { code: 'internal' }, `${code}`);
  }
  await t.rejects(reader.exchange(new Uint8Array(0), CARD_WAIT), { code: 'internal' });
  await t.rejects(reader.exchange(new Uint8Array(255), CARD_WAIT), { code: 'internal' });
  t.equal(wire.written.length, before);
});
