import type { SimulatedTime } from '../../../src/simulator/felica/reader/simulated-time.js';

interface Due {
  readonly at: number;
  readonly then: () => void;
}

/** A clock that stands still until it is told how far to go. */
export class TestTime implements SimulatedTime {
  #now = 0;
  #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const due = { at: this.#now + ms, then };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((one) => one !== due);
    };
  }

  /** Lets this many milliseconds pass, with everything that falls due in them. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#first(end); next; next = this.#first(end)) {
      this.#due = this.#due.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.then();
    }
    this.#now = end;
  }

  #first(end: number): Due | undefined {
    return this.#due.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
  }
}
