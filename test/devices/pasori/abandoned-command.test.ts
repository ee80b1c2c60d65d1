import t from 'tap';
import { ACK, port100, rcS300, rcS380, reply, withSequence } from './helpers/readers.js';
import { CARD, GOLDEN, PORT400 } from './helpers/vectors.js';
import { type Answer, hex, payload, wait } from './helpers/wire.js';

const [poll, other] = CARD;
const POLL = payload(poll?.command ?? '');
const OTHER = payload(other?.command ?? '');
const k = (id: string) => withSequence(PORT400.find((row) => row.id === id)?.out ?? '', '00');

t.test('RC-S380: the late answer to a command given up is never that to the next', async (t) => {
  let answer: Answer = 'hang';
  const { wire, reader } = await rcS380(t, () => answer);
  const stop = new AbortController();
  const options = { signal: stop.signal, timeoutMs: 10_000, cardTimeoutMs: 10 };
  const given = reader.exchange(POLL, options);
  setImmediate(() => stop.abort());
  await t.rejects(given, { code: 'aborted' });
  wire.leave(ACK, poll?.answer ?? '');
  answer = [ACK, other?.answer ?? ''];
  const before = wire.written.length;
  const heard = await reader.exchange(OTHER, { ...wait(), cardTimeoutMs: 10 });
  t.equal(hex(heard), other?.reply?.slice(2));
  const [cancel, off] = [ACK, GOLDEN[4]?.out];
  t.strictSame(wire.written.slice(before, before + 2), [cancel, off], 'cancelled, field off');
});

t.test('RC-S300: the same', async (t) => {
  let answer: Answer = 'hang';
  const { wire, reader } = await rcS300(t, () => answer);
  await reader.field(true, wait());
  await t.rejects(reader.exchange(POLL, { ...wait(30), cardTimeoutMs: 10 }), {
    code: 'reader-timeout',
  });
  const late = wire.written.at(-1)?.slice(12, 14) ?? '';
  wire.leave(withSequence(reply(`c0030090009714${poll?.reply}`), late));
  answer = [reply(`c0030090009714${other?.reply}`)];
  const before = wire.written.length;
  const heard = await reader.exchange(OTHER, { ...wait(), cardTimeoutMs: 10 });
  t.equal(hex(heard), other?.reply?.slice(2));
  t.strictSame(
    wire.written.slice(before, before + 4).map((out) => withSequence(out, '00')),
    [k('K01'), k('K02'), k('K03'), k('K01')],
    'a session of our own, the field off, and over',
  );
});

t.test('a reader that never answers does not hold anybody longer than asked', async (t) => {
  for (const rig of [rcS380, rcS300]) {
    const { reader } = await rig(t, () => 'hang');
    const began = performance.now();
    const asked = reader.exchange(POLL, { ...wait(50), cardTimeoutMs: 10 });
    await t.rejects(asked, { code: 'reader-timeout' });
    t.ok(performance.now() - began < 5_000);
  }
});

t.test('an answer cut off, or none, is a timeout of the reader, and not silence', async (t) => {
  for (const parts of [
    [],
    [ACK],
    [ACK, (poll?.answer ?? '').slice(0, -2)],
    ['0000ff'],
    [ACK, '00'],
  ]) {
    const { reader } = await rcS380(t, () => parts);
    const asked = reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
    await t.rejects(asked, { code: 'reader-timeout' }, parts.join(' '));
  }
  for (const parts of [[], ['83'], ['8307000000000000000000c003006401']]) {
    const { reader } = await rcS300(t, () => parts);
    const asked = reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
    await t.rejects(asked, { code: /^reader-(timeout|protocol)$/ }, parts.join(' '));
  }
});

t.test(
  'an answer to another command, before its acknowledgement, or twice, is refused',
  async (t) => {
    const answer = poll?.answer ?? '';
    for (const parts of [
      [answer, ACK],
      [ACK, '0000ffffff0300fdd701002800'],
      [ACK, ACK, answer],
      [ACK, `${answer}${answer}`],
      [ACK, '0000ffffff0300fdd605002500'],
    ]) {
      const { wire, reader } = await rcS380(t, () => parts);
      const ask = () => reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
      await t.rejects(ask(), { code: 'reader-protocol' }, parts.join(' '));
      wire.answer = port100(() => [ACK, answer]);
      t.equal(hex(await ask()), poll?.reply?.slice(2), 'and the reader is in step again');
    }
  },
);

t.test('a reader that talks without end is not listened to for ever', async (t) => {
  const { wire, reader } = await rcS380(t, () => Array.from({ length: 3_000 }, () => '00'));
  const ask = () => reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  await t.rejects(ask(), { code: 'reader-protocol' });
  await t.rejects(ask(), { code: 'reader-protocol', detail: { reason: /does not stop/ } });
  wire.empty();
  wire.answer = port100(() => []);
});

t.test('commands wait for their turn, also for one that was given up', async (t) => {
  let answer: Answer = 'hang';
  const { wire, reader } = await rcS380(t, () => answer);
  const first = reader.exchange(POLL, { ...wait(50), cardTimeoutMs: 10 });
  const rest = [0, 1, 2].map(() => reader.exchange(OTHER, { ...wait(), cardTimeoutMs: 10 }));
  await t.rejects(first, { code: 'reader-timeout' });
  answer = [ACK, other?.answer ?? ''];
  for (const heard of await Promise.all(rest)) t.equal(hex(heard), other?.reply?.slice(2));
  t.equal(wire.written.filter((out) => out === other?.out).length, 3);
});
