import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Breaker } from './breaker.js';
import type { CanaryState } from './canary.js';
import type { CarrierKeys } from './keys.js';
import type { CarrierState } from './plan.js';
import { type Entry, readEntry, readHealth, writeEntry } from './records.js';
import { AMEND, BEGIN, LOOK, REVOKE, runScript, SETTLE } from './scripts.js';

/** Longer than any worker can be away and still be missed. */
const INTENT_MS = 24 * 60 * 60 * 1000;
const REMEMBERED_REVOCATIONS = 1000;
/** Of a carrier without canaries. */
const NEVER = Number.MAX_SAFE_INTEGER;

const field = z.string().nullable();
const stateReply = z.tuple([field, field, field, field, field, field]);
const lookReply = z.tuple([field, stateReply]);
const beginReply = z.union([
  z.tuple([z.literal('lost')]),
  z.tuple([z.literal('answered')]),
  z.tuple([z.literal('differs'), stateReply]),
  z.tuple([z.literal('go'), z.int()]),
]);

/** The state with the very texts that it was read from: a change is only written over what was read. */
export interface SeenState extends CarrierState {
  readonly raw: { readonly breaker: string; readonly canary: string };
}

export interface Request {
  /** The IMEI that is asked about; null for a canary. */
  readonly imei: string | null;
  readonly newerThan: number;
  /** The token and the key of the lock of the job that asks. */
  readonly token: string;
  readonly lock: string;
  /** What the decision to ask was made from. */
  readonly seen: SeenState;
  readonly day: string;
  readonly perDay: number;
  /** Real answers after which canaries are due; null without canaries. */
  readonly every: number | null;
}

export type Begun =
  | { readonly type: 'lost' }
  | { readonly type: 'answered' }
  | { readonly type: 'differs'; readonly state: SeenState }
  | { readonly type: 'go'; readonly again: boolean };

export interface Settled {
  readonly entry: Entry;
  /** 0 tells whoever waits and keeps nothing. */
  readonly ttlMs: number;
  readonly token: string;
  /** True for an answer that is only as good as the parser. */
  readonly needsTrust: boolean;
  /** The key of the queue's limiter, and how long it holds the queue now. */
  readonly limiter: string;
  readonly pauseMs: number;
}

export interface Change {
  readonly breaker: Breaker;
  readonly canary: CanaryState;
  readonly wholeRound: boolean;
  /** For all racks; empty for nothing. */
  readonly news: string;
}

/** What all racks know about one carrier and its answers, in Redis. Each method is one round trip. */
export class CarrierStore {
  readonly #redis: Redis;
  readonly #keys: CarrierKeys;

  constructor(redis: Redis, keys: CarrierKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** `invalid` where something is stored that cannot be read. */
  async look(imei: string): Promise<{ entry: Entry | null; invalid: boolean; state: SeenState }> {
    const { answers, state } = this.#keys;
    const reply = await runScript(this.#redis, LOOK, [answers + imei, state], []);
    const [raw, fields] = lookReply.parse(reply);
    const entry = raw === null ? null : readEntry(raw);
    return { entry, invalid: raw !== null && entry === null, state: readState(fields) };
  }

  async state(): Promise<SeenState> {
    return (await this.look('')).state;
  }

  /** Says whether the request may leave now, and then counts it and writes down that it is about to. */
  async begin(request: Request): Promise<Begun> {
    const { answers, intents, state, channel } = this.#keys;
    const imei = request.imei ?? '';
    const reply = await runScript(
      this.#redis,
      BEGIN,
      [answers + imei, intents + imei, state, request.lock],
      [
        request.token,
        request.newerThan,
        request.seen.raw.breaker,
        request.seen.raw.canary,
        request.day,
        request.perDay,
        request.every ?? NEVER,
        INTENT_MS,
        request.imei === null ? 'canary' : 'ask',
        channel,
      ],
    );
    const [type, more] = beginReply.parse(reply);
    switch (type) {
      case 'differs':
        return { type, state: readState(more) };
      case 'go':
        return { type, again: more === 1 };
      case 'lost':
      case 'answered':
        return { type };
    }
  }

  async settle(settled: Settled): Promise<void> {
    const { entry, ttlMs, token, needsTrust, limiter, pauseMs } = settled;
    const { answers, intents, state, since, channel } = this.#keys;
    const { imei } = entry.answer;
    await runScript(
      this.#redis,
      SETTLE,
      [answers + imei, intents + imei, state, since, limiter],
      [token, writeEntry(entry), ttlMs, imei, channel, needsTrust ? 1 : 0, pauseMs],
    );
  }

  /** The state as it is now in Redis, or null where it was no longer as `seen`. */
  async amend(seen: SeenState, change: Change): Promise<SeenState | null> {
    const { state, since, channel } = this.#keys;
    const { breaker, canary, wholeRound, news } = change;
    const raw = { breaker: JSON.stringify(breaker), canary: JSON.stringify(canary) };
    const done = await runScript(
      this.#redis,
      AMEND,
      [state, since],
      [
        ...[seen.raw.breaker, seen.raw.canary, raw.breaker, raw.canary],
        ...[wholeRound ? 1 : 0, channel, news],
      ],
    );
    return done === 1
      ? { ...seen, breaker, canary, raw, since: wholeRound ? 0 : seen.since }
      : null;
  }

  /** Forgets the answers since the canaries were last read right, and tells all racks; resolves to their IMEIs. */
  async revoke(now: number): Promise<readonly string[]> {
    const { answers, since, state, revoked, channel } = this.#keys;
    const reply = await runScript(
      this.#redis,
      REVOKE,
      [since, state, revoked],
      [answers, now, channel, REMEMBERED_REVOCATIONS],
    );
    return z.array(z.string()).parse(reply);
  }

  /** The latest answers that lost their trust, oldest first. */
  async revocations(): Promise<readonly { readonly at: number; readonly imei: string }[]> {
    const lines = await this.#redis.lrange(this.#keys.revoked, 0, -1);
    return lines.flatMap((line) => {
      const [, at, imei] = /^([0-9]{1,15}) ([0-9]{15})$/.exec(line) ?? [];
      return imei ? [{ at: Number(at), imei }] : [];
    });
  }

  async forget(imei: string): Promise<void> {
    await this.#redis.del(this.#keys.answers + imei);
  }

  async tell(news: string): Promise<void> {
    await this.#redis.publish(this.#keys.channel, news);
  }
}

function readState(fields: z.infer<typeof stateReply>): SeenState {
  const [breaker, canary, day, used, since, again] = fields;
  const raw = { breaker: breaker ?? '', canary: canary ?? '' };
  return {
    ...readHealth(raw),
    day: day ?? '',
    used: Number(used ?? 0),
    since: Number(since ?? 0),
    askedAgain: Number(again ?? 0),
    raw,
  };
}
