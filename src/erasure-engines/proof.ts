import type { Policy } from '../config.js';
import type { Evidence, EvidenceKind } from '../evidence.js';
import { DECISIVE_FACTS, RESET_FACTS, RESET_SIGNALS, type ResetSignal } from '../reset-signals.js';

export interface ResetProof {
  readonly proved: boolean;
  readonly signals: readonly ResetSignal[];
  /** What stands in the way of a proof; empty when proved. */
  readonly missing: readonly string[];
}

/**
 * Whether the evidence proves that the handset was reset. Pure. Counted is what the reset-delete stage saw since its
 * last failed try, the newest fact of each kind; the canaries must have been planted and the state before recorded.
 * One fact that contradicts a reset (`value.contradicts`) voids all the others.
 */
export function resetProof(evidence: readonly Evidence[], policy: Policy): ResetProof {
  const facts = newestSinceLastFailure(evidence);
  const holds = (kind: EvidenceKind) => facts.get(kind)?.holds === true;
  const signals = RESET_SIGNALS.filter((signal) =>
    signal === 'bus' ? RESET_FACTS.bus.every(holds) : RESET_FACTS[signal].some(holds),
  );
  const seen = evidence.filter(({ stage }) => stage === 'reset-delete');
  const prepared = (['before-reset', 'canary-planted'] as const).filter(
    (kind) =>
      seen.findLast((fact) => fact.kind === kind)?.holds !== true &&
      // The firmware's own record of the erase needs no marker.
      !(kind === 'canary-planted' && holds('obliteration-recorded')),
  );
  const contradictions = [...facts.values()].filter(({ value }) => value['contradicts'] === true);
  const lacking = policy.minimumResetSignals - signals.length;
  const missing = [
    ...prepared,
    ...contradictions.map(({ kind }) => `contradicted:${kind}`),
    ...(DECISIVE_FACTS.some(holds) ? [] : ['decisive-signal']),
    ...(lacking > 0 ? RESET_SIGNALS.filter((signal) => !signals.includes(signal)) : []),
  ];
  return { proved: missing.length === 0, signals, missing };
}

function newestSinceLastFailure(
  evidence: readonly Evidence[],
): ReadonlyMap<EvidenceKind, Evidence> {
  const own = evidence.filter(({ stage }) => stage === 'reset-delete');
  const failure = own.findLastIndex(({ kind, holds }) => kind === 'rung-tried' && !holds);
  const facts = new Map<EvidenceKind, Evidence>();
  for (const fact of own.slice(failure + 1)) {
    if (fact.kind === 'person-confirmed' && !confirmsFirstBoot(fact)) continue;
    facts.set(fact.kind, fact);
  }
  return facts;
}

/**
 * Whether a person's statement is about the first-boot screen: it names that attention or screen, or was made in
 * the reset stage without being about something else.
 */
export function confirmsFirstBoot({ value }: Evidence): boolean {
  const about = [value['attention'], value['code'], value['confirms']];
  if (about.some((code) => typeof code === 'string'))
    return about.includes('confirm-first-boot-screen');
  if (value['firstBootScreen'] !== undefined)
    return value['firstBootScreen'] === true || value['firstBootScreen'] === 'seen';
  return (
    value['jpki'] === undefined && value['felica'] === undefined && value['marks'] === undefined
  );
}
