import type { Carrier } from '../marks.js';
import { type Breaker, isHeld } from './breaker.js';
import { dueCanary } from './canary.js';
import { type CarrierPace, dayOf } from './pace.js';
import { type CarrierState, usedToday } from './plan.js';
import type { Trouble } from './unknown-answer.js';

/** How one carrier stands, for the API. Times are ISO. */
export interface CarrierView {
  readonly carrier: Carrier;
  /** Questions in the queue of all racks. */
  readonly waiting: number;
  /** 1 while a look-up is under way. */
  readonly active: number;
  readonly rate: {
    readonly spacingMs: number;
    readonly jitterMs: number;
    readonly usedToday: number;
    readonly perDay: number;
  };
  readonly breaker: {
    /** `half-open`: the next look-up tries whether the carrier is itself again. */
    readonly state: 'closed' | 'half-open' | 'open' | 'parked';
    readonly outcome: Trouble | null;
    readonly since: string | null;
    /** null where a person must end it, and where there is nothing to end. */
    readonly until: string | null;
  };
  readonly canary: {
    readonly configured: number;
    /** The next look-up is a canary. */
    readonly due: boolean;
    /** The last one that was read, and whether it had the mark that it should. */
    readonly last: { readonly at: string; readonly right: boolean } | null;
    readonly answersSince: number;
  };
  /** Questions asked a second time because a worker died between request and answer. */
  readonly askedAgain: number;
}

export interface Described {
  readonly carrier: Carrier;
  readonly state: CarrierState;
  readonly counts: Readonly<Record<string, number>>;
  readonly pace: CarrierPace;
  readonly now: number;
}

export function describe({ carrier, state, counts, pace, now }: Described): CarrierView {
  const { canary, since, askedAgain } = state;
  const { spacingMs, jitterMs, perDay } = pace;
  const rules = { policy: pace.canary, now, dayOf };
  return {
    carrier,
    waiting: (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0) + (counts['delayed'] ?? 0),
    active: counts['active'] ?? 0,
    rate: { spacingMs, jitterMs, usedToday: usedToday(state, now), perDay },
    breaker: describeBreaker(state.breaker, now),
    canary: {
      configured: pace.canary.imeis.length,
      due: dueCanary(canary, since, rules) !== null,
      last: canary.last && { at: iso(canary.last.at), right: canary.last.right },
      answersSince: since,
    },
    askedAgain,
  };
}

function describeBreaker(breaker: Breaker, now: number): CarrierView['breaker'] {
  if (breaker.at === 'closed') return { state: 'closed', outcome: null, since: null, until: null };
  const { outcome, since } = breaker;
  if (breaker.at === 'parked') return { state: 'parked', outcome, since: iso(since), until: null };
  const state = isHeld(breaker, now) ? 'open' : 'half-open';
  return { state, outcome, since: iso(since), until: iso(breaker.until) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
