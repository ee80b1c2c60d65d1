/** The clock that readers and their air run on. */
export interface SimulatedTime {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** Calls `then` after this many milliseconds. Returns what stops it. */
  after(ms: number, then: () => void): () => void;
}

export function realTime(): SimulatedTime {
  return {
    now: () => performance.now(),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  };
}

/**
 * Lets what happens on the air take its time: as long as in the world, a part of it, or none. What a timer ran too long
 * is taken off the next wait, so that the sum is right even where each wait is as short as a timer's step.
 */
export class AirPace {
  readonly #factor: number;
  readonly #time: SimulatedTime;
  #overrunMs = 0;
  #airMs = 0;

  /** `factor`: 1 is real time, 0 is no waiting at all. */
  constructor(factor: number, time: SimulatedTime) {
    this.#factor = factor;
    this.#time = time;
  }

  /** Milliseconds that all finished waits would have taken in the world. */
  get airMs(): number {
    return this.#airMs;
  }

  /** Calls `then` when this much time on the air is over; never for an infinite time. Returns what stops it. */
  after(airMs: number, then: () => void): () => void {
    if (airMs === Number.POSITIVE_INFINITY) return () => undefined;
    const finish = () => {
      this.#airMs += airMs;
      then();
    };
    const waitMs = airMs * this.#factor - this.#overrunMs;
    if (waitMs <= 0) {
      this.#overrunMs = this.#factor === 0 ? 0 : -waitMs;
      finish();
      return () => undefined;
    }
    const start = this.#time.now();
    return this.#time.after(waitMs, () => {
      this.#overrunMs = Math.max(0, this.#time.now() - start - waitMs);
      finish();
    });
  }
}
