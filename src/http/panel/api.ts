import { useEffect, useRef, useState } from 'preact/hooks';
import type { ErrorCode } from '../../errors.js';
import type { JsonObject } from '../../evidence.js';
import type { PortAction } from '../../ports/view.js';

const ANSWER_MS = 10_000;

/** Why something was refused, as RFC 9457 says it. */
export interface Problem {
  readonly status: number;
  readonly code: ErrorCode | null;
  readonly detail: string;
}

export type Answer<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'here'; readonly body: T }
  | { readonly state: 'failed'; readonly problem: Problem };

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const limit = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(path, { cache: 'no-store', signal: limit, ...init });
    const body: unknown = answer.status === 204 ? null : await answer.json();
    // The readiness says in full what is wrong, with the status 503.
    if (answer.ok || path === '/readyz') return { state: 'here', body: body as T };
    const { code = null, detail = '' } = body as Partial<Problem>;
    return { state: 'failed', problem: { status: answer.status, code, detail } };
  } catch (error) {
    return { state: 'failed', problem: { status: 0, code: null, detail: String(error) } };
  }
}

/**
 * A body of the API: read when the path changes, again every so many milliseconds, and whenever `again` is another
 * value. What cannot be read is not shown as it was before.
 */
export function useAnswer<T>(
  path: string | null,
  { every = 0, again = 0 }: { every?: number; again?: number | string } = {},
): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ state: 'loading' });
  const shown = useRef(path);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (shown.current !== path) setAnswer({ state: 'loading' });
    shown.current = path;
    const look = async () => {
      if (path === null) return;
      const found = await ask<T>(path, {});
      if (over) return;
      setAnswer(found);
      if (every > 0) timer = setTimeout(() => void look(), every);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, every, again]);
  return answer;
}

function post(path: string, body: object): Promise<Answer<unknown>> {
  return ask(path, {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json' },
  });
}

export function act(
  port: string,
  said: { readonly action: PortAction; readonly by: string; readonly statement?: JsonObject },
): Promise<Answer<unknown>> {
  const { action, by, statement = {} } = said;
  const named = by === '' ? {} : { by };
  return post(`/api/v1/ports/${port}/actions`, { action, statement, ...named });
}

export function resumeCarrier(carrier: string, by: string): Promise<Answer<unknown>> {
  return post(`/api/v1/carriers/${carrier}/resume`, { by: by === '' ? 'unnamed' : by });
}

/** The word of a second person on a settled run. */
export function validate(run: string, decision: 'accept' | 'reject'): Promise<Answer<unknown>> {
  return post(`/api/v1/runs/${run}/validation`, { decision });
}

const SESSION = '/api/v1/session';

/** Gives the key to the browser's keeping: a cookie that no script can read. */
export function openSession(key: string): Promise<Answer<unknown>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  return ask(SESSION, { method: 'POST', body: '{}', headers });
}

export function closeSession(): Promise<Answer<unknown>> {
  return ask(SESSION, { method: 'DELETE' });
}

/** A body of the API, once. */
export function read<T>(path: string): Promise<Answer<T>> {
  return ask<T>(path, {});
}
