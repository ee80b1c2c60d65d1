import t from 'tap';
import { LOOK_UP_OUTCOMES } from '../../src/carrier-check/answer.js';
import {
  type Breaker,
  type BreakerEvent,
  CLOSED,
  isHeld,
  nextBreaker,
} from '../../src/carrier-check/broker/breaker.js';
import {
  afterBreak,
  afterReading,
  dueCanary,
  readingOf,
  UNREAD,
} from '../../src/carrier-check/broker/canary.js';
import { jobIdOf } from '../../src/carrier-check/broker/keys.js';
import { dayOf, pauseAfter, ttlOf, untilNextDay } from '../../src/carrier-check/broker/pace.js';
import { type CarrierState, nextStep } from '../../src/carrier-check/broker/plan.js';
import {
  readAnswer,
  readEntry,
  readHealth,
  readNews,
  readQuestion,
  writeEntry,
  writeHeld,
} from '../../src/carrier-check/broker/records.js';
import { unknownAnswer } from '../../src/carrier-check/broker/unknown-answer.js';
import { imeiOf, okAnswer, paceOf } from './helpers/broker-world.js';

const POLICY = { failures: 3, coolDownMs: 1_000, longestCoolDownMs: 5_000 };
const NOON = Date.UTC(2026, 3, 1, 3);

function walk(events: readonly (BreakerEvent | number)[], from = CLOSED): Breaker {
  let now = NOON;
  return events.reduce<Breaker>((breaker, event) => {
    if (typeof event !== 'number') return nextBreaker(breaker, event, { policy: POLICY, now });
    now += event;
    return breaker;
  }, from);
}

const said = (outcome: (typeof LOOK_UP_OUTCOMES)[number]): BreakerEvent => ({
  type: 'answered',
  outcome,
});

t.test('the breaker', async (t) => {
  t.test('what opens it at once, what only after some, and what never', async (t) => {
    const after = (outcome: (typeof LOOK_UP_OUTCOMES)[number]) => walk([said(outcome)]).at;
    t.same(Object.fromEntries(LOOK_UP_OUTCOMES.map((outcome) => [outcome, after(outcome)])), {
      ok: 'closed',
      captcha: 'parked',
      'parser-drift': 'open',
      'rate-limited': 'open',
      maintenance: 'open',
      'http-error': 'closed',
      'not-applicable': 'closed',
      skipped: 'closed',
    });
    t.equal(walk([{ type: 'canary-wrong' }]).at, 'open');
    t.match(walk([said('http-error'), said('http-error')]), { at: 'closed', failures: 2 });
    t.match(walk(Array.from({ length: 3 }, () => said('http-error'))), { at: 'open' });
    const broken = [said('http-error'), said('http-error'), said('ok'), said('http-error')];
    t.match(walk(broken), { at: 'closed', failures: 1 }, 'an answer in between forgives');
  });

  t.test('nothing changes is the same object, so that nothing is written', async (t) => {
    const rules = { policy: POLICY, now: NOON };
    for (const outcome of ['ok', 'skipped', 'not-applicable'] as const)
      t.equal(nextBreaker(CLOSED, said(outcome), rules), CLOSED);
  });

  t.test('the pause doubles with each break, up to the longest', async (t) => {
    const pauses: number[] = [];
    let breaker: Breaker = CLOSED;
    let now = NOON;
    for (let n = 0; n < 5; n += 1) {
      breaker = nextBreaker(breaker, said('rate-limited'), { policy: POLICY, now });
      if (breaker.at !== 'open') throw new Error('not open');
      t.ok(isHeld(breaker, breaker.until - 1));
      t.notOk(isHeld(breaker, breaker.until), 'half-open');
      pauses.push(breaker.until - now);
      now = breaker.until;
    }
    t.same(pauses, [1_000, 2_000, 4_000, 5_000, 5_000]);
    const canary = nextBreaker(breaker, { type: 'canary-right' }, { policy: POLICY, now });
    t.same(canary, { at: 'closed', failures: 0, breaks: 5 }, 'a canary does not shorten it');
    t.same(nextBreaker(canary, said('ok'), { policy: POLICY, now }), CLOSED, 'an answer does');
  });

  t.test('half-open: one failure is enough, one answer closes it', async (t) => {
    t.equal(walk([said('rate-limited'), 1_000, said('http-error')]).at, 'open');
    t.same(walk([said('rate-limited'), 1_000, said('ok')]), CLOSED);
    t.equal(walk([said('rate-limited'), 999, said('ok')]).at, 'open', 'a late answer does not');
  });

  t.test('a captcha waits for a person', async (t) => {
    const parked = walk([said('captcha')]);
    t.ok(isHeld(parked, NOON + 1e12));
    for (const outcome of LOOK_UP_OUTCOMES)
      t.equal(nextBreaker(parked, said(outcome), { policy: POLICY, now: NOON }), parked);
    t.equal(walk([said('rate-limited'), said('captcha')]).at, 'parked', 'even within a pause');
    t.match(walk([said('captcha'), { type: 'resumed' }]), { at: 'closed', breaks: 1 });
    t.equal(walk([{ type: 'resumed' }]), CLOSED);
  });
});

t.test('the canaries', async (t) => {
  const [one, two] = [
    { imei: imeiOf(1), mark: 'circle' },
    { imei: imeiOf(2), mark: 'cross' },
  ] as const;
  const policy = { imeis: [one, two], every: 10 };
  const rules = { policy, now: NOON, dayOf };
  const right = { rightAt: NOON - 1, passed: 0, last: { at: NOON - 1, right: true } };

  t.test('when they are due', async (t) => {
    t.equal(dueCanary(UNREAD, 0, rules), 0, 'at first');
    t.equal(dueCanary(right, 9, rules), null);
    t.equal(dueCanary(right, 10, rules), 0, 'after so many answers');
    t.equal(dueCanary(afterBreak(right), 0, rules), 0, 'after a break');
    const midnight = NOON + untilNextDay(NOON);
    t.equal(dueCanary(right, 0, { ...rules, now: midnight - 1 }), null);
    t.equal(dueCanary(right, 0, { ...rules, now: midnight }), 0, 'on the next day');
    t.equal(dueCanary({ ...right, passed: 1 }, 0, rules), 1, 'in the middle of a round');
    t.equal(dueCanary(UNREAD, 99, { ...rules, policy: { imeis: [], every: 1 } }), null);
  });

  t.test('a round is whole when each was read right', async (t) => {
    const first = afterReading(UNREAD, 'right', rules);
    t.match(first, { wholeRound: false, state: { passed: 1, rightAt: null } });
    t.match(afterReading(first.state, 'right', rules), {
      wholeRound: true,
      state: { passed: 0, rightAt: NOON },
    });
    t.match(afterReading(first.state, 'wrong', rules), {
      wholeRound: false,
      state: { passed: 0, rightAt: null, last: { right: false } },
    });
    t.equal(afterReading(first.state, 'unread', rules).state, first.state);
  });

  t.test('what an answer proves', async (t) => {
    t.equal(readingOf(one, okAnswer(one.imei, 'circle')), 'right');
    for (const mark of ['triangle', 'cross', 'dash', 'unknown'] as const)
      t.equal(readingOf(one, okAnswer(one.imei, mark)), 'wrong');
    const source = { carrier: 'docomo', source: 'web' } as const;
    const trouble = LOOK_UP_OUTCOMES.filter((outcome) => outcome !== 'ok');
    const readings = trouble.map((outcome) => [
      outcome,
      readingOf(one, unknownAnswer(source, one.imei, outcome, NOON)),
    ]);
    t.same(Object.fromEntries(readings), {
      captcha: 'unread',
      'parser-drift': 'wrong',
      'rate-limited': 'unread',
      maintenance: 'unread',
      'http-error': 'unread',
      'not-applicable': 'wrong',
      skipped: 'wrong',
    });
  });
});

t.test('the pace', async (t) => {
  t.equal(dayOf(Date.UTC(2026, 2, 31, 14, 59, 59, 999)), '2026-03-31');
  t.equal(dayOf(Date.UTC(2026, 2, 31, 15)), '2026-04-01', 'Japan is nine hours ahead');
  t.equal(untilNextDay(Date.UTC(2026, 2, 31, 14, 59, 59, 999)), 1);
  t.equal(untilNextDay(Date.UTC(2026, 2, 31, 15)), 24 * 3_600_000);
  const pace = { spacingMs: 2_000, jitterMs: 1_500 };
  t.equal(pauseAfter(pace, 0), 2_001);
  t.equal(pauseAfter(pace, 1), 3_501);
  for (let n = 0; n <= 100; n += 1) t.ok(pauseAfter(pace, n / 100) > pace.spacingMs);
  const ttls = { ttlMs: 86_400_000, troubleTtlMs: 60_000 };
  for (const outcome of LOOK_UP_OUTCOMES)
    t.equal(ttlOf(outcome, ttls), outcome === 'ok' ? ttls.ttlMs : ttls.troubleTtlMs);
  t.equal(ttlOf('http-error', { ...ttls, troubleTtlMs: 0 }), 1_000, 'outlives its own job');
});

t.test('what may be done next', async (t) => {
  const canary = { imeis: [{ imei: imeiOf(1), mark: 'dash' }], every: 10 } as const;
  const pace = paceOf({ perDay: 100, canary });
  const well: CarrierState = {
    breaker: CLOSED,
    canary: { rightAt: NOON, passed: 0, last: null },
    ...{ day: dayOf(NOON), used: 99, since: 9, askedAgain: 0 },
  };
  t.same(nextStep(well, pace, NOON), { do: 'ask' });
  t.same(nextStep({ ...well, since: 10 }, pace, NOON), { do: 'canary', index: 0 });
  t.match(nextStep({ ...well, used: 100 }, pace, NOON), {
    do: 'hold',
    hold: { why: 'day-used-up', outcome: 'skipped' },
    forMs: untilNextDay(NOON),
  });
  const tomorrow = NOON + untilNextDay(NOON);
  t.match(nextStep({ ...well, used: 100 }, pace, tomorrow), { do: 'canary' }, 'a new day');
  const open = walk([said('maintenance')]);
  t.match(nextStep({ ...well, breaker: open }, pace, NOON + 400), {
    do: 'hold',
    hold: { why: 'breaker-open', outcome: 'maintenance' },
    forMs: 600,
  });
  t.match(nextStep({ ...well, breaker: open }, pace, NOON + 1_000), { do: 'ask' });
  t.match(nextStep({ ...well, breaker: walk([said('captcha')]) }, pace, NOON), {
    hold: { why: 'captcha-parked', outcome: 'captcha' },
    forMs: Number.POSITIVE_INFINITY,
  });
});

t.test('what comes back from Redis', async (t) => {
  const entry = { at: NOON, answer: okAnswer(imeiOf(7), 'triangle') };
  t.same(readEntry(writeEntry(entry)), entry);
  t.same(readNews(`answer ${writeEntry(entry)}`), { type: 'answer', imei: imeiOf(7), entry });
  const held = { why: 'breaker-open', outcome: 'rate-limited' } as const;
  t.same(readNews(writeHeld(held)), { type: 'held', hold: held });
  t.same(readNews(`revoked ${imeiOf(1)},${imeiOf(2)}`), {
    type: 'revoked',
    imeis: [imeiOf(1), imeiOf(2)],
  });
  const raw = writeEntry(entry);
  for (let length = 0; length < raw.length; length += 1)
    if (readEntry(raw.slice(0, length)) !== null) t.fail(`a prefix of ${length} passes`);
  const { answer } = entry;
  for (const [what, wrong] of Object.entries({
    'a mark without an ok': { ...answer, outcome: 'parser-drift' },
    'a mark of its own': { ...answer, mark: 'ok' },
    'a short IMEI': { ...answer, imei: '123' },
    'another carrier': { ...answer, carrier: 'vodafone' },
    'a long text': { ...answer, rawText: 'x'.repeat(201) },
    'one field more': { ...answer, trusted: true },
    'a hash that is none': { ...answer, evidence: { sha256: 'f', excerpt: '', parser: '' } },
  }))
    t.equal(readAnswer(wrong), null, what);
  for (const line of ['', 'answer', 'answer {}', 'held {"why":"x"}', 'revoked 1', 'failed x'])
    t.equal(readNews(line), null, line);
  t.same(readHealth({ breaker: '', canary: '' }), { breaker: CLOSED, canary: UNREAD });
  const fine = JSON.stringify({ rightAt: NOON, passed: 0, last: null });
  t.same(
    readHealth({ breaker: '{"at":"ajar"}', canary: fine }),
    { breaker: CLOSED, canary: UNREAD },
    'the canaries are read anew',
  );
  t.equal(readQuestion({ imei: '12', newerThan: 0 }), null);
});

t.test('a question is one job, whose name is no number or path to BullMQ', async (t) => {
  const imei = imeiOf(3);
  const ids = [
    jobIdOf({ imei, newerThan: 0 }, false),
    jobIdOf({ imei, newerThan: 5 }, false),
    jobIdOf({ imei, newerThan: 0 }, true),
  ];
  t.equal(new Set(ids).size, 3);
  t.equal(jobIdOf({ imei, newerThan: 5 }, false), ids[1]);
  for (const id of ids) t.match(id, /^[a-z]+-[0-9a-f]{24}-[0-9]+$/);
  t.notOk(
    ids.some((id) => id.includes(imei)),
    'nor an IMEI in a log',
  );
});
