import t from 'tap';
import { ACK, rcS300, rcS380, reply } from './helpers/readers.js';
import { BAD_AIR, CARD, GOLDEN } from './helpers/vectors.js';
import { type Answer, hex, payload, wait } from './helpers/wire.js';

const [poll] = CARD;
const POLL = payload(poll?.command ?? '');
const RAISE = GOLDEN.slice(5, 8).map(({ out }) => out);
const FIELD_OFF = GOLDEN[4]?.out;
const bad = (id: string): Answer => [ACK, BAD_AIR.find((row) => row.id === id)?.answer ?? ''];

t.test('a disturbed answer is a fault that names itself, and is not tried again', async (t) => {
  for (const [id, fault] of [
    ['X10', 'crc'],
    ['X11', 'collision'],
    ['X12', 'rf off'],
  ] as const) {
    let answer = bad(id);
    const { wire, reader } = await rcS380(t, () => answer);
    const ask = () => reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
    await t.rejects(ask(), { code: 'rf-fault', detail: { fault } }, id);
    t.equal(wire.written.length, 9, 'asked once');
    answer = [ACK, poll?.answer ?? ''];
    t.equal(hex(await ask()), poll?.reply?.slice(2), 'the next answer is good');
    const again = id === 'X12' ? [ACK, FIELD_OFF, ...RAISE] : [];
    t.strictSame(wire.written.slice(9, -1), again, 'the field is raised anew when it was off');
  }
});

t.test('a byte that came in part is a fault', async (t) => {
  const { reader } = await rcS380(t, () => [ACK, '0000ffffff0a00f6d70500000000070371a00900']);
  const asked = reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  await t.rejects(asked, { code: 'rf-fault', detail: { fault: 'partial byte' } });
});

t.test('the RC-S300 names the faults of the air as well', async (t) => {
  let data = '';
  const { wire, reader } = await rcS300(t, () => [reply(data)]);
  const ask = () => reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  for (const [said, fault] of [
    ['c003006301', 'protocol'],
    ['c003009000920103970a0a71f14011111111b660', 'partial byte'],
    ['c00300900096020200970a0a71f14011111111b660', 'collision'],
    ['c00300900096020900970a0a71f14011111111b660', 'crc, framing'],
  ] as const) {
    data = said;
    await t.rejects(ask(), { code: 'rf-fault', detail: { fault } });
  }
  t.equal(wire.written.length, 2 + 5 + 4, 'the session goes on');
});

t.test('a card frame whose length is not its own is no answer', async (t) => {
  const { reader } = await rcS300(t, () => [reply('c003009000970a0971f14011111111b660')]);
  const asked = reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  await t.rejects(asked, {
    code: 'card-protocol',
    detail: { reason: 'length', said: 9, bytes: 10 },
  });
});
