import type { Stage } from '../evidence.js';
import type { RunHistory, StageOutcome } from './engine.js';
import { failed } from './outcome.js';
import { type Try, triesOf } from './past.js';

/** `next`: the try is settled or waits to be concluded; go round once more. */
export type Step = StageOutcome | 'next';

/** More rounds than there are methods, each tried twice, would be a fault of ours. */
const MAX_ROUNDS = 10;

/**
 * Goes round until a stage that asks for resets has its outcome: a try that is on record and not settled is concluded
 * first, so that a handset that was reset is never reset again; otherwise the next one is started.
 */
export async function inRounds(
  stage: Stage,
  history: () => RunHistory,
  does: { readonly start: () => Promise<Step>; readonly conclude: (one: Try) => Promise<Step> },
): Promise<StageOutcome> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const last = triesOf(history(), stage).at(-1);
    const step = last && last.held !== false ? await does.conclude(last) : await does.start();
    if (step !== 'next') return step;
  }
  return failed('reset-no-method', { rounds: MAX_ROUNDS });
}
