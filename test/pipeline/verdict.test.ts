import t from 'tap';
import type { Evidence, JsonObject } from '../../src/evidence.js';
import { nextStep } from '../../src/pipeline/next-step.js';
import type { RunRecord } from '../../src/pipeline/run-record.js';
import { judge } from '../../src/pipeline/verdict.js';
import { RESET_FACTS } from '../../src/reset-signals.js';
import { fact, good, IDENTITY, iphone, overwriteOf, policy } from './helpers/good-run.js';

t.test('everything seen is a pass, and the restriction that nobody checked is said', async (t) => {
  t.strictSame(judge(good(), policy, null), {
    verdict: 'passed',
    lane: 'release',
    reasons: ['note:restriction-not-checked'],
  });
  t.strictSame(nextStep(good(), policy), { do: 'settle' });
});

t.test(
  'without any one of the facts, or with one that no longer holds, nothing passes',
  async (t) => {
    const { evidence } = good();
    for (const [place, { kind }] of evidence.entries()) {
      if (kind === 'carrier-check-skipped') continue;
      const without = { ...good(), evidence: evidence.filter((_, index) => index !== place) };
      t.not(judge(without, policy, null).verdict, 'passed', `without ${kind}`);
      const seenLater = { ...evidence[place], holds: false } as Evidence;
      const undone = { ...good(), evidence: [...evidence, seenLater] };
      t.not(judge(undone, policy, null).verdict, 'passed', `${kind} that does not hold any more`);
    }
  },
);

t.test(
  'without any one of the stages, or with one that ended otherwise, nothing passes',
  async (t) => {
    const { attempts } = good();
    for (const [place, { stage }] of attempts.entries()) {
      const without = { ...good(), attempts: attempts.filter((_, index) => index !== place) };
      t.not(judge(without, policy, null).verdict, 'passed', `without ${stage}`);
      for (const outcome of [
        null,
        { kind: 'again', code: 'handset-gone', detail: {} },
        { kind: 'attention', code: 'battery-low', detail: {} },
        { kind: 'failed', code: 'overwrite-mismatch', detail: {} },
      ] as const) {
        const other = attempts.map((attempt, index) =>
          index === place ? { ...attempt, outcome } : attempt,
        );
        t.not(
          judge({ ...good(), attempts: other }, policy, null).verdict,
          'passed',
          `${stage} ${outcome?.kind ?? 'never ended'}`,
        );
      }
    }
  },
);

t.test('a run that was voided, has no plan or no name never passes', async (t) => {
  for (const reason of ['swapped', 'operator', 'gone-too-long', 'removed'] as const) {
    t.equal(judge(good(), policy, reason).verdict, 'inconclusive', reason);
  }
  t.equal(judge({ ...good(), plan: null }, policy, null).verdict, 'inconclusive');
  const nameless = { ...good(), identity: { ...IDENTITY, serial: null, imeis: [] } };
  t.equal(judge(nameless, policy, null).verdict, 'inconclusive');
});

t.test(
  'a read-back that does not match is a failure, and the handset goes to quarantine',
  async (t) => {
    const attempts = good().attempts.map((attempt) =>
      attempt.stage === 'overwrite-erase'
        ? {
            ...attempt,
            outcome: { kind: 'failed', code: 'overwrite-mismatch', detail: {} } as const,
          }
        : attempt,
    );
    t.match(judge({ ...good(), attempts }, policy, null), {
      verdict: 'failed',
      lane: 'quarantine',
    });
  },
);

/** The good run with other facts from its carrier check. */
function checked(...facts: Evidence[]): RunRecord {
  const others = good().evidence.filter(({ stage }) => stage !== 'carrier-check');
  return { ...good(), evidence: [...others, ...facts] };
}

function decided(lane: string, reasons: string[] = [], more: JsonObject = {}): Evidence {
  return fact('carrier-check', 'restriction-decided', {
    ...{ aggregate: 'circle', beforeErase: 'go-on', lane, reasons, holds: [] },
    policy: { version: '1', sha256: 'x' },
    ...more,
  });
}

t.test('the lane of an erased handset is the one decided of its marks', async (t) => {
  for (const lane of ['release', 'attention', 'return', 'quarantine', 'destroy']) {
    t.strictSame(judge(checked(decided(lane, [`why:${lane}`])), policy, null), {
      verdict: 'passed',
      lane,
      reasons: [`why:${lane}`],
    });
  }
  t.match(judge(checked(decided('destroy'), decided('release')), policy, null), {
    lane: 'release',
  });
});

t.test('without a decision that can be read, no mark and no silence releases', async (t) => {
  const mark = fact('carrier-check', 'carrier-mark', { carrier: 'docomo', mark: 'circle' });
  const unread = { ...decided('release'), holds: false };
  for (const run of [checked(), checked(mark), checked(decided('elsewhere')), checked(unread)])
    t.match(judge(run, policy, null), { verdict: 'passed', lane: 'attention' });
  const undone = { ...fact('carrier-check', 'carrier-check-skipped'), holds: false };
  t.match(judge(checked(undone), policy, null), { lane: 'attention' });
});

t.test('a handset that cannot be asked about is released with a word of its own', async (t) => {
  const value = { outcome: 'not-applicable', why: 'no-modem' };
  const run = checked(fact('carrier-check', 'carrier-check-skipped', value));
  t.strictSame(judge(run, policy, null), {
    verdict: 'passed',
    lane: 'release',
    reasons: ['note:restriction-not-applicable'],
  });
});

t.test('marks never make a run pass that did not', async (t) => {
  const { attempts } = good();
  const stopped = (lane: string, beforeErase: string, stages: number): RunRecord => ({
    ...checked(decided(lane, [], { beforeErase })),
    attempts: attempts.slice(0, stages),
  });
  for (const lane of ['release', 'attention', 'return', 'quarantine', 'destroy']) {
    const before = judge(stopped(lane, 'stop', 2), policy, 'operator');
    t.equal(before.verdict, 'inconclusive');
    t.equal(
      before.lane,
      lane === 'release' ? 'attention' : lane,
      'stopped by its marks, untouched',
    );
    for (const [how, stages] of [
      ['stop', 3],
      ['go-on', 2],
    ] as const)
      t.match(
        judge(stopped(lane, how, stages), policy, 'operator'),
        { verdict: 'inconclusive', lane: 'attention' },
        `${lane} ${how}`,
      );
  }
});

t.test(
  'every signal of a reset is shown by some kind of evidence, and by one signal only',
  async (t) => {
    const kinds = Object.values(RESET_FACTS).flat();
    t.equal(new Set(kinds).size, kinds.length);
  },
);

t.test('an iPhone passes without its overwrite only where the policy says so', async (t) => {
  const allowed = [
    ['policy', 'off'],
    ['files-not-served', 'if-served'],
  ] as const;
  for (const why of ['policy', 'files-not-served', 'tired'])
    for (const setting of ['required', 'if-served', 'off'] as const) {
      const may = allowed.some(([reason, when]) => reason === why && when === setting);
      const { verdict, reasons } = judge(iphone(why), overwriteOf(setting), null);
      t.equal(verdict, may ? 'passed' : 'inconclusive', `${why} ${setting}`);
      t.equal(reasons.includes('note:not-overwritten'), may, 'and it is said');
    }
  const android = { ...iphone('policy'), identity: IDENTITY };
  t.equal(judge(android, overwriteOf('off'), null).verdict, 'inconclusive', 'never an Android');
});

t.test('the word about the secure element counts for an iPhone alone', async (t) => {
  const without = iphone('policy').evidence.filter(
    ({ kind }) => kind !== 'secure-element-cards-ended',
  );
  const run = { ...iphone('policy'), evidence: without };
  t.match(judge(run, overwriteOf('off'), null), {
    verdict: 'inconclusive',
    reasons: ['missing:felica-clear-proof'],
  });
  const android = {
    ...good(),
    evidence: [
      ...good().evidence.filter(({ kind }) => kind !== 'felica-not-present'),
      fact('felica-clear', 'secure-element-cards-ended'),
    ],
  };
  t.equal(judge(android, policy, null).verdict, 'inconclusive');
});

t.test('an iPhone that would not forget this rack passes, and it is said', async (t) => {
  const kept = { ...fact('verify', 'pairing-removed'), holds: false };
  const { verdict, reasons } = judge(iphone('policy', kept), overwriteOf('off'), null);
  t.equal(verdict, 'passed');
  t.ok(reasons.includes('note:pairing-remains'));
});
