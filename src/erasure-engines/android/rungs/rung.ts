import type { ResetMethod } from '../../../config.js';
import type { HandsetReport } from '../report.js';
import type { Visit } from '../visit.js';

/**
 * How a handset answered to a reset that was asked of it. `asked`: it did not object, which proves nothing.
 * `refused`: it said why not.
 */
export type Answer =
  | { readonly kind: 'asked'; readonly said: string }
  | { readonly kind: 'refused'; readonly why: string; readonly said: string }
  | { readonly kind: 'unknown-screen'; readonly said: string };

/** One way to make a handset reset itself. Called only after the intent is on disk. */
export interface Rung {
  readonly method: Exclude<ResetMethod, 'person'>;
  ask(visit: Visit, report: HandsetReport): Promise<Answer>;
}
