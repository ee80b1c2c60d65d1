import { setImmediate as breathe } from 'node:timers/promises';
import { asSarachiError, hasCode, SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import { abortError, type Clock, withDeadline } from '../../wait.js';
import type { CarrierBroker } from '../broker/carrier-broker.js';
import type { RestrictionDesk } from '../restriction-desk.js';
import { cronTick } from './cron-tick.js';
import {
  DAY_MS,
  type DueCheck,
  type DueChecks,
  dueChecks,
  type StockItem,
  together,
  type WatchSchedule,
} from './due-checks.js';
import { quotaOf } from './quotas.js';

/** How many runs are looked at before others get the processor. */
const PAGE = 200;
/** Handsets in the ports go first; a question that is not answered by then is found by a later look. */
const ASK_MS = 10 * 60 * 1000;
/** A Redis that is away ends this look; the next one tries again. */
const REDIS_MS = 30_000;
/** An answer as young as this, kept by the broker of any rack, is as good as a new one. */
const KEPT_MS = 12 * 60 * 60 * 1000;

/** The section `restrictionWatch` of the configuration. */
export interface WatchSettings {
  readonly tick: string;
  readonly schedule: WatchSchedule['rows'];
  readonly stopAfterDays: number;
  readonly perTick: number;
  readonly dayShare: number;
  readonly retryHours: number;
  readonly lanes: readonly string[];
}

export interface StockQuery {
  readonly lanes: readonly string[];
  readonly settledFrom: string;
  readonly after: number;
  readonly limit: number;
}

export interface WatchParts {
  readonly settings: WatchSettings;
  /** What left the rack, in pages. */
  readonly stock: (query: StockQuery) => {
    readonly items: readonly StockItem[];
    readonly next: number | null;
  };
  readonly broker: Pick<CarrierBroker, 'ask' | 'state'>;
  readonly desk: Pick<RestrictionDesk, 'note'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What one look did. */
export interface LookReport {
  readonly asked: number;
  /** Due, and not asked: over the quotas, held by the broker, or not answered in time. */
  readonly left: number;
}

/**
 * Asks the carriers again about handsets that left the rack. What is due is read from the ledger at each look, so looks
 * that were missed cost nothing but time; the broker does the asking, behind everything that somebody waits for.
 */
export class RestrictionWatch {
  readonly #parts: WatchParts;
  readonly #stop = new AbortController();
  #running: Promise<LookReport> | null = null;
  #endTicks: () => Promise<void> = async () => undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Looks once now, for what fell due while the daemon was down, and then at every tick. */
  start(): void {
    const { settings, log } = this.#parts;
    this.#endTicks = cronTick(settings.tick, log, () => this.#lookQuietly());
    void this.#lookQuietly();
  }

  /** Ends the look that is under way; its questions stay with the broker, and their answers are found after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort(new SarachiError('aborted', { what: 'restriction watch' }));
    await this.#endTicks();
    await this.#running?.catch(() => undefined);
  }

  /** One look; the same one where one is under way. Rejects with redis-gone, ledger-unwritable or `aborted`. */
  look(): Promise<LookReport> {
    this.#running ??= this.#look().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #lookQuietly(): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.look();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.error({ err: asSarachiError(error) }, 'restriction watch failed; the next look goes on');
    }
  }

  async #look(): Promise<LookReport> {
    const { checks, left } = await this.#due();
    const carriers = [...new Set(checks.map(({ carrier }) => carrier))];
    const ends = await Promise.allSettled(
      carriers.map((name) => this.#askAll(checks.filter(({ carrier }) => carrier === name))),
    );
    let sum = 0;
    for (const end of ends) {
      if (end.status === 'rejected') throw asSarachiError(end.reason);
      sum += end.value;
    }
    const report = { asked: sum, left: left + checks.length - sum };
    if (checks.length > 0 || left > 0) this.#parts.log.info(report, 'restriction watch looked');
    return report;
  }

  async #due(): Promise<DueChecks> {
    const { settings, broker, clock, stock } = this.#parts;
    const now = clock();
    const { schedule: rows, stopAfterDays, lanes, perTick, dayShare } = settings;
    const schedule = { rows, stopAfterDays, retryMs: settings.retryHours * 60 * 60 * 1000 };
    const limit = { signal: this.#stop.signal, timeoutMs: REDIS_MS };
    const views = await withDeadline(limit, 'redis-gone', () => broker.state());
    const quotas = new Map(
      views.map((view) => [view.carrier, quotaOf(view, { perTick, dayShare, now })]),
    );
    const settledFrom = new Date(now - stopAfterDays * DAY_MS).toISOString();
    let due: DueChecks = { checks: [], left: 0 };
    for (let after: number | null = 0; after !== null; ) {
      const page = stock({ lanes, settledFrom, after, limit: PAGE });
      due = together(due, dueChecks({ stock: page.items, schedule, now, quotas }), quotas);
      after = page.next;
      await breathe();
      if (this.#stop.signal.aborted) throw abortError(this.#stop.signal);
    }
    return due;
  }

  /** One carrier, one question after another, until it is not to be asked any more. Resolves to how many it answered. */
  async #askAll(checks: readonly DueCheck[]): Promise<number> {
    let asked = 0;
    for (const check of checks) {
      if (!(await this.#ask(check))) break;
      asked += 1;
    }
    return asked;
  }

  async #ask({ carrier, imei }: DueCheck): Promise<boolean> {
    const { broker, desk, settings, log } = this.#parts;
    const maxAgeMs = Math.min(KEPT_MS, settings.retryHours * 60 * 60 * 1000);
    const options = { signal: this.#stop.signal, timeoutMs: ASK_MS };
    try {
      const answer = await broker.ask({ carrier, imei, maxAgeMs, background: true }, options);
      if (answer.held) return false;
      await desk.note(answer, { run: null, port: null, by: 'watch', reason: 'recheck' });
      return true;
    } catch (error) {
      if (!hasCode(error, 'deadline-passed')) throw error;
      log.info({ carrier, imei }, 'carrier did not answer the watch in time');
      return false;
    }
  }
}
