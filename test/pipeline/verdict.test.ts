import t from 'tap';
import { checkConfig } from '../../src/config.js';
import type { Evidence, EvidenceKind, JsonObject, Stage } from '../../src/evidence.js';
import { STAGES } from '../../src/evidence.js';
import { nextStep } from '../../src/pipeline/next-step.js';
import type { RunRecord } from '../../src/pipeline/run-record.js';
import { judge } from '../../src/pipeline/verdict.js';
import { RESET_FACTS } from '../../src/reset-signals.js';

const { policy } = checkConfig({
  rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
});
const AT = '2026-11-21T00:00:00.000Z';

function fact(stage: Stage, kind: EvidenceKind, value: JsonObject = {}): Evidence {
  return { stage, kind, method: 'test', at: AT, holds: true, value };
}

const IDENTITY = {
  platform: 'android',
  serial: 'SERIAL',
  imeis: ['356303481234561'],
  imeiSource: 'test',
  manufacturer: 'Google',
  brand: 'google',
  model: 'Pixel 7',
  device: 'panther',
  osVersion: '15',
  sdk: 35,
  build: 'x',
  securityPatch: null,
  storageBytes: null,
  encryption: 'file',
  batteryPercent: 80,
  batteryCycles: null,
  felica: 'not-present',
  esim: 'unknown',
} as const;

/** A run in which everything that counts was seen, and no signal of the reset more than needed. */
function good(): RunRecord {
  return {
    run: 'r1',
    port: 'P01',
    usbPath: '1-1',
    handset: 'android:SERIAL',
    openedAt: AT,
    policyVersion: '1',
    identity: IDENTITY,
    plan: { stages: STAGES.map((stage) => ({ stage, method: 'test', reason: null })) },
    evidence: [
      fact('identify', 'identity'),
      fact('identify', 'gates'),
      fact('carrier-check', 'carrier-check-skipped'),
      fact('reset-delete', 'before-reset'),
      fact('reset-delete', 'canary-planted'),
      fact('reset-delete', 'left-bus'),
      fact('reset-delete', 'returned-same-port'),
      fact('reset-delete', 'canary-gone'),
      fact('reset-delete', 'android-id-changed'),
      fact('overwrite-erase', 'overwrite-written'),
      fact('overwrite-erase', 'overwrite-read-back'),
      fact('overwrite-erase', 'overwrite-removed'),
      fact('felica-clear', 'felica-not-present'),
      fact('verify', 'closing-reset'),
      fact('verify', 'final-state'),
    ],
    intents: [],
    attempts: STAGES.map((stage, index) => ({
      stage,
      fence: index + 1,
      startedAt: AT,
      endedAt: AT,
      outcome: { kind: 'done' },
    })),
    attentions: [],
    acts: [],
    voided: null,
    settled: null,
    certificate: null,
  };
}

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

/** The good run of an iPhone whose free storage was not overwritten. */
function iphone(why: string, ...more: Evidence[]): RunRecord {
  const run = good();
  const unlike: EvidenceKind[] = [
    'felica-not-present',
    'overwrite-written',
    'overwrite-read-back',
    'overwrite-removed',
  ];
  return {
    ...run,
    identity: { ...IDENTITY, platform: 'apple' },
    evidence: [
      ...run.evidence.filter(({ kind }) => !unlike.includes(kind)),
      fact('overwrite-erase', 'overwrite-skipped', { why }),
      fact('felica-clear', 'secure-element-cards-ended'),
      ...more,
    ],
  };
}

const overwriteOf = (overwrite: 'required' | 'if-served' | 'off') => ({
  ...policy,
  iphone: { ...policy.iphone, overwrite },
});

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
