import type { Evidence, EvidenceKind, Stage } from '../evidence.js';
import type { RunHistory } from './engine.js';

/** The newest fact of one kind, whether it holds or not. */
export function latest(evidence: readonly Evidence[], kind: EvidenceKind): Evidence | null {
  return evidence.findLast((fact) => fact.kind === kind) ?? null;
}

/** One try at a reset as the ledger tells it. */
export interface Try<Method extends string = string> {
  readonly method: Method;
  /** 1 for the stage's first try. */
  readonly number: number;
  /** The attempt at the stage in which it was declared. */
  readonly fence: number;
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
export function triesOf<Method extends string>(
  history: RunHistory,
  stage: Stage,
): readonly Try<Method>[] {
  const concluded = history.evidence.filter(
    (fact) => fact.stage === stage && fact.kind === 'rung-tried',
  );
  const intents = history.intents.filter(
    (intent) => intent.stage === stage && intent.step === 'reset',
  );
  return intents.map(({ detail, fence }, index) => {
    const number = Number(detail['try'] ?? index + 1);
    const end = concluded.findLast(({ value }) => value['try'] === number);
    return {
      method: String(detail['method']) as Method,
      number,
      fence,
      presence: String(detail['presence'] ?? ''),
      bootId: typeof detail['bootId'] === 'string' ? detail['bootId'] : null,
      held: end?.holds ?? null,
      why: end ? String(end.value['why'] ?? '') : null,
    };
  });
}

/** Reasons after which the same method may be tried once more: it was not the method that failed. */
const NOT_THE_METHOD: readonly (string | null)[] = ['not-acted', 'interrupted'];
const MAX_TRIES_PER_METHOD = 2;

/** Methods that are used up: refused, lied, or twice kept from acting. */
export function usedUp<Method extends string>(tries: readonly Try<Method>[]): ReadonlySet<Method> {
  const used = new Set<Method>();
  for (const { method, held, why } of tries) {
    if (held !== false) continue;
    const same = tries.filter((one) => one.method === method && one.held === false);
    if (!NOT_THE_METHOD.includes(why) || same.length >= MAX_TRIES_PER_METHOD) used.add(method);
  }
  return used;
}

/**
 * Why a handset that was asked stands there as before. Pure. In the same boot nobody acted, as after a crash between
 * intent and act. After a reboot it is `otherwise`, unless the attempt that asked did not live to see the end: then
 * the power may have failed before the handset was asked at all.
 */
export function whyUnchanged(
  one: Try,
  now: { readonly bootId: string | null; readonly fence: number },
  otherwise: string,
): string {
  if (one.bootId !== null && one.bootId === now.bootId) return 'not-acted';
  return one.fence < now.fence ? 'interrupted' : otherwise;
}

/** Whether the free storage was already overwritten and read back in this run. */
export function overwriteDone(history: RunHistory): boolean {
  return latest(history.evidence, 'overwrite-read-back')?.holds === true;
}
