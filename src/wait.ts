import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorCode, SarachiError } from './errors.js';

/** Milliseconds since the epoch. Handed in wherever time is recorded, so that tests own it. */
export type Clock = () => number;

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
}

/** Why work ends whose wait is over. One for all: it is made for every request on a fast wire, and its stack says nothing. */
const OVER = new SarachiError('aborted');

/** What an aborted signal means as an error: its reason when that is one of ours, otherwise `aborted`. */
export function abortError(signal: AbortSignal): SarachiError {
  return signal.reason instanceof SarachiError
    ? signal.reason
    : new SarachiError('aborted', {}, { cause: signal.reason });
}

/** Sleeps; rejects with the signal's error when it is aborted first. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw abortError(signal);
  await delay(ms, undefined, { signal }).catch(() => {
    throw abortError(signal);
  });
}

/**
 * Runs `work` with a signal that fires on the caller's abort or after `timeoutMs`, and settles as soon as the
 * signal fires even if `work` ignores it. Rejects with `code` when it was the deadline.
 */
export async function withDeadline<T>(
  options: WaitOptions,
  code: ErrorCode,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (options.signal.aborted) throw abortError(options.signal);
  const own = new AbortController();
  const onAbort = () => own.abort(abortError(options.signal));
  options.signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(
    () => own.abort(new SarachiError(code, { timeoutMs: options.timeoutMs })),
    options.timeoutMs,
  );
  try {
    return await raceAbort(work(own.signal), own.signal);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    // Whatever still runs under this wait must not outlive it.
    own.abort(OVER);
  }
}

/** Settles with `promise`, or rejects at once when the signal fires. */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw abortError(signal);
  }
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(abortError(signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
