import type { Redis } from 'ioredis';
import { asSarachiError, SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { Clock, WaitOptions } from '../../wait.js';
import type { CarrierSource } from '../answer.js';
import type { Carrier } from '../marks.js';
import { type BrokeredAnswer, CarrierLine, type CarrierQuestion } from './carrier-line.js';
import type { CarrierView } from './carrier-view.js';
import type { Question } from './keys.js';
import type { CarrierPace } from './pace.js';
import { unknownAnswer } from './unknown-answer.js';
import { WaitingRoom } from './waiting-room.js';

const PREFIX = 'sarachi-carriers';
/** Longer than a look-up and than any restart of Redis. */
const LOCK_MS = 60_000;
/** Beyond the longest look-up, for writing its answer down. */
const GRACE_MS = 2_000;

export interface BrokerParts {
  /** Must wait for a Redis that is away (`maxRetriesPerRequest: null`); stays the caller's to close. */
  readonly connection: Redis;
  /** The carriers that are asked, each by one source. Racks on one Redis must state the same pace. */
  readonly lines: readonly { readonly source: CarrierSource; readonly pace: CarrierPace }[];
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  /** Answers that were given out are no longer trusted, by any rack: their canary was read wrong afterwards. */
  readonly onRevoked?: (carrier: Carrier, imeis: readonly string[]) => void;
  /** Shared by all racks that must not ask side by side; no `:` in it. */
  readonly prefix?: string;
  /** How long a dead worker's question rests before another rack takes it, in ms. Longer than `requestMs`. */
  readonly lockMs?: number;
}

/**
 * Asks the carriers for all racks on one Redis: one look-up at a time for each carrier, in its pace, never the same
 * question twice within its time, and nobody at all where the carrier does not want it or the parser may be wrong.
 */
export class CarrierBroker {
  readonly #parts: BrokerParts;
  readonly #room: WaitingRoom;
  readonly #lines = new Map<Carrier, CarrierLine>();

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    const { connection, log } = parts;
    this.#room = new WaitingRoom({
      ...{ redis: connection, log },
      onRevoked: (channel, imeis) => this.#revoked(channel, imeis),
      onDeaf: (channel, questions) => this.#putAgain(channel, questions),
    });
    for (const { source, pace } of parts.lines) {
      const { prefix = PREFIX, lockMs = LOCK_MS, clock, random } = parts;
      this.#lines.set(
        source.carrier,
        new CarrierLine({
          ...{ source, pace, prefix, lockMs, connection, clock, random, room: this.#room },
          log: log.child({ carrier: source.carrier }),
        }),
      );
    }
  }

  /** Listens, then works: questions that an earlier daemon left are done from here on. Needs a Redis that answers. */
  async start(): Promise<void> {
    const lines = [...this.#lines.values()];
    await this.#room.open(lines.map(({ keys }) => keys.channel));
    for (const line of lines) await line.start();
  }

  /** Lets look-ups that run come to their end. Whoever waits is sent home with `aborted`; the questions stay. */
  async stop(): Promise<void> {
    this.#room.close();
    const lines = [...this.#lines.values()];
    const longest = Math.max(0, ...this.#parts.lines.map(({ pace }) => pace.requestMs));
    const timer = setTimeout(() => {
      for (const line of lines) line.cutOff();
    }, longest + GRACE_MS);
    try {
      await Promise.all(lines.map((line) => line.stop()));
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The answer for one IMEI: the kept one, or the carrier's. Settles quickly with an `unknown` one where the carrier
   * may not be asked now (`held` says why) or is not asked here at all (`skipped`). Rejects with the signal's error,
   * bad-request, deadline-passed, redis-gone; the question then stays in the queue, for whoever asks it next.
   */
  async ask(question: CarrierQuestion, options: WaitOptions): Promise<BrokeredAnswer> {
    const { carrier, imei } = question;
    if (!/^[0-9]{15}$/.test(imei)) throw new SarachiError('bad-request', { field: 'imei' });
    const line = this.#lines.get(carrier);
    if (line) return line.ask(question, options);
    const nobody = { carrier, source: 'manual' } as const;
    const answer = unknownAnswer(nobody, imei, 'skipped', this.#parts.clock());
    return { ...answer, cached: false, held: null };
  }

  /** A person has looked at the captcha, or at whatever it was. Error: not-found for a carrier that is not asked here. */
  async resume(carrier: Carrier, who: string): Promise<CarrierView> {
    return this.#line(carrier).resume(who);
  }

  async state(): Promise<readonly CarrierView[]> {
    return Promise.all([...this.#lines.values()].map((line) => line.state()));
  }

  /** The latest answers that lost their trust, oldest first; the time is in ms since the epoch. Error: not-found. */
  async revocations(carrier: Carrier): ReturnType<CarrierLine['revocations']> {
    return this.#line(carrier).revocations();
  }

  #revoked(channel: string, imeis: readonly string[]): void {
    const carrier = this.#carrierOf(channel);
    if (carrier) this.#parts.onRevoked?.(carrier, imeis);
  }

  #putAgain(channel: string, questions: readonly Question[]): void {
    const carrier = this.#carrierOf(channel);
    if (!carrier) return;
    this.#line(carrier)
      .putAgain(questions)
      .catch((error: unknown) =>
        this.#parts.log.warn(
          { carrier, err: asSarachiError(error) },
          'carrier questions were not put again',
        ),
      );
  }

  #carrierOf(channel: string): Carrier | undefined {
    return [...this.#lines].find(([, { keys }]) => keys.channel === channel)?.[0];
  }

  #line(carrier: Carrier): CarrierLine {
    const line = this.#lines.get(carrier);
    if (!line) throw new SarachiError('not-found', { carrier });
    return line;
  }
}
