import type { Evidence } from '../evidence.js';
import { DECISIVE_FACTS, RESET_FACTS, RESET_SIGNALS, type ResetSignal } from '../reset-signals.js';

/** What it takes to read evidence, of a run or as a certificate lists it. */
export type Seen = Pick<Evidence, 'holds' | 'value' | 'at'> & {
  readonly kind: string;
  readonly stage: string;
  readonly method: string;
};

const LEAST_RESET_SIGNALS = 3;

/** The independent signals of a reset that hold, by the newest fact of each kind since the last try that failed. */
export function resetSignals(evidence: readonly Seen[]): ResetSignal[] {
  const shows = (kind: string) => newest(evidence, kind)?.holds === true;
  return RESET_SIGNALS.filter((signal) =>
    signal === 'bus' ? RESET_FACTS.bus.every(shows) : RESET_FACTS[signal].some(shows),
  );
}

/** Places of the facts that show these signals. */
export function placesOfSignals(
  evidence: readonly Seen[],
  signals: readonly ResetSignal[],
): number[] {
  const kinds: readonly string[] = signals.flatMap((signal) => RESET_FACTS[signal]);
  return placesOfReset(evidence).filter((place) => {
    const fact = evidence[place];
    return fact?.holds === true && kinds.includes(fact.kind);
  });
}

/** What stands against a proved reset, to be read after "is passed"; empty where it is proved. By the rules of the verdict. */
export function resetDoubts(evidence: readonly Seen[]): string[] {
  const signals = resetSignals(evidence).length;
  const holds = (kind: string) => newest(evidence, kind)?.holds === true;
  const prepared = (kind: string) =>
    evidence.findLast((fact) => fact.stage === 'reset-delete' && fact.kind === kind)?.holds ===
    true;
  const kinds = new Set(placesOfReset(evidence).map((place) => evidence[place]?.kind ?? ''));
  const against = [...kinds].filter(
    (kind) => newest(evidence, kind)?.value['contradicts'] === true,
  );
  return [
    ...(signals < LEAST_RESET_SIGNALS
      ? [`with ${signals} independent signals of a reset; ${LEAST_RESET_SIGNALS} are needed`]
      : []),
    ...(DECISIVE_FACTS.some(holds) ? [] : ['without a fact that decides that there was a reset']),
    ...(prepared('before-reset') ? [] : ['without before-reset that holds']),
    // The firmware's own record of an erase needs no marker.
    ...(prepared('canary-planted') || holds('obliteration-recorded')
      ? []
      : ['without canary-planted that holds']),
    ...against.map((kind) => `with ${kind}, which contradicts a reset`),
  ];
}

function newest(evidence: readonly Seen[], kind: string): Seen | undefined {
  const place = placesOfReset(evidence).findLast((at) => evidence[at]?.kind === kind);
  return place === undefined ? undefined : evidence[place];
}

/** What the reset stage saw since its last failed try: a try that failed takes its signals with it. */
function placesOfReset(evidence: readonly Seen[]): number[] {
  const failure = evidence.findLastIndex(
    ({ kind, stage, holds }) => stage === 'reset-delete' && kind === 'rung-tried' && !holds,
  );
  return evidence.flatMap((fact, place) =>
    place > failure && fact.stage === 'reset-delete' && counts(fact) ? [place] : [],
  );
}

function counts({ kind, value }: Seen): boolean {
  if (kind !== 'person-confirmed') return true;
  return value['attention'] === 'confirm-first-boot-screen' || value['screen'] === 'first-boot';
}
