import type { AttentionCode } from '../attention.js';
import type { Progress } from '../erasure-engines/engine.js';

export interface ShownProgress extends Progress {
  /** Seconds to the end of this step at the pace so far; null while there is no pace to go by. */
  readonly etaSeconds: number | null;
}

/** How long a step must have run before its pace means anything. */
const PACE_AFTER_MS = 2_000;

interface StepStart {
  readonly step: string;
  readonly at: number;
  readonly done: number;
}

/** Keeps the latest progress of each run and reckons the time left from the pace of the present step alone. */
export class ProgressBoard {
  readonly #shown = new Map<string, ShownProgress>();
  readonly #starts = new Map<string, StepStart>();
  readonly #asked = new Map<string, AttentionCode>();

  update(run: string, progress: Progress, now: number): void {
    const known = this.#starts.get(run);
    const start =
      known?.step === progress.step && progress.done >= known.done
        ? known
        : { step: progress.step, at: now, done: progress.done };
    this.#starts.set(run, start);
    this.#shown.set(run, { ...progress, etaSeconds: etaOf(start, progress, now) });
  }

  of(run: string): ShownProgress | null {
    return this.#shown.get(run) ?? null;
  }

  /** What the stage of a run waits for a person to do; null: nothing. */
  ask(run: string, code: AttentionCode | null): void {
    if (code) this.#asked.set(run, code);
    else this.#asked.delete(run);
  }

  askedFor(run: string): AttentionCode | null {
    return this.#asked.get(run) ?? null;
  }

  clear(run: string): void {
    this.#asked.delete(run);
    this.#shown.delete(run);
    this.#starts.delete(run);
  }
}

function etaOf(start: StepStart, progress: Progress, now: number): number | null {
  const elapsedMs = now - start.at;
  const gained = progress.done - start.done;
  if (elapsedMs < PACE_AFTER_MS || gained <= 0) return null;
  return Math.round(((1 - progress.done) * elapsedMs) / gained / 1000);
}
