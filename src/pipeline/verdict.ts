import type { Policy } from '../config.js';
import { resetProof } from '../erasure-engines/proof.js';
import type { EvidenceKind, JsonObject } from '../evidence.js';
import type { Lane, Verdict } from '../ledger/entry.js';
import { lastAttempt, latest, type RunRecord, type Voided } from './run-record.js';

export interface Judgement {
  readonly verdict: Verdict;
  readonly lane: Lane;
  /** Machine words, one per cause, such as `missing:overwrite-read-back` or `note:restriction-not-checked`. */
  readonly reasons: readonly string[];
}

const LANES: readonly Lane[] = ['release', 'attention', 'quarantine', 'destroy', 'return'];

/** Facts without which nothing passes, whatever else was seen. */
const REQUIRED: readonly EvidenceKind[] = ['identity', 'gates', 'closing-reset', 'final-state'];
const OVERWRITTEN: readonly EvidenceKind[] = [
  'overwrite-written',
  'overwrite-read-back',
  'overwrite-removed',
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
    ...lacking(record, REQUIRED),
    ...(maySkipOverwrite(record, policy) ? [] : lacking(record, OVERWRITTEN)),
    ...(record.identity?.imeis.length || record.identity?.serial ? [] : ['missing:identifier']),
    ...resetDoubts(record, policy),
    ...felicaDoubts(record, policy),
  ];
  if (missing.length > 0) {
    return { verdict: 'inconclusive', lane: laneUntouched(record), reasons: missing };
  }
  const { reasons, ...judgement } = passed(record);
  return { ...judgement, reasons: [...reasons, ...notes(record, policy)] };
}

function lacking(record: RunRecord, kinds: readonly EvidenceKind[]): string[] {
  return kinds
    .filter((kind) => latest(record, kind)?.holds !== true)
    .map((kind) => `missing:${kind}`);
}

/** An iPhone's erase destroys its keys, so that policy may do without the overwrite; what the engine claims is not enough. */
function maySkipOverwrite(record: RunRecord, { iphone }: Policy): boolean {
  const skipped = latest(record, 'overwrite-skipped');
  if (record.identity?.platform !== 'apple' || !skipped?.holds) return false;
  const why = skipped.value['why'];
  if (why === 'policy') return iphone.overwrite === 'off';
  return why === 'files-not-served' && iphone.overwrite === 'if-served';
}

/** What a pass leaves to be known. */
function notes(record: RunRecord, policy: Policy): string[] {
  return [
    ...(maySkipOverwrite(record, policy) && lacking(record, OVERWRITTEN).length > 0
      ? ['note:not-overwritten']
      : []),
    ...(latest(record, 'pairing-removed')?.holds === false ? ['note:pairing-remains'] : []),
    ...(latest(record, 'felica-survey-after')?.value['verdict'] === 'CLEAR_RF'
      ? ['note:felica-clear-by-air-alone']
      : []),
  ];
}

const PROVED_BAD: readonly string[] = ['overwrite-mismatch', 'reset-not-proved', 'felica-residual'];

/** What was shown to be wrong, as opposed to not shown to be right. */
function provedBad(record: RunRecord): string[] {
  const failures = record.attempts.flatMap(({ outcome }) =>
    outcome?.kind === 'failed' ? [outcome.code] : [],
  );
  const bad = failures.filter((code) => PROVED_BAD.includes(code));
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

/** Whether a person's word that a chip was cleared can pass a handset. Where not, only a survey at a reader can. */
export function wordOnFelicaCounts(policy: Policy): boolean {
  return policy.acceptFelicaDeclaration && !policy.requireFelicaSurvey;
}

function felicaDoubts(record: RunRecord, policy: Policy): string[] {
  const surveyed = surveyDoubts(record);
  if (surveyed) return surveyed;
  if (latest(record, 'felica-not-present')?.holds) return [];
  const { identity } = record;
  // Nobody can look into the element of an iPhone: its maker says that the proved erase ends the cards in it.
  if (identity?.platform === 'apple' && latest(record, 'secure-element-cards-ended')?.holds)
    return latest(record, 'felica-transit-after')?.holds === false ? ['felica:transit'] : [];
  const declared = record.evidence.some(
    ({ kind, holds, value }) =>
      kind === 'person-confirmed' && holds && value['felica'] !== undefined,
  );
  return declared && wordOnFelicaCounts(policy) ? [] : ['missing:felica-clear-proof'];
}

/** Null where no reader looked at the chip at the end. */
function surveyDoubts(record: RunRecord): string[] | null {
  const { evidence } = record;
  const at = evidence.findLastIndex(({ kind }) => kind === 'felica-survey-after');
  const seen = evidence[at];
  if (!seen) return null;
  if (!seen.holds) return felicaFound(seen.value);
  const changed = evidence.slice(at).some(({ kind }) => kind === 'felica-cleared-by');
  return [
    ...(latest(record, 'felica-identity-bound')?.holds ? [] : ['felica:not-bound']),
    ...(changed ? ['felica:not-surveyed-since'] : []),
  ];
}

/** A survey that did not show a clear chip outweighs whatever anybody says. */
function felicaFound({ verdict, rerunClear }: JsonObject): string[] {
  return [
    `felica:${String(verdict).toLowerCase().replaceAll('_', '-')}`,
    ...(rerunClear === true ? ['felica:interrupted'] : []),
  ];
}

/** The lane of an erased handset is what was decided of its marks; without a decision nobody knows. */
function passed(record: RunRecord): Judgement {
  const decided = decisionOf(record);
  if (decided) return { verdict: 'passed', ...decided };
  const skipped = latest(record, 'carrier-check-skipped');
  if (!skipped?.holds) {
    return { verdict: 'passed', lane: 'attention', reasons: ['missing:restriction-decided'] };
  }
  const inapplicable = skipped.value['outcome'] === 'not-applicable';
  const note = inapplicable ? 'note:restriction-not-applicable' : 'note:restriction-not-checked';
  return { verdict: 'passed', lane: 'release', reasons: [note] };
}

/** What `decideRestriction` made of the marks, as the stage put it on record. */
function decisionOf(record: RunRecord): Pick<Judgement, 'lane' | 'reasons'> | null {
  const decided = latest(record, 'restriction-decided');
  if (decided) {
    const { lane, reasons } = decided.value;
    return {
      lane: LANES.find((known) => decided.holds && known === lane) ?? 'attention',
      reasons: Array.isArray(reasons) ? reasons.map(String) : [],
    };
  }
  // Marks alone say nothing: an earlier version decided them here, by rules that are nowhere on record.
  const undecided = { lane: 'attention', reasons: ['missing:restriction-decided'] } as const;
  return latest(record, 'carrier-mark') ? undecided : null;
}

/** A handset that was stopped by its marks, and that nobody then erased, goes where the marks send it. */
function laneUntouched(record: RunRecord): Lane {
  const decided = latest(record, 'restriction-decided');
  const touched = record.attempts.some(
    ({ stage }) => stage === 'reset-delete' || stage === 'overwrite-erase',
  );
  const lane = decisionOf(record)?.lane;
  if (touched || decided?.value['beforeErase'] !== 'stop' || !lane) return 'attention';
  return lane === 'release' ? 'attention' : lane;
}
