import type { Standing } from './restriction-book.js';

/** From one mark to another. `unknown` stands for a handset that was let go before anybody knew its mark. */
export interface MarkChange {
  readonly from: string;
  readonly to: string;
}

/**
 * Whether the operator has to be told that a mark is another one. Compares what counts now with what was told last, or
 * else with the first mark that was known; what is unknown is no mark and changes nothing. A first mark that is a cross
 * is told as well when a run of the IMEI had settled before, at `settledAt` (ISO, UTC).
 */
export function markChange(standing: Standing, settledAt: string | null): MarkChange | null {
  const { newest, first, told } = standing;
  if (!newest || !first) return null;
  const before = told ?? first.mark;
  if (before !== newest.mark) return { from: before, to: newest.mark };
  const late = told === null && settledAt !== null && settledAt < first.at;
  return late && newest.mark === 'cross' ? { from: 'unknown', to: newest.mark } : null;
}
