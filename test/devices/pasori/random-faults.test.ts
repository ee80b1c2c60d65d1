import t, { type Test } from 'tap';
import type { PasoriReader } from '../../../src/devices/pasori/pasori-reader.js';
import { SarachiError } from '../../../src/errors.js';
import { pick, seeded } from '../../support/random.js';
import { ACK, rcS300, rcS380, reply } from './helpers/readers.js';
import { CARD, type CardVector } from './helpers/vectors.js';
import { type Answer, hex, payload, type Wire, wait } from './helpers/wire.js';

const SEED = Number(process.env['SARACHI_SEED'] ?? 20261122);
const EXCHANGES = 1_500;
/** Answers that no two share, so that one that was mixed up is seen. */
const QUESTIONS = CARD.filter(
  ({ reply: one }, at) => CARD.findIndex((other) => other.reply === one) === at,
);
const CODES: readonly string[] = [
  'aborted',
  'reader-timeout',
  'reader-protocol',
  'reader-refused',
  'rf-fault',
];

type Random = () => number;
type Fault = (good: readonly string[], random: Random) => Answer;

const cutShort = (text: string, random: Random) =>
  text.slice(0, 2 * Math.floor((random() * text.length) / 2));
const ANY_READER: readonly Fault[] = [
  (good) => good,
  (good) => good,
  () => [],
  (good) => good.slice(0, -1),
  (good, random) => [...good.slice(0, -1), cutShort(good.at(-1) ?? '', random)],
  () => 'hang',
];
/** No more than the checksums can see: a frame with one byte changed. */
const ON_RC_S380: readonly Fault[] = [
  ...ANY_READER,
  (good) => good.slice(1),
  (good) => [...good].reverse(),
  (good) => [good.join('') + (good.at(-1) ?? '')],
  () => ['0000ffffff00'],
  (good, random) => {
    const bytes = Buffer.from(good.at(-1) ?? '', 'hex');
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(random() * 255));
    return [...good.slice(0, -1), bytes.toString('hex')];
  },
];
const ON_RC_S300: readonly Fault[] = [
  ...ANY_READER,
  (good) => ['83000000000000800000', ...good],
  () => ['8300000000000040e000'],
  (good) => [...good, '830200000000000000006985'],
];

interface Bench {
  readonly wire: Wire;
  readonly reader: PasoriReader;
  readonly answerOf: (question: CardVector) => readonly string[];
  readonly faults: readonly Fault[];
  air: Answer;
}

/** Asks with a fault on the wire; whatever is heard must be the answer to this very question. */
async function torment(t: Test, bench: Bench): Promise<void> {
  const random = seeded(SEED);
  const seen: Record<string, number> = {};
  for (let asked = 0; asked < EXCHANGES; asked += 1) {
    const question = pick(random, QUESTIONS);
    const fault = pick(random, bench.faults);
    if (!question || !fault) throw new Error('nothing to pick');
    bench.air = fault(bench.answerOf(question), random);
    const stop = new AbortController();
    if (bench.air === 'hang') setImmediate(() => setImmediate(() => stop.abort()));
    const options = { signal: stop.signal, timeoutMs: 10_000, cardTimeoutMs: 10 };
    const heard = await bench.reader
      .exchange(payload(question.command), options)
      .then(hex, (error: unknown) => error);
    const code = heard instanceof SarachiError ? heard.code : 'answered';
    seen[code] = (seen[code] ?? 0) + 1;
    if (code === 'answered') {
      if (heard !== (question.reply?.slice(2) ?? null))
        t.fail(`${question.id}: ${String(heard)} after ${asked} with ${String(bench.air)}`);
    } else if (!CODES.includes(code)) t.fail(`${question.id}: ${code}`);
    // What was under way may still come.
    if (bench.air === 'hang' && random() < 0.5) bench.wire.leave(...bench.answerOf(question));
  }
  t.comment(`SARACHI_SEED=${SEED} ${JSON.stringify(seen)}`);
  t.ok((seen['answered'] ?? 0) > EXCHANGES / 10, 'some were answered');
  t.ok(Object.keys(seen).length >= 5, 'and some were not, in every way');
  for (const question of QUESTIONS) {
    bench.air = bench.answerOf(question);
    const options = { ...wait(), cardTimeoutMs: 10 };
    const heard = await bench.reader.exchange(payload(question.command), options);
    t.equal(hex(heard), question.reply?.slice(2) ?? null, `${question.id} when all is well again`);
  }
}

t.test('RC-S380: no fault on the wire makes one answer out of another', async (t) => {
  let bench: Bench | null = null;
  const { wire, reader } = await rcS380(t, () => bench?.air ?? []);
  const answerOf = ({ answer }: CardVector) => [ACK, answer ?? ''];
  bench = { wire, reader, answerOf, faults: ON_RC_S380, air: [] };
  await torment(t, bench);
});

t.test('RC-S300: no fault on the wire makes one answer out of another', async (t) => {
  let bench: Bench | null = null;
  const { wire, reader } = await rcS300(t, () => bench?.air ?? []);
  const answerOf = ({ reply: card }: CardVector) => {
    const length = ((card?.length ?? 0) / 2).toString(16).padStart(2, '0');
    return [reply(card === null ? 'c003006401' : `c00300900097${length}${card}`)];
  };
  bench = { wire, reader, answerOf, faults: ON_RC_S300, air: [] };
  await torment(t, bench);
});
