import t from 'tap';
import type { Evidence, EvidenceKind, JsonObject } from '../../src/evidence.js';
import type { RunRecord } from '../../src/pipeline/run-record.js';
import { judge } from '../../src/pipeline/verdict.js';
import { fact, good, iphone, overwriteOf, policy } from './helpers/good-run.js';

/** A run with a chip that was bound, and surveyed at the end with this result. */
function chip(...facts: Evidence[]): RunRecord {
  const run = good();
  return {
    ...run,
    evidence: [...run.evidence.filter(({ kind }) => kind !== 'felica-not-present'), ...facts],
  };
}
const BOUND = fact('felica-clear', 'felica-identity-bound');
const SAID = fact('felica-clear', 'felica-cleared-by', { outcome: 'cleared' });
const CLEAR = fact('felica-clear', 'felica-survey-after', { verdict: 'CLEAR' });
const notHeld = (kind: EvidenceKind, value: JsonObject = {}): Evidence => ({
  ...fact('felica-clear', kind, value),
  holds: false,
});

t.test(
  'a FeliCa chip passes by a survey that is clear and its own, and by nothing less',
  async (t) => {
    const accepting = { ...policy, acceptFelicaDeclaration: true };
    const word = fact('felica-clear', 'person-confirmed', { felica: 'cleared' });
    t.equal(judge(chip(BOUND, SAID, CLEAR), policy, null).verdict, 'passed');
    const air = fact('felica-clear', 'felica-survey-after', { verdict: 'CLEAR_RF' });
    t.equal(judge(chip(BOUND, air), policy, null).verdict, 'passed');
    t.ok(judge(chip(BOUND, air), policy, null).reasons.includes('note:felica-clear-by-air-alone'));
    const doubts: [RunRecord, string][] = [
      [chip(SAID), 'missing:felica-clear-proof'],
      [chip(CLEAR), 'felica:not-bound'],
      [chip(BOUND, CLEAR, SAID), 'felica:not-surveyed-since'],
      [chip(BOUND, CLEAR, notHeld('felica-identity-bound')), 'felica:not-bound'],
      [
        chip(BOUND, CLEAR, notHeld('felica-survey-after', { verdict: 'INCONCLUSIVE' }), word),
        'felica:inconclusive',
      ],
      [
        chip(BOUND, notHeld('felica-survey-after', { verdict: 'INCONCLUSIVE', rerunClear: true })),
        'felica:interrupted',
      ],
    ];
    for (const [run, reason] of doubts) {
      const judged = judge(run, accepting, null);
      t.equal(judged.verdict, 'inconclusive', reason);
      t.not(judged.lane, 'release', reason);
      t.ok(judged.reasons.includes(reason), reason);
    }
    t.equal(
      judge(chip(word), accepting, null).verdict,
      'passed',
      'as before, where policy says so',
    );
    const strict = { ...accepting, requireFelicaSurvey: true };
    t.same(judge(chip(word), strict, null).reasons, ['missing:felica-clear-proof']);
  },
);

t.test('what a reader still saw after the clear goes to quarantine', async (t) => {
  const run = chip(BOUND, SAID, notHeld('felica-survey-after', { verdict: 'RESIDUAL' }));
  const attempts = run.attempts.map((attempt) =>
    attempt.stage === 'felica-clear'
      ? { ...attempt, outcome: { kind: 'failed', code: 'felica-residual', detail: {} } as const }
      : attempt,
  );
  t.match(judge({ ...run, attempts }, policy, null), {
    verdict: 'failed',
    lane: 'quarantine',
    reasons: ['failed:felica-residual'],
  });
});

t.test('a transit card that answers after the erase keeps an iPhone from passing', async (t) => {
  const silent = fact('felica-clear', 'felica-transit-after');
  t.equal(judge(iphone('policy', silent), overwriteOf('off'), null).verdict, 'passed');
  const answered = iphone('policy', notHeld('felica-transit-after'));
  t.match(judge(answered, overwriteOf('off'), null), {
    verdict: 'inconclusive',
    reasons: ['felica:transit'],
  });
});
