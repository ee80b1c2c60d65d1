import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { hasCode, SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import { type Clock, raceAbort, type WaitOptions, withDeadline } from '../../wait.js';
import type { CarrierAnswer, CarrierSource } from '../answer.js';
import type { Carrier } from '../marks.js';
import { Asker } from './asker.js';
import { CarrierStore } from './carrier-store.js';
import { type CarrierView, describe } from './carrier-view.js';
import { Health } from './health.js';
import { type CarrierKeys, jobIdOf, keysOf, type Question } from './keys.js';
import { type CarrierPace, pauseAfter } from './pace.js';
import { type HeldFor, nextStep } from './plan.js';
import { unknownAnswer } from './unknown-answer.js';
import type { Ending, Guest, WaitingRoom } from './waiting-room.js';

/** BullMQ keeps so many events of a queue; nobody reads them. */
const KEPT_EVENTS = 100;
/** Workers that die over one question, before it is given up. */
const MOST_DEATHS = 5;
/** The longest that a worker sleeps before it looks whether a hold was ended. */
const LONGEST_SLEEP_MS = 2_000;
const RETRY_MS = 1_000;
const BACKGROUND_PRIORITY = 10;

export interface CarrierQuestion {
  readonly carrier: Carrier;
  /** 15 digits, valid. */
  readonly imei: string;
  /** An answer younger than this, in ms, is given again; 0 asks the carrier anew. */
  readonly maxAgeMs: number;
  /** Nobody stands in front of it: every other question goes first. */
  readonly background?: boolean;
}

export interface BrokeredAnswer extends CarrierAnswer {
  /** It was known before it was asked for. */
  readonly cached: boolean;
  /** Why the carrier was not asked now; the question stays in its queue. null for what the carrier said. */
  readonly held: HeldFor | null;
}

export interface LineParts {
  readonly source: CarrierSource;
  readonly pace: CarrierPace;
  readonly prefix: string;
  readonly lockMs: number;
  readonly connection: Redis;
  readonly room: WaitingRoom;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** One carrier: its queue and this rack's worker on it. The queue is every rack's and is never emptied here. */
export class CarrierLine {
  readonly keys: CarrierKeys;
  readonly #parts: LineParts;
  readonly #store: CarrierStore;
  readonly #cut = new AbortController();
  #queue: Queue | null = null;
  #worker: Worker | null = null;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.keys = keysOf(parts.prefix, parts.source.carrier);
    this.#store = new CarrierStore(parts.connection, this.keys);
  }

  /** States the pace to all racks and begins to work. Needs a Redis that answers. */
  async start(): Promise<void> {
    const { connection, prefix, pace, lockMs, log } = this.#parts;
    const streams = { events: { maxLen: KEPT_EVENTS } };
    const queue = new Queue(this.keys.queue, { connection, prefix, streams });
    queue.on('error', (error) => log.warn({ err: error }, 'queue connection trouble'));
    this.#queue = queue;
    // The limiter and `rateLimit` only hold where a limit is set; it also holds the queue from the start of a look-up.
    await queue.setGlobalRateLimit(1, pace.spacingMs);
    await queue.setGlobalConcurrency(1);
    const asker = new Asker({
      ...this.#parts,
      store: this.#store,
      queue,
      signal: this.#cut.signal,
    });
    const worker = new Worker(this.keys.queue, (job, token = '') => asker.work(job, token), {
      ...{ connection, prefix, concurrency: 1, lockDuration: lockMs },
      stalledInterval: lockMs / 2,
      maxStalledCount: MOST_DEATHS,
      maximumRateLimitDelay: LONGEST_SLEEP_MS,
      runRetryDelay: RETRY_MS,
    });
    this.#worker = worker;
    worker.on('error', (error) => log.warn({ err: error }, 'queue connection trouble'));
    worker.on('stalled', (job) => log.warn({ job, class: 'host' }, 'carrier job lost its worker'));
    worker.on('failed', (job, error) => {
      log.error({ err: error, class: 'bug' }, 'carrier job failed');
      const imei = /^[0-9]{15}$/.exec(String(job?.data?.imei))?.[0];
      if (imei) this.#store.tell(`failed ${imei}`).catch(() => undefined);
    });
    await worker.waitUntilReady();
  }

  /** Lets the running look-up end; `cutOff` no longer does, and its question is then asked again by whoever is next. */
  async stop(): Promise<void> {
    await this.#worker?.close();
    await this.#queue?.close();
  }

  cutOff(): void {
    this.#cut.abort(new SarachiError('aborted', { what: 'carrier look-up' }));
  }

  /**
   * The answer for one IMEI. Rejects with the signal's error, `deadline-passed` (the question stays in the queue, and
   * asking again later finds its answer), `redis-gone`, or `internal` where no worker survived the question.
   */
  async ask(question: CarrierQuestion, options: WaitOptions): Promise<BrokeredAnswer> {
    const { room } = this.#parts;
    const { imei } = question;
    let queued = false;
    const guest = room.enter(this.keys.channel, imei);
    try {
      return await withDeadline(options, 'deadline-passed', async (signal) => {
        const known = await this.#put(question, guest);
        if (known) return known;
        queued = true;
        return this.#answerOf(imei, await raceAbort(guest.ending, signal));
      });
    } catch (error) {
      throw queued ? error : unanswered(error);
    } finally {
      guest.leave();
    }
  }

  /** Puts questions again whose answers may have been missed: those are then told again, the rest is asked. */
  async putAgain(questions: readonly Question[]): Promise<void> {
    for (const question of questions) await this.#add(question, false);
  }

  /** A person says that the carrier may be asked again; its canaries are read first. Resolves to the state then. */
  async resume(who: string): Promise<CarrierView> {
    const { pace, random, log } = this.#parts;
    log.info({ who, class: 'operator' }, 'carrier resumed by a person');
    await new Health({ ...this.#parts, store: this.#store }).note({
      event: { type: 'resumed' },
      reading: null,
    });
    await this.#started().rateLimit(pauseAfter(pace, random()));
    return this.state();
  }

  async state(): Promise<CarrierView> {
    const { source, pace, clock } = this.#parts;
    const [state, counts] = await Promise.all([
      this.#store.state(),
      this.#started().getJobCounts('wait', 'prioritized', 'active', 'delayed'),
    ]);
    return describe({ carrier: source.carrier, state, counts, pace, now: clock() });
  }

  /** The latest answers of this carrier that lost their trust, oldest first. */
  revocations(): ReturnType<CarrierStore['revocations']> {
    return this.#store.revocations();
  }

  /** What is known already, or can be said at once; otherwise the question is in the queue, and null. */
  async #put(question: CarrierQuestion, guest: Guest): Promise<BrokeredAnswer | null> {
    const { imei, maxAgeMs, background } = question;
    const { pace, clock, log } = this.#parts;
    const { entry, invalid, state } = await this.#store.look(imei);
    if (invalid) {
      log.warn({ imei }, 'kept carrier answer cannot be read');
      await this.#store.forget(imei);
    }
    const now = clock();
    if (entry && now - entry.at < maxAgeMs) return { ...entry.answer, cached: true, held: null };
    const newerThan = entry?.at ?? 0;
    guest.wants(newerThan);
    await this.#add({ imei, newerThan }, background === true);
    const step = nextStep(state, pace, now);
    return step.do === 'hold' ? this.#answerOf(imei, { type: 'held', hold: step.hold }) : null;
  }

  async #add(question: Question, background: boolean): Promise<void> {
    await this.#started().add('look-up', question, {
      jobId: jobIdOf(question, background),
      ...(background ? { priority: BACKGROUND_PRIORITY } : {}),
      // A job that stays would take every later one of its question for itself.
      ...{ attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
  }

  #answerOf(imei: string, ending: Ending): BrokeredAnswer {
    const { source, clock } = this.#parts;
    switch (ending.type) {
      case 'answer':
        return { ...ending.entry.answer, cached: false, held: null };
      case 'held': {
        const { outcome, why } = ending.hold;
        return { ...unknownAnswer(source, imei, outcome, clock()), cached: false, held: why };
      }
      case 'failed':
        throw new SarachiError('internal', { tag: 'carrier-job-failed-77e9' });
    }
  }

  #started(): Queue {
    if (!this.#queue) throw new SarachiError('internal', { tag: 'carrier-line-not-started-2c8d' });
    return this.#queue;
  }
}

/** Before the question is in the queue it is Redis alone that is waited for. */
function unanswered(error: unknown): unknown {
  return hasCode(error, 'deadline-passed')
    ? new SarachiError('redis-gone', { what: 'carrier queue' }, { cause: error })
    : error;
}
