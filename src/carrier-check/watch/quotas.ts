import type { CarrierView } from '../broker/carrier-view.js';
import { untilNextDay } from '../broker/pace.js';
import { DAY_MS } from './due-checks.js';

export interface QuotaRules {
  /** The most that one look asks a carrier. */
  readonly perTick: number;
  /** From 0 to 1: the share of a carrier's day that a look may use when the day begins. */
  readonly dayShare: number;
  /** Ms since the epoch. */
  readonly now: number;
}

/**
 * How many questions a look may put to a carrier. Handsets in the ports go first: the rest of the day's cap is kept for
 * them in proportion to what remains of the day. Nothing while the carrier is not to be asked at all.
 */
export function quotaOf(view: CarrierView, { perTick, dayShare, now }: QuotaRules): number {
  const { breaker, rate, waiting } = view;
  if (breaker.state === 'open' || breaker.state === 'parked') return 0;
  const keptBack = rate.perDay * (1 - dayShare) * (untilNextDay(now) / DAY_MS);
  const free = Math.floor(rate.perDay - rate.usedToday - keptBack) - waiting;
  const mayAsk = breaker.state === 'half-open' ? Math.min(perTick, 1) : perTick;
  return Math.max(0, Math.min(mayAsk, free));
}
