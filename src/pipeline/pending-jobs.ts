import { jobIdOf, type StageJob } from './queues.js';

/** Jobs handed to a queue whose outcome has not been told yet, in the order in which they were handed over. */
export class PendingJobs {
  readonly #jobs = new Map<string, StageJob>();
  readonly #queueOf: (job: StageJob) => string;
  readonly #isWorking: (job: StageJob) => boolean;

  constructor(parts: {
    queueOf: (job: StageJob) => string;
    isWorking: (job: StageJob) => boolean;
  }) {
    this.#queueOf = parts.queueOf;
    this.#isWorking = parts.isWorking;
  }

  add(job: StageJob): void {
    this.#jobs.set(jobIdOf(job), job);
  }

  /** False where the outcome was told before. */
  remove(job: StageJob): boolean {
    return this.#jobs.delete(jobIdOf(job));
  }

  has(job: StageJob): boolean {
    return this.#jobs.has(jobIdOf(job));
  }

  byId(jobId: string): StageJob | null {
    return this.#jobs.get(jobId) ?? null;
  }

  /** Those that nobody works on now. */
  waiting(): readonly StageJob[] {
    return [...this.#jobs.values()].filter((job) => !this.#isWorking(job));
  }

  /** In which queue a run waits, and how many are before it; null while it is worked on or has no job. */
  placeOf(run: string): { readonly queue: string; readonly ahead: number } | null {
    const waiting = this.waiting();
    const place = waiting.findIndex((job) => job.run === run);
    const job = waiting[place];
    if (!job) return null;
    const queue = this.#queueOf(job);
    // A queue is first come, first served.
    return {
      queue,
      ahead: waiting.slice(0, place).filter((other) => this.#queueOf(other) === queue).length,
    };
  }
}
