import type { Redis } from 'ioredis';
import { SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { Question } from './keys.js';
import { type News, readNews } from './records.js';

/** What ends the wait of one caller. */
export type Ending = Extract<News, { type: 'answer' | 'held' | 'failed' }>;

export interface Guest {
  /** Settled once; rejects with `aborted` where the room is closed. */
  readonly ending: Promise<Ending>;
  /** From then on it waits for the answer to a question in the queue. */
  wants(newerThan: number): void;
  leave(): void;
}

interface Seat {
  newerThan: number | null;
  settle: (ending: Ending) => void;
  reject: (error: Error) => void;
}

export interface RoomParts {
  readonly redis: Redis;
  readonly log: Log;
  /** News came that concern more than the guests. */
  readonly onRevoked: (channel: string, imeis: readonly string[]) => void;
  /** Redis was away, and what was told meanwhile was not heard: what the guests of this channel still wait for. */
  readonly onDeaf: (channel: string, questions: readonly Question[]) => void;
}

/** The callers of this rack who wait for an answer, woken by what any rack tells. Nothing here looks twice. */
export class WaitingRoom {
  readonly #parts: RoomParts;
  readonly #channels = new Map<string, Map<string, Set<Seat>>>();
  #ears: Redis | null = null;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** Begins to listen; what is told from then on is heard. */
  async open(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#channels.set(channel, new Map());
    const { log, redis } = this.#parts;
    const ears = redis.duplicate();
    this.#ears = ears;
    ears.on('error', (error) => log.warn({ err: error, code: 'redis-gone' }, 'redis connection'));
    ears.on('message', (channel, line) => this.#hear(channel, line));
    if (channels.length > 0) await ears.subscribe(...channels);
    ears.on('ready', () => void this.#hearAgain(ears));
  }

  /** Sends everybody home. */
  close(): void {
    this.#ears?.disconnect();
    for (const guests of this.#channels.values()) {
      for (const seat of [...guests.values()].flatMap((seats) => [...seats]))
        seat.reject(new SarachiError('aborted', { what: 'carrier look-up' }));
      guests.clear();
    }
  }

  /** Before the question is put, so that no answer can come too early. */
  enter(channel: string, imei: string): Guest {
    const guests = this.#guests(channel);
    const seats = guests.get(imei) ?? new Set();
    guests.set(imei, seats);
    const seat: Seat = { newerThan: null, settle: () => undefined, reject: () => undefined };
    const ending = new Promise<Ending>((settle, reject) => {
      seat.settle = settle;
      seat.reject = reject;
    });
    seats.add(seat);
    const leave = () => {
      seats.delete(seat);
      if (seats.size === 0 && guests.get(imei) === seats) guests.delete(imei);
    };
    ending.catch(() => undefined);
    const wants = (newerThan: number) => {
      seat.newerThan = newerThan;
    };
    return { ending, wants, leave };
  }

  #end(channel: string, imei: string, ending: Ending): void {
    for (const seat of this.#guests(channel).get(imei) ?? []) seat.settle(ending);
  }

  #hear(channel: string, line: string): void {
    const news = readNews(line);
    if (!news) {
      this.#parts.log.warn({ channel, length: line.length }, 'carrier news cannot be read');
    } else if (news.type === 'revoked') {
      this.#parts.onRevoked(channel, news.imeis);
    } else if (news.type === 'held') {
      for (const imei of this.#guests(channel).keys()) this.#end(channel, imei, news);
    } else {
      this.#end(channel, news.imei, news);
    }
  }

  async #hearAgain(ears: Redis): Promise<void> {
    try {
      // Does nothing new, but is answered only when the old subscriptions stand again.
      await ears.subscribe(...this.#channels.keys());
    } catch (error) {
      this.#parts.log.warn({ err: error, code: 'redis-gone' }, 'redis connection');
      return;
    }
    for (const [channel, guests] of this.#channels)
      if (guests.size > 0) this.#parts.onDeaf(channel, questionsOf(guests));
  }

  #guests(channel: string): Map<string, Set<Seat>> {
    const guests = this.#channels.get(channel);
    if (!guests) throw new SarachiError('internal', { tag: 'carrier-channel-3f0a', channel });
    return guests;
  }
}

function questionsOf(guests: ReadonlyMap<string, ReadonlySet<Seat>>): Question[] {
  return [...guests].flatMap(([imei, seats]) =>
    [...seats].flatMap(({ newerThan }) => (newerThan === null ? [] : [{ imei, newerThan }])),
  );
}
