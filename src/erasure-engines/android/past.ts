import type { ResetMethod } from '../../config.js';
import type { Evidence, EvidenceKind, Stage } from '../../evidence.js';
import type { RunHistory } from '../engine.js';

/** The newest fact of one kind, whether it holds or not. */
export function latest(evidence: readonly Evidence[], kind: EvidenceKind): Evidence | null {
  return evidence.findLast((fact) => fact.kind === kind) ?? null;
}

/** One try at a reset as the ledger tells it. */
export interface Try {
  readonly method: ResetMethod;
  /** 1 for the stage's first try. */
  readonly number: number;
  /** How the handset was on the bus when it was asked. */
  readonly presence: string;
  /** The system's boot in which it was asked; null where that could not be read. */
  readonly bootId: string | null;
  /** Null while nothing was concluded: the daemon died, or a person is being waited for. */
  readonly held: boolean | null;
  /** Why it did not hold. */
  readonly why: string | null;
}

/** The tries of one stage, oldest first: every declared intent, with what was concluded of it. */
export function triesOf(history: RunHistory, stage: Stage): readonly Try[] {
  const concluded = history.evidence.filter(
    (fact) => fact.stage === stage && fact.kind === 'rung-tried',
  );
  const intents = history.intents.filter(
    (intent) => intent.stage === stage && intent.step === 'reset',
  );
  return intents.map(({ detail }, index) => {
    const number = Number(detail['try'] ?? index + 1);
    const end = concluded.findLast(({ value }) => value['try'] === number);
    return {
      method: String(detail['method']) as ResetMethod,
      number,
      presence: String(detail['presence'] ?? ''),
      bootId: typeof detail['bootId'] === 'string' ? detail['bootId'] : null,
      held: end?.holds ?? null,
      why: end ? String(end.value['why'] ?? '') : null,
    };
  });
}

/** Reasons after which the same method may be tried once more: it was not the method that failed. */
const NOT_ACTED = 'not-acted';
const MAX_TRIES_PER_METHOD = 2;

/** Methods that are used up: refused, lied, or twice not acted. */
export function usedUp(tries: readonly Try[]): ReadonlySet<ResetMethod> {
  const used = new Set<ResetMethod>();
  for (const { method, held, why } of tries) {
    if (held !== false) continue;
    const same = tries.filter((one) => one.method === method && one.held === false);
    if (why !== NOT_ACTED || same.length >= MAX_TRIES_PER_METHOD) used.add(method);
  }
  return used;
}

/** Whether the free storage was already overwritten and read back in this run. */
export function overwriteDone(history: RunHistory): boolean {
  return latest(history.evidence, 'overwrite-read-back')?.holds === true;
}
