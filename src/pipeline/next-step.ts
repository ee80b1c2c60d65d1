import type { AttentionCode } from '../attention.js';
import type { Policy } from '../config.js';
import { ERRORS, type ErrorCode } from '../errors.js';
import type { Stage } from '../evidence.js';
import { lastAttempt, type RunRecord } from './run-record.js';

/** What follows in a run; the same shape as the port machine's `Next`, which may not be imported here. */
export type NextStep =
  | { readonly do: 'stage'; readonly stage: Stage }
  | { readonly do: 'attention'; readonly code: AttentionCode; readonly trouble: ErrorCode | null }
  | { readonly do: 'settle' };

/** An attempt ended: what the port machine is told. */
export interface Outcome {
  readonly run: string;
  readonly port: string;
  readonly fence: number;
  readonly next: NextStep;
}

/**
 * What follows, from the record alone. Pure. A stage that failed ends the run; one that may be tried again is tried
 * `maximumAttempts` times in a row, then a person is asked; what a person did starts the count anew.
 */
export function nextStep(record: RunRecord, policy: Policy): NextStep {
  if (record.settled || record.voided) return { do: 'settle' };
  const order: readonly Stage[] = record.plan?.stages.map(({ stage }) => stage) ?? ['identify'];
  for (const stage of order) {
    const attempt = lastAttempt(record, stage);
    if (!attempt) return { do: 'stage', stage };
    const { outcome } = attempt;
    if (outcome === null) return afterFailures(record, stage, { code: 'aborted', policy });
    switch (outcome.kind) {
      case 'done':
        continue;
      case 'failed':
        return { do: 'settle' };
      case 'attention':
        return { do: 'attention', code: outcome.code, trouble: null };
      case 'again':
        return afterFailures(record, stage, { code: outcome.code, policy });
    }
  }
  // Identify is done but no plan was made of it: planning itself asks for a person (see plan.ts).
  return record.plan
    ? { do: 'settle' }
    : { do: 'attention', code: 'unsupported-handset', trouble: null };
}

function afterFailures(
  record: RunRecord,
  stage: Stage,
  { code, policy }: { code: ErrorCode; policy: Policy },
): NextStep {
  if (failuresInARow(record, stage) < policy.maximumAttempts) return { do: 'stage', stage };
  return { do: 'attention', code: attentionFor(code), trouble: code };
}

function failuresInARow(record: RunRecord, stage: Stage): number {
  const lastAct = record.acts.at(-1)?.at ?? '';
  let count = 0;
  for (const attempt of record.attempts.toReversed()) {
    if (attempt.stage !== stage || attempt.startedAt < lastAct) break;
    const { outcome } = attempt;
    if (outcome !== null && outcome.kind !== 'again') break;
    // Stopped with the daemon or by a lost lock: no failure of the handset.
    if (outcome?.code === 'aborted') continue;
    count += 1;
  }
  return count;
}

/** Which person is asked when trying again did not help: whoever can mend that kind of trouble. */
function attentionFor(code: ErrorCode): AttentionCode {
  // A shell that is refused again and again is one that this version does not speak, as before Android 7.
  if (code === 'adb-closed') return 'unsupported-handset';
  if (code.startsWith('reader-') || code === 'rf-fault' || code === 'card-protocol')
    return 'felica-survey-inconclusive';
  const { blame } = ERRORS[code];
  const atThePort = blame === 'handset' || blame === 'cable' || blame === 'port';
  return atThePort ? 'handset-not-returning' : 'host-trouble';
}
