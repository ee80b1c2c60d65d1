import type { Policy } from '../config.js';
import { resetProof } from '../erasure-engines/android/proof.js';
import type { Evidence, EvidenceKind } from '../evidence.js';
import type { Lane, Verdict } from '../ledger/entry.js';
import { lastAttempt, latest, type RunRecord, type Voided } from './run-record.js';

export interface Judgement {
  readonly verdict: Verdict;
  readonly lane: Lane;
  /** Machine words, one per cause, such as `missing:overwrite-read-back` or `note:restriction-not-checked`. */
  readonly reasons: readonly string[];
}

/** Facts without which nothing passes, whatever else was seen. */
const REQUIRED: readonly EvidenceKind[] = [
  'identity',
  'gates',
  'overwrite-written',
  'overwrite-read-back',
  'overwrite-removed',
  'closing-reset',
  'final-state',
];

/**
 * The only place where a verdict is made, from the record and the policy alone. Pure. Silence, a missing fact, an
 * unfinished stage and a voided run are never a pass.
 */
export function judge(record: RunRecord, policy: Policy, voidedNow: Voided | null): Judgement {
  const voided = voidedNow ?? record.voided;
  const proofs = provedBad(record);
  if (proofs.length > 0) return { verdict: 'failed', lane: 'quarantine', reasons: proofs };
  const missing = [
    ...(voided ? [`voided:${voided}`] : []),
    ...unfinished(record),
    ...REQUIRED.filter((kind) => latest(record, kind)?.holds !== true).map(
      (kind) => `missing:${kind}`,
    ),
    ...(record.identity?.imeis.length || record.identity?.serial ? [] : ['missing:identifier']),
    ...resetDoubts(record, policy),
    ...felicaDoubts(record, policy),
  ];
  if (missing.length > 0) return { verdict: 'inconclusive', lane: 'attention', reasons: missing };
  return passed(record);
}

/** What was shown to be wrong, as opposed to not shown to be right. */
function provedBad(record: RunRecord): string[] {
  const failures = record.attempts.flatMap(({ outcome }) =>
    outcome?.kind === 'failed' ? [outcome.code] : [],
  );
  const bad = failures.filter(
    (code) => code === 'overwrite-mismatch' || code === 'reset-not-proved',
  );
  return [...new Set(bad)].map((code) => `failed:${code}`);
}

function unfinished(record: RunRecord): string[] {
  const stages = record.plan?.stages ?? [];
  const open = stages.filter(({ stage }) => lastAttempt(record, stage)?.outcome?.kind !== 'done');
  const failures = record.attempts.flatMap(({ stage, outcome }) =>
    outcome?.kind === 'failed' ? [`failed:${stage}:${outcome.code}`] : [],
  );
  return [
    ...(record.plan ? [] : ['missing:plan']),
    ...open.map(({ stage }) => `unfinished:${stage}`),
    ...failures,
  ];
}

function resetDoubts(record: RunRecord, policy: Policy): string[] {
  const { proved, missing } = resetProof(record.evidence, policy);
  return proved ? [] : missing.map((signal) => `reset:${signal}`);
}

function felicaDoubts(record: RunRecord, policy: Policy): string[] {
  if (latest(record, 'felica-not-present')?.holds) return [];
  const declared = record.evidence.some(
    ({ kind, holds, value }) =>
      kind === 'person-confirmed' && holds && value['felica'] !== undefined,
  );
  return declared && policy.acceptFelicaDeclaration ? [] : ['missing:felica-clear-proof'];
}

function passed(record: RunRecord): Judgement {
  const marks = newestMarks(record);
  const restricted = marks.filter(({ value }) => value['mark'] !== 'circle');
  if (restricted.length > 0) {
    const reasons = restricted.map(
      ({ value }) => `restriction:${value['carrier']}:${value['mark']}`,
    );
    const lane = restricted.some(({ value }) => value['mark'] === 'cross')
      ? 'quarantine'
      : 'attention';
    return { verdict: 'passed', lane, reasons };
  }
  const unchecked = marks.length === 0 ? ['note:restriction-not-checked'] : [];
  return { verdict: 'passed', lane: 'release', reasons: unchecked };
}

/** A check that was cut short and made again has written some marks twice. */
function newestMarks({ evidence }: RunRecord): Evidence[] {
  const marks = evidence.filter(({ kind }) => kind === 'carrier-mark');
  return [...new Map(marks.map((mark) => [mark.value['carrier'], mark])).values()];
}
