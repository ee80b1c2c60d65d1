import type { Clock } from '../../wait.js';

/** More callers than these at once are not told apart: the longest unseen ones are forgotten. */
const MAX_CALLERS = 4_096;

export interface Rate {
  /** Requests that come back to a caller each second. */
  readonly perSecond: number;
  /** The most that it can have saved up. */
  readonly burst: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** What is in a bucket after a request at `now`, and how many seconds the caller has to wait if it was empty. Pure. */
export function take(
  bucket: Bucket | undefined,
  { perSecond, burst }: Rate,
  now: number,
): { bucket: Bucket; waitSeconds: number } {
  const before = bucket ?? { tokens: burst, at: now };
  const grown = (Math.max(0, now - before.at) / 1000) * perSecond;
  const tokens = Math.min(burst, before.tokens + grown);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, at: now }, waitSeconds: 0 };
  return { bucket: { tokens, at: now }, waitSeconds: Math.ceil((1 - tokens) / perSecond) };
}

/** Token buckets by caller. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Takes one of the caller; 0 where it was there, else the seconds until there is one. */
  take(caller: string): number {
    const { bucket, waitSeconds } = take(this.#buckets.get(caller), this.#rate, this.#clock());
    // Deleted first, so that the order of the map is that of the last requests.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > MAX_CALLERS) {
      const [oldest = ''] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return waitSeconds;
  }
}
