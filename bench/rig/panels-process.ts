import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../statistics.js';
import { measure, serveJobs } from './child.js';
import { PollingPanel, StreamingPanel } from './panel-clients.js';

export type PanelsJob =
  /** There is a key for each of them. */
  | {
      readonly do: 'open';
      readonly port: number;
      readonly keys: readonly string[];
      readonly crowd: Crowd;
    }
  /** Answers after so many seconds; only what comes in them is counted. */
  | { readonly do: 'watch'; readonly seconds: number }
  /** Answers when everybody has the last seq, or cannot have it any more. */
  | { readonly do: 'finish'; readonly seq: number };

export interface Crowd {
  readonly polling: number;
  readonly everyMs: number;
  readonly streaming: number;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Watched {
  readonly polls: number;
  /** Polls answered with 304. */
  readonly unchanged: number;
  readonly pollMs: Latency;
  /** Changes told, all streams together. */
  readonly changes: number;
  /** From the time in a change to its arrival. */
  readonly changeMs: Latency;
  /** Part of one processor that the panels took. */
  readonly cpu: number;
  readonly faults: readonly string[];
}

const FINISH_MS = 10_000;
const LOOK_MS = 20;

/** All the panels of a site; what they see is counted from `watch` on and checked from the first word on. */
class Site {
  readonly #crowd: Crowd;
  readonly #polling: readonly PollingPanel[];
  readonly #streaming: readonly StreamingPanel[];
  #pollMs: number[] = [];
  #changeMs: number[] = [];
  #counted: Omit<Watched, 'faults'> | null = null;
  #over = false;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(port: number, keys: readonly string[], crowd: Crowd) {
    this.#crowd = crowd;
    this.#polling = Array.from(
      { length: crowd.polling },
      (_, n) => new PollingPanel({ port, key: keys[n] }),
    );
    this.#streaming = Array.from(
      { length: crowd.streaming },
      (_, n) =>
        new StreamingPanel({ port, key: keys[crowd.polling + n] }, (data) => {
          const { serverTime } = JSON.parse(data) as { serverTime: string };
          this.#changeMs.push(Date.now() - Date.parse(serverTime));
        }),
    );
  }

  /** Resolves when everybody has heard something. */
  async open(): Promise<void> {
    this.#loops = Promise.all(this.#polling.map((panel) => this.#pollAgainAndAgain(panel)));
    const all = [...this.#polling, ...this.#streaming];
    await until(() => all.every(({ watch }) => watch.seq !== null || watch.faults.length > 0));
  }

  async watch(seconds: number): Promise<void> {
    this.#pollMs = [];
    this.#changeMs = [];
    const unchanged = this.#unchanged();
    const cost = measure();
    await delay(seconds * 1000);
    const { cpuSeconds, seconds: took } = cost();
    this.#counted = {
      polls: this.#pollMs.length,
      unchanged: this.#unchanged() - unchanged,
      pollMs: latencyOf(this.#pollMs),
      changes: this.#changeMs.length,
      changeMs: latencyOf(this.#changeMs),
      cpu: cpuSeconds / took,
    };
  }

  async finish(seq: number): Promise<void> {
    this.#over = true;
    await this.#loops;
    await Promise.all(this.#polling.map((panel) => panel.poll()));
    await until(() => this.#streaming.every(({ watch }) => watch.seq === seq));
    for (const panel of [...this.#polling, ...this.#streaming]) {
      if (panel.watch.seq !== seq) panel.watch.lost(`the last seq was ${seq}`);
      panel.end();
    }
  }

  /** What was counted in the last watch, and everything that was wrong; null before a watch. */
  watched(): Watched | null {
    const faults = [...this.#polling, ...this.#streaming].flatMap(({ watch }) => watch.faults);
    return this.#counted && { ...this.#counted, faults };
  }

  #unchanged(): number {
    return this.#polling.reduce((sum, { watch }) => sum + watch.unchanged, 0);
  }

  /**
   * At its own beat, whatever the answers take: the time of a poll counts from when it was due, so that a daemon that
   * stands still is seen by all who would have asked it.
   */
  async #pollAgainAndAgain(panel: PollingPanel): Promise<void> {
    const { everyMs } = this.#crowd;
    let due = performance.now() + Math.random() * everyMs;
    while (!this.#over) {
      await delay(Math.max(0, due - performance.now()));
      await panel.poll();
      this.#pollMs.push(performance.now() - due);
      due += everyMs;
    }
  }
}

async function until(test: () => boolean): Promise<void> {
  const deadline = performance.now() + FINISH_MS;
  while (!test() && performance.now() < deadline) await delay(LOOK_MS);
}

function latencyOf(values: readonly number[]): Latency {
  if (values.length === 0) return { p50: Number.NaN, p99: Number.NaN, max: Number.NaN };
  return {
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  };
}

let site: Site | null = null;

/** A process of its own for everybody who looks at the rack. */
serveJobs<PanelsJob, Watched | null>(async (job) => {
  if (job.do === 'open') {
    site = new Site(job.port, job.keys, job.crowd);
    await site.open();
  } else if (job.do === 'watch') await site?.watch(job.seconds);
  else await site?.finish(job.seq);
  return site?.watched() ?? null;
});
