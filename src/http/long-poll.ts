import { z } from 'zod';
import type { RackView } from '../ports/view.js';
import { matches } from './conditional.js';
import type { RackApi } from './rack-api.js';

/** More than these wait at the same time only by mistake; further ones are answered at once. */
const MAX_WAITING = 512;
const LONGEST_WAIT_SECONDS = 25;

export const waitFields = {
  since: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('The seq that the caller has; without If-None-Match, what `wait` waits to pass.'),
  wait: z.coerce
    .number()
    .min(0)
    .max(LONGEST_WAIT_SECONDS)
    .default(0)
    .describe(
      'Seconds to wait for a change when the caller has this state already. Never longer than half of staleAfter, so that whoever waits does not go stale.',
    ),
} as const;

export const waitQuery = z.strictObject(waitFields);

/** A request that may say that it would wait. */
interface Call {
  readonly query: { readonly since?: number | undefined; readonly wait: number };
  readonly headers: { readonly 'if-none-match'?: string | undefined };
  /** Aborts when the caller is gone. Made when it is looked at, so only for who waits. */
  readonly signal: AbortSignal;
}

const waiting = new WeakMap<RackApi, number>();

/**
 * Hands on the rack's view: at once where the caller does not have it, else after the next change, and in any case
 * before the caller would go stale. Where it has both a validator and a seq, the validator counts: a seq begins anew
 * with each start of the daemon. Returns nothing where it was handed on at once, so that no poll costs a promise.
 */
export function whenAwaited(
  api: RackApi,
  request: Call,
  tagOf: (view: RackView) => string,
  handOn: (view: RackView) => void,
): Promise<void> | undefined {
  const view = api.view();
  const ms = Math.min(request.query.wait, view.staleAfter / 2) * 1000;
  const others = waiting.get(api) ?? 0;
  if (ms <= 0 || others >= MAX_WAITING || !hasAlready(request, view, tagOf)) {
    handOn(view);
    return;
  }
  waiting.set(api, others + 1);
  return nextChange(api, ms, request.signal).then(() => {
    waiting.set(api, (waiting.get(api) ?? 1) - 1);
    handOn(api.view());
  });
}

function hasAlready(
  { query, headers }: Call,
  view: RackView,
  tagOf: (view: RackView) => string,
): boolean {
  const known = headers['if-none-match'];
  return known === undefined ? view.seq === query.since : matches(known, tagOf(view));
}

/** Until the next change, the time is up or the caller is gone. */
function nextChange(api: RackApi, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const unsubscribe = api.onChange(done);
    signal.addEventListener('abort', done, { once: true });
  });
}
