import { CookieJar } from 'tough-cookie';
import { VERSION } from '../../version.js';
import { abortError } from '../../wait.js';
import type { CarrierPage } from '../parse/page.js';
import { isSameSite } from './site.js';

/** One request as a browser would send it. */
export interface PageRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** One visit to a site: its cookies live as long as it, so that no look-up knows of another. */
export interface Visit {
  readonly jar: CookieJar;
  readonly userAgent: string;
  readonly maxRedirects: number;
}

/** A page, or why none came. */
export type Fetched =
  | { readonly page: CarrierPage }
  | { readonly page: null; readonly why: string };

const MAX_PAGE_BYTES = 1024 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Begins a visit; `contact` says whom the site's owner may write to. */
export function newVisit(contact: string, maxRedirects = 5): Visit {
  const about = ['network restriction check', contact].filter((part) => part !== '').join('; ');
  return { jar: new CookieJar(), userAgent: `Sarachi/${VERSION} (${about})`, maxRedirects };
}

/**
 * Fetches one page: cookies kept, redirects followed within the site (Fetch standard, HTTP-redirect fetch), at most
 * 1 MiB read. Rejects only with the signal's error.
 */
export async function fetchPage(
  request: PageRequest,
  visit: Visit,
  signal: AbortSignal,
): Promise<Fetched> {
  let next = request;
  for (let hops = 0; hops <= visit.maxRedirects; hops += 1) {
    const step = await fetchOnce(next, visit, signal);
    if (!('location' in step)) return step;
    const target = URL.canParse(step.location, next.url) ? new URL(step.location, next.url) : null;
    if (!target || !isSameSite(new URL(next.url), target)) {
      return { page: null, why: `redirected to another site: ${step.location.slice(0, 100)}` };
    }
    next = redirected(next, step.status, target.href);
  }
  return { page: null, why: `redirected more than ${visit.maxRedirects} times` };
}

async function fetchOnce(
  request: PageRequest,
  visit: Visit,
  signal: AbortSignal,
): Promise<Fetched | { readonly location: string; readonly status: number }> {
  const { url, method, body } = request;
  const cookie = await visit.jar.getCookieString(url);
  const headers = {
    'user-agent': visit.userAgent,
    'accept-language': 'ja',
    accept: 'text/html,application/xhtml+xml',
    ...request.headers,
    ...(cookie === '' ? {} : { cookie }),
  };
  try {
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal });
    for (const line of response.headers.getSetCookie()) {
      await visit.jar.setCookie(line, url, { ignoreError: true });
    }
    const location = response.headers.get('location');
    if (REDIRECTS.has(response.status) && location !== null) {
      await response.body?.cancel();
      return { location, status: response.status };
    }
    const bytes = await readCapped(response);
    if (!bytes) return { page: null, why: `the page is longer than ${MAX_PAGE_BYTES} bytes` };
    const contentType = response.headers.get('content-type');
    return { page: { status: response.status, contentType, body: bytes, url } };
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    return { page: null, why: reasonOf(error) };
  }
}

/** A POST that is answered by 301, 302 or 303 goes on as a GET without its body. */
function redirected(request: PageRequest, status: number, url: string): PageRequest {
  const kept = status === 307 || status === 308 || request.method === 'GET';
  if (kept) return { ...request, url };
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name !== 'content-type'),
  );
  return { method: 'GET', url, headers, body: null };
}

async function readCapped(response: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the rest of the body.
    if (length > MAX_PAGE_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What fetch says is always "fetch failed"; the reason is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? `${String(cause.code)}: ` : '';
  return `${code}${cause instanceof Error ? cause.message : String(cause)}`.slice(0, 200);
}
