import { type Job, type Queue, Worker } from 'bullmq';
import { asSarachiError, hasCode, SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import { type Clock, withDeadline } from '../../wait.js';
import type { CarrierAnswer, CarrierSource } from '../answer.js';
import { readingOf } from './canary.js';
import type { CarrierStore } from './carrier-store.js';
import { Health } from './health.js';
import type { Question } from './keys.js';
import { type CarrierPace, dayOf, pauseAfter, ttlOf } from './pace.js';
import type { Step } from './plan.js';
import { readAnswer, readQuestion, writeHeld } from './records.js';
import { unknownAnswer } from './unknown-answer.js';

/** How often somebody looks whether a held queue may go on: its times can be changed by a person. */
const LONGEST_HOLD_MS = 15_000;
/** The state changed under us each time; the job then waits for its turn again. */
const MOST_TURNS = 5;

export interface AskerParts {
  readonly source: CarrierSource;
  readonly pace: CarrierPace;
  readonly lockMs: number;
  readonly store: CarrierStore;
  readonly queue: Queue;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Fires when running look-ups cannot be waited for any more. */
  readonly signal: AbortSignal;
}

/**
 * Works on the jobs of one carrier. One turn of a job is at most one look-up, real or canary; a job whose turn went to a
 * canary, or that is held, goes back to the head of the queue, and BullMQ's limiter says when it comes again.
 */
export class Asker {
  readonly #parts: AskerParts;
  readonly #health: Health;

  constructor(parts: AskerParts) {
    this.#parts = parts;
    this.#health = new Health(parts);
  }

  /** One turn of one job. */
  async work(job: Job, token: string): Promise<void> {
    const question = readQuestion(job.data);
    if (!question) throw new SarachiError('stale-job', { job: job.id ?? null });
    const lock = `${this.#parts.queue.toKey(job.id ?? '')}:lock`;
    const step = await this.#begin(question, token, lock);
    if (step === 'answered') return;
    if (step.do === 'canary') {
      await this.#readCanary(step.index);
      throw Worker.RateLimitError();
    }
    const outcome = await this.#ask(question, token);
    // The question waits for the person who looks at the captcha.
    if (outcome === 'captcha') throw Worker.RateLimitError();
  }

  /** Settles when a request may leave, and has then been counted; throws the limiter's error where none may. */
  async #begin(
    { imei, newerThan }: Question,
    token: string,
    lock: string,
  ): Promise<Exclude<Step, { do: 'hold' }> | 'answered'> {
    const { store, pace, clock, lockMs, log } = this.#parts;
    const startedAt = performance.now();
    const { imeis, every } = pace.canary;
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const { step, seen } = await this.#health.next();
      if (step.do === 'hold') return this.#hold(step);
      const begun = await store.begin({
        imei: step.do === 'ask' ? imei : null,
        ...{ newerThan, token, lock, seen, day: dayOf(clock()), perDay: pace.perDay },
        every: imeis.length > 0 ? every : null,
      });
      if (begun.type === 'answered') return 'answered';
      if (begun.type === 'lost') throw new SarachiError('lock-lost', { carrier: this.#carrier });
      if (begun.type === 'differs') {
        this.#health.saw(begun.state);
        continue;
      }
      if (begun.again) log.warn({ imei, class: 'host' }, 'carrier question is asked again');
      // A process that was stopped here and goes on much later is no longer the one that may ask.
      if (performance.now() - startedAt < lockMs / 2) return step;
    }
    throw Worker.RateLimitError();
  }

  async #hold({ hold, forMs }: Extract<Step, { do: 'hold' }>): Promise<never> {
    const { store, queue } = this.#parts;
    await Promise.all([
      store.tell(writeHeld(hold)),
      queue.rateLimit(Math.ceil(Math.min(forMs, LONGEST_HOLD_MS))),
    ]);
    throw Worker.RateLimitError();
  }

  async #ask({ imei, newerThan }: Question, token: string): Promise<CarrierAnswer['outcome']> {
    const { store, pace, clock, random, queue } = this.#parts;
    const answer = await this.#lookUp(imei);
    const { outcome } = answer;
    await store.settle({
      entry: { at: Math.max(clock(), newerThan + 1), answer },
      ttlMs: outcome === 'captcha' ? 0 : ttlOf(outcome, pace),
      token,
      needsTrust: outcome === 'ok' && pace.canary.imeis.length > 0,
      limiter: queue.toKey('limiter'),
      // From the end of the look-up: the next then comes late enough, however slow this one was on its way.
      pauseMs: pauseAfter(pace, random()),
    });
    await this.#health.note({ event: { type: 'answered', outcome }, reading: null });
    return outcome;
  }

  async #readCanary(index: number): Promise<void> {
    const { store, pace, clock, random, queue, log } = this.#parts;
    const canary = pace.canary.imeis[index];
    if (!canary) throw new SarachiError('internal', { tag: 'carrier-canary-0d4b', index });
    const answer = await this.#lookUp(canary.imei);
    await queue.rateLimit(pauseAfter(pace, random()));
    const { outcome } = answer;
    const reading = readingOf(canary, answer);
    if (reading === 'unread') {
      await this.#health.note({ event: { type: 'answered', outcome }, reading });
    } else if (reading === 'right') {
      const last = index === pace.canary.imeis.length - 1;
      await this.#health.note({ event: last ? { type: 'canary-right' } : null, reading });
    } else {
      // Before the breaker opens: were this process to die in between, the canary would be read once more.
      const imeis = await store.revoke(clock());
      const read = { expected: canary.mark, mark: answer.mark, outcome, revoked: imeis.length };
      log.error({ ...read, imeis, class: 'carrier' }, 'carrier answers are no longer trusted');
      await this.#health.note({ event: { type: 'canary-wrong' }, reading });
    }
  }

  /** Rejects only where it was cut off. */
  async #lookUp(imei: string): Promise<CarrierAnswer> {
    const { source, pace, signal, clock, log } = this.#parts;
    try {
      const limit = { signal, timeoutMs: pace.requestMs };
      const said = await withDeadline(limit, 'deadline-passed', (inner) =>
        source.lookUp(imei, { signal: inner, timeoutMs: pace.requestMs }),
      );
      const answer = readAnswer(said);
      if (answer?.carrier === source.carrier && answer.imei === imei) return answer;
      log.error({ imei, class: 'bug' }, 'carrier source gave no proper answer');
    } catch (thrown) {
      // The job goes back to the queue; its intent stays and tells that it may have been asked.
      if (signal.aborted) throw Worker.RateLimitError();
      const late = hasCode(thrown, 'deadline-passed');
      if (late) return unknownAnswer(source, imei, 'http-error', clock());
      log.error({ imei, err: asSarachiError(thrown), class: 'bug' }, 'carrier source failed');
    }
    return unknownAnswer(source, imei, 'parser-drift', clock());
  }

  get #carrier(): string {
    return this.#parts.source.carrier;
  }
}
