import type { AttentionCode } from '../attention.js';
import type { ErrorCode } from '../errors.js';
import type { HandsetIdentity } from '../handset.js';
import type { ValidationState } from '../ledger/validation-lane.js';
import type { ShownProgress } from './progress.js';
import type { RunRecord } from './run-record.js';

/** What the panel shows of a run beside the state of its port. */
export interface RunFacts {
  readonly identity: HandsetIdentity | null;
  readonly progress: ShownProgress | null;
  readonly waiting: { readonly queue: string; readonly ahead: number } | null;
  readonly reasons: readonly string[];
  readonly error: ErrorCode | null;
  /** What a stage that goes on waits for a person to do. */
  readonly asks: AttentionCode | null;
  /** The FeliCa reader that serves the port, from 1. */
  readonly reader: number | null;
  readonly validation: ValidationState;
}

/** What the record tells, beside what the work of the moment does. Pure. */
export function runFacts(
  { attempts, identity, settled }: RunRecord,
  now: Pick<RunFacts, 'progress' | 'waiting' | 'asks' | 'reader' | 'validation'>,
): RunFacts {
  const outcome = attempts.at(-1)?.outcome;
  const error = outcome?.kind === 'again' || outcome?.kind === 'failed' ? outcome.code : null;
  return { identity, reasons: settled?.reasons ?? [], error, ...now };
}
