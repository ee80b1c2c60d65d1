import { type Breaker, isHeld } from './breaker.js';
import { type CanaryState, dueCanary } from './canary.js';
import { type CarrierPace, dayOf, untilNextDay } from './pace.js';
import type { Trouble } from './unknown-answer.js';

/** What all racks together know about one carrier. */
export interface CarrierState {
  readonly breaker: Breaker;
  readonly canary: CanaryState;
  /** The day that `used` counts. */
  readonly day: string;
  readonly used: number;
  /** Real answers since the canaries were last read right. */
  readonly since: number;
  /** Questions that were asked again because a worker died between the request and its answer; of all days. */
  readonly askedAgain: number;
}

export const HELD_FOR = ['breaker-open', 'captcha-parked', 'day-used-up'] as const;
export type HeldFor = (typeof HELD_FOR)[number];

export interface Hold {
  readonly why: HeldFor;
  /** What a caller is told; `skipped` where the carrier itself is well. */
  readonly outcome: Trouble;
}

export type Step =
  | { readonly do: 'ask' }
  | { readonly do: 'canary'; readonly index: number }
  | { readonly do: 'hold'; readonly hold: Hold; readonly forMs: number };

/** What may be done with a question at this moment. */
export function nextStep(state: CarrierState, pace: CarrierPace, now: number): Step {
  const { breaker } = state;
  if (breaker.at !== 'closed' && isHeld(breaker, now)) {
    const forMs = breaker.at === 'parked' ? Number.POSITIVE_INFINITY : breaker.until - now;
    return { do: 'hold', hold: holdOf(breaker), forMs };
  }
  if (usedToday(state, now) >= pace.perDay) {
    const hold = { why: 'day-used-up', outcome: 'skipped' } as const;
    return { do: 'hold', hold, forMs: untilNextDay(now) };
  }
  const index = dueCanary(state.canary, state.since, { policy: pace.canary, now, dayOf });
  return index === null ? { do: 'ask' } : { do: 'canary', index };
}

/** Why nobody may be asked while the breaker is so. */
export function holdOf(breaker: Exclude<Breaker, { at: 'closed' }>): Hold {
  const why = breaker.at === 'parked' ? 'captcha-parked' : 'breaker-open';
  return { why, outcome: breaker.outcome };
}

/** Look-ups that were made on the present day. */
export function usedToday({ day, used }: CarrierState, now: number): number {
  return day === dayOf(now) ? used : 0;
}
