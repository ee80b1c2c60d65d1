import { randomBytes } from 'node:crypto';
import type { SiteRequest } from './site.js';

const MAX_SESSIONS = 1000;

/** The sessions of one site: a cookie names one, and each may hold a value. The oldest are forgotten. */
export class Sessions {
  readonly #cookie: string;
  readonly #values = new Map<string, string>();

  constructor(cookie: string) {
    this.#cookie = cookie;
  }

  /** The session of a request, if it has a living one. */
  idOf(request: SiteRequest): string | null {
    const id = request.cookies.get(this.#cookie);
    return id !== undefined && this.#values.has(id) ? id : null;
  }

  /** Opens a session and gives its Set-Cookie line. */
  open(): { id: string; cookie: string } {
    const id = randomBytes(16).toString('hex');
    this.#values.set(id, '');
    const [oldest] = this.#values.keys();
    if (this.#values.size > MAX_SESSIONS && oldest) this.#values.delete(oldest);
    return { id, cookie: `${this.#cookie}=${id}; Path=/; HttpOnly` };
  }

  value(id: string): string {
    return this.#values.get(id) ?? '';
  }

  keep(id: string, value: string): void {
    this.#values.set(id, value);
  }
}
