import type { ValidationState } from '../ledger/validation-lane.js';
import type { RunRecord } from './run-record.js';

/** What a second person said of a settled run. */
export interface Validation {
  readonly decision: 'accept' | 'reject';
  /** Id of the key. */
  readonly by: string;
  readonly person: string;
  readonly note: string | null;
  readonly at: string;
}

/** How a run stands: only one that would be released waits for a second person. Pure. */
export function validationState(record: RunRecord, required: boolean): ValidationState {
  if (record.validation) return record.validation.decision === 'accept' ? 'accepted' : 'rejected';
  return required && record.settled?.lane === 'release' ? 'waiting' : 'not-needed';
}

export interface Validator {
  readonly decision: Validation['decision'];
  readonly by: string;
  readonly person: string;
}

/**
 * Why somebody may not validate a run; null where they may. Whoever confirms is not whoever erased (guideline of the
 * Reuse Mobile Japan association): nobody who acted in the run, by whichever of their keys, and nobody while it
 * cannot be told who acted. Pure.
 */
export function refusalToValidate(
  record: RunRecord,
  { decision, by, person }: Validator,
  personOf: (key: string) => string | null,
): string | null {
  if (!record.settled) return 'the run has no verdict yet';
  if (record.validation) return 'the run was validated already';
  if (decision === 'reject') return null;
  if (record.settled.verdict !== 'passed') return 'a run that did not pass cannot be accepted';
  for (const act of record.acts) {
    if (act.by === by) return 'this key acted in the run: somebody else has to validate it';
    const actor = personOf(act.by);
    if (actor === null) return 'it cannot be told who acted in the run: reject it and erase again';
    if (samePerson(actor, person))
      return 'this person acted in the run: somebody else has to validate it';
  }
  return null;
}

function samePerson(one: string, other: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
  return plain(one) === plain(other);
}
