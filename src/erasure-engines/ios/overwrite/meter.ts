import type { StageContext } from '../../engine.js';

const TELL_EVERY_MS = 1_000;

/**
 * Tells the progress of the whole stage, at most once a second: half of the bytes are written, the other half are the
 * same ones read. `free` is what there was to fill, as long as nobody knows how much goes in.
 */
export class Meter {
  readonly #context: StageContext;
  #half: number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #toldStep = '';

  constructor(context: StageContext, free: number) {
    this.#context = context;
    this.#half = free;
  }

  filled(bytes: number): void {
    // Systems make room while they are filled, so that more may go in than was free.
    this.#half = Math.max(this.#half, bytes);
    this.#tell('fill', bytes);
  }

  /** `written` is what all files together hold. */
  read(bytes: number, written: number): void {
    this.#half = written;
    this.#tell('read-back', written + bytes);
  }

  #tell(step: string, bytesDone: number): void {
    const now = this.#context.clock();
    const due = now - this.#toldAt >= TELL_EVERY_MS || step !== this.#toldStep;
    const bytesTotal = this.#half * 2;
    if ((!due && bytesDone < bytesTotal) || bytesTotal === 0) return;
    this.#toldAt = now;
    this.#toldStep = step;
    this.#context.progress({ done: bytesDone / bytesTotal, step, bytesDone, bytesTotal });
  }
}
