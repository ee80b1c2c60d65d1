import { raceAbort } from '../../wait.js';

/** Lets a bounded weight through at a time, in the order of asking. */
export class Turnstile {
  readonly #limit: number;
  #inside = 0;
  readonly #waiting: { readonly weight: number; readonly enter: () => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Weight that is inside now. */
  get inside(): number {
    return this.#inside;
  }

  /** Resolves with the way out, to be called once. What weighs more than the limit goes through alone. */
  async enter(weight: number, signal: AbortSignal): Promise<() => void> {
    let entered = false;
    let left = false;
    const leave = () => {
      if (!left && entered) this.#inside -= weight;
      left = true;
      this.#advance();
    };
    const turn = new Promise<void>((resolve) => {
      const enter = () => {
        if (!left) this.#inside += weight;
        entered = !left;
        resolve();
      };
      this.#waiting.push({ weight, enter });
    });
    this.#advance();
    try {
      await raceAbort(turn, signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  #advance(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#inside > 0 && this.#inside + next.weight > this.#limit) return;
      this.#waiting.shift();
      next.enter();
    }
  }
}
