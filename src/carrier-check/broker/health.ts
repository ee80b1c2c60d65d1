import { SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { Clock } from '../../wait.js';
import { type Breaker, type BreakerEvent, isHeld, nextBreaker } from './breaker.js';
import { afterBreak, afterReading, type CanaryReading } from './canary.js';
import type { CarrierStore, SeenState } from './carrier-store.js';
import type { CarrierPace } from './pace.js';
import { type CarrierState, holdOf, nextStep, type Step } from './plan.js';
import { writeHeld } from './records.js';

/** Somebody else changed the state in between; more often than this is a fault. */
const MOST_TRIES = 20;

export interface HealthParts {
  readonly store: CarrierStore;
  readonly pace: CarrierPace;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Happening {
  /** null where the breaker is not concerned. */
  readonly event: BreakerEvent | null;
  readonly reading: CanaryReading | null;
}

/**
 * Breaker and canaries of one carrier as this rack last saw them. It may be behind: a step that asks is therefore
 * checked again in Redis by `begin`, and a step that does not is only taken from a fresh look.
 */
export class Health {
  readonly #parts: HealthParts;
  #seen: SeenState | null = null;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  /** What to do next, and the state that says so. */
  async next(): Promise<{ step: Step; seen: SeenState }> {
    const { store, pace, clock } = this.#parts;
    if (this.#seen) {
      const step = nextStep(this.#seen, pace, clock());
      if (step.do === 'ask') return { step, seen: this.#seen };
    }
    const seen = await this.#look(store);
    return { step: nextStep(seen, pace, clock()), seen };
  }

  /** Another look showed this. */
  saw(state: SeenState): void {
    this.#seen = state;
  }

  /** Writes down what an event means, for all racks, and tells whoever waits when the breaker opens. */
  async note(happening: Happening): Promise<void> {
    const { store } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const seen = this.#seen ?? (await this.#look(store));
      const change = this.#change(seen, happening);
      if (!change) return;
      const amended = await store.amend(seen, change);
      this.#seen = amended;
      if (!amended) continue;
      this.#report(seen, amended);
      return;
    }
    throw new SarachiError('internal', { tag: 'carrier-health-61c2' });
  }

  #change(seen: SeenState, { event, reading }: Happening) {
    const { pace, clock } = this.#parts;
    const now = clock();
    const rules = { policy: pace.breaker, now };
    const breaker = event ? nextBreaker(seen.breaker, event, rules) : seen.breaker;
    const read = { state: seen.canary, wholeRound: false };
    const { state, wholeRound } = reading
      ? afterReading(seen.canary, reading, { policy: pace.canary, now })
      : read;
    const broke = breaker !== seen.breaker && isHeld(breaker, now);
    const canary = broke ? afterBreak(state) : state;
    if (breaker === seen.breaker && canary === seen.canary) return null;
    return { breaker, canary, wholeRound, news: broke ? heldNews(breaker) : '' };
  }

  async #look(store: CarrierStore): Promise<SeenState> {
    const seen = await store.state();
    this.#seen = seen;
    return seen;
  }

  #report(before: CarrierState, after: CarrierState): void {
    const { log } = this.#parts;
    const bothClosed = before.breaker.at === 'closed' && after.breaker.at === 'closed';
    if (before.breaker === after.breaker || bothClosed) return;
    const fields = { class: 'carrier', from: before.breaker.at, to: after.breaker.at };
    const { breaker } = after;
    if (breaker.at === 'closed') log.info(fields, 'carrier breaker moved');
    else log.warn({ ...fields, outcome: breaker.outcome }, 'carrier breaker moved');
  }
}

function heldNews(breaker: Breaker): string {
  return breaker.at === 'closed' ? '' : writeHeld(holdOf(breaker));
}
