import type { LookUpOutcome } from '../answer.js';
import type { BreakerPolicy } from './breaker.js';
import type { CanaryPolicy } from './canary.js';

/** How one carrier may be asked. All racks on one Redis must state the same. */
export interface CarrierPace {
  /** Least time from the end of one look-up to the start of the next, in ms, 1 or more. */
  readonly spacingMs: number;
  /** Up to so many ms more, drawn anew each time, so that the look-ups keep no beat. */
  readonly jitterMs: number;
  /** Look-ups a day of Japan, canaries among them. */
  readonly perDay: number;
  /** Longest time of one look-up, in ms. */
  readonly requestMs: number;
  /** How long an `ok` answer may be given again, in ms. */
  readonly ttlMs: number;
  /** The same for every other outcome, so that a question in trouble is not asked in a circle; 1,000 ms or more. */
  readonly troubleTtlMs: number;
  readonly breaker: BreakerPolicy;
  readonly canary: CanaryPolicy;
}

/** Japan has no summer time: its days are those of UTC, nine hours early. */
const JAPAN_MS = 9 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** An answer must outlive the end of its job, or whoever asks in between would wait for a job that is over. */
const LEAST_TTL_MS = 1000;

/** The calendar day in Japan, `2026-04-01`, of a time in ms since the epoch. */
export function dayOf(now: number): string {
  return new Date(now + JAPAN_MS).toISOString().slice(0, 10);
}

/** Ms until the next day of Japan begins; 1 to a whole day. */
export function untilNextDay(now: number): number {
  return DAY_MS - ((now + JAPAN_MS) % DAY_MS);
}

/**
 * How long nobody may be asked after a look-up, in whole ms. `random` is from 0 to 1. One ms is added because the
 * expiry of a Redis key is counted in whole ms: without it the last one could be cut off.
 */
export function pauseAfter(
  { spacingMs, jitterMs }: Pick<CarrierPace, 'spacingMs' | 'jitterMs'>,
  random: number,
): number {
  return Math.ceil(spacingMs + jitterMs * random) + 1;
}

/** How long an answer with this outcome may be given again, in ms. */
export function ttlOf(
  outcome: LookUpOutcome,
  { ttlMs, troubleTtlMs }: Pick<CarrierPace, 'ttlMs' | 'troubleTtlMs'>,
): number {
  return Math.max(outcome === 'ok' ? ttlMs : troubleTtlMs, LEAST_TTL_MS);
}
