import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { SarachiError } from '../../src/errors.js';
import { abortError } from '../../src/wait.js';

/** Time and memory of a part of the work, as the process that did it measured it for itself. */
export interface PartCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** One more process of this machine, which does one job after the other. */
export class Child<Job, Answer> {
  readonly #process: ChildProcess;
  readonly #signal: AbortSignal;

  /** `program` is a module beside this one. */
  constructor(program: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#process = fork(new URL(program, import.meta.url), {
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.#process.on('error', () => undefined);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves with its answer to this job. Errors: command-failed where it ended before, aborted. */
  async does(job: Job): Promise<Answer> {
    const settled = new AbortController();
    const exited = once(this.#process, 'exit', { signal: settled.signal });
    const ended = exited.then(([exitCode]) => {
      throw new SarachiError('command-failed', { program: 'bench child', exitCode });
    });
    ended.catch(() => undefined);
    const answered = once(this.#process, 'message', { signal: this.#signal }).catch(() => {
      throw abortError(this.#signal);
    });
    this.#process.send(job as object);
    try {
      const [answer] = await Promise.race([answered, ended]);
      return answer as Answer;
    } finally {
      settled.abort();
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }
}

/** What a child does: each job that it is sent gets one answer. */
export function serveJobs<Job, Answer>(work: (job: Job) => Promise<Answer>): void {
  process.on('message', (job: Job) => {
    work(job).then(
      (answer) => process.send?.(answer as object),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}

/** Measures from here to the call of what is returned, in this process. */
export function measure(): () => PartCost {
  const from = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - from) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

/** The most memory that this process ever had, in bytes. */
export function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
