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

interface Call {
  readonly since: number | undefined;
  /** Seconds. */
  readonly wait: number;
  readonly known: string | undefined;
  readonly signal: AbortSignal;
}

/** What a request says about waiting. */
export function callOf(request: {
  readonly query: { readonly since?: number | undefined; readonly wait: number };
  readonly headers: { readonly 'if-none-match'?: string | undefined };
  readonly signal: AbortSignal;
}): Call {
  const { query, headers, signal } = request;
  return { since: query.since, wait: query.wait, known: headers['if-none-match'], signal };
}

const waiting = new WeakMap<RackApi, number>();

/**
 * The rack's view: at once where the caller does not have it, else after the next change, and in any case before the
 * caller would go stale. Where it has both a validator and a seq, the validator counts: a seq begins anew with each
 * start of the daemon.
 */
export async function awaited(
  api: RackApi,
  { tagOf, since, wait, known, signal }: Call & { readonly tagOf: (view: RackView) => string },
): Promise<RackView> {
  const isKnown = (view: RackView) =>
    known === undefined ? view.seq === since : matches(known, tagOf(view));
  const view = api.view();
  const ms = Math.min(wait, view.staleAfter / 2) * 1000;
  const others = waiting.get(api) ?? 0;
  if (ms <= 0 || !isKnown(view) || signal.aborted || others >= MAX_WAITING) return view;
  waiting.set(api, others + 1);
  await nextChange(api, ms, signal);
  waiting.set(api, (waiting.get(api) ?? 1) - 1);
  return api.view();
}

/** Until the next change, the time is up or the caller is gone. */
function nextChange(api: RackApi, ms: number, signal: AbortSignal): Promise<void> {
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
