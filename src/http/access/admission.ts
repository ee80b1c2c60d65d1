import type { FastifyRequest } from 'fastify';
import { SarachiError } from '../../errors.js';
import { DOCTOR } from '../../ports/doctor/work-order.js';
import type { Clock } from '../../wait.js';
import { HttpFault } from '../problem.js';
import type { KeyFault, KeyRecord } from './api-key.js';
import type { KeyStore } from './key-store.js';
import { type Rate, RateLimit } from './rate-limit.js';
import { may, type Need, type Role } from './roles.js';

export const COOKIE = 'sarachi-key';
const IN_COOKIE = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;\\s]*)`);

/** Refused keys of one address: enough for a person who mistypes, too few to fill a log. */
export const REFUSED: Rate = { perSecond: 0.2, burst: 10 };

/** Who asks. Without keys that is somebody at this machine, who may do everything and is named by what the request says. */
export interface Principal {
  /** Id of the key; null where none was needed. */
  readonly key: string | null;
  readonly person: string | null;
  readonly role: Role;
  readonly expiresAt: string | null;
}

const AT_THE_RACK: Principal = { key: null, person: null, role: 'admin', expiresAt: null };

/** How callers are told apart. */
export interface Access {
  /** Whether a request without a key is refused. */
  readonly required: boolean;
  readonly keys: KeyStore;
  readonly rate: Rate;
  /** For keys that are refused, by address. */
  readonly refused: Rate;
  readonly clock: Clock;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** Lets requests in or refuses them. */
export class Admission {
  readonly #access: Access | null;
  readonly #perKey: RateLimit | null;
  readonly #refused: RateLimit | null;

  /** Without access everything is as it is at the rack: no keys. */
  constructor(access: Access | null) {
    this.#access = access;
    this.#perKey = access && new RateLimit(access.rate, access.clock);
    this.#refused = access && new RateLimit(access.refused, access.clock);
  }

  get required(): boolean {
    return this.#access?.required ?? false;
  }

  /**
   * Who asks, if it may; at once, but where the keys have to be read first. Throws, or rejects with, key-refused,
   * forbidden, or the 429.
   */
  admit(request: FastifyRequest, need: Need): Principal | null | Promise<Principal> {
    const presented = keyOf(request);
    if (presented === null) {
      if (!this.required) return AT_THE_RACK;
      if (need === 'public') return null;
      throw new SarachiError('key-refused', { detail: 'this needs a key' });
    }
    if (need === 'public') return null;
    const found = this.#access?.keys.check(presented) ?? 'no key of this rack';
    return found instanceof Promise
      ? found.then((read) => this.#admitKey(read, request.ip, need))
      : this.#admitKey(found, request.ip, need);
  }

  /** Whether a principal that was let in may go on. */
  stillGood({ key }: Principal): boolean {
    return key === null || (this.#access?.keys.stillGood(key) ?? false);
  }

  #admitKey(found: KeyRecord | KeyFault, address: string, need: Need): Principal {
    if (typeof found === 'string') {
      limit(this.#refused, address);
      throw new SarachiError('key-refused', { detail: `this is ${found}` });
    }
    const { id, person, role, expiresAt } = found;
    limit(this.#perKey, `${id} ${address}`);
    if (!may(role, need)) throw refusedRole(role, need);
    return { key: id, person, role, expiresAt };
  }
}

function limit(rate: RateLimit | null, caller: string): void {
  const waitSeconds = rate?.take(caller) ?? 0;
  if (waitSeconds > 0) throw new TooMany(waitSeconds);
}

/** A 429 that says when to come again. */
export class TooMany extends HttpFault {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super(429, `too many requests: come again in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The key that a request bears: as a bearer token (RFC 6750), or in the cookie that a session set. */
export function keyOf(request: Pick<FastifyRequest, 'headers'>): string | null {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  return cookie === undefined ? null : (IN_COOKIE.exec(cookie)?.[1] ?? null);
}

function refusedRole(role: Role, need: Need): SarachiError {
  return new SarachiError('forbidden', { detail: `the role ${role} may not do that (${need})` });
}

function principalIn(request: FastifyRequest): Principal {
  if (!request.principal) throw new SarachiError('key-refused', { detail: 'this needs a key' });
  return request.principal;
}

/** Throws forbidden where the caller may not do this much. */
export function demand(request: FastifyRequest, need: Need): void {
  const { role } = principalIn(request);
  if (!may(role, need)) throw refusedRole(role, need);
}

/** Names under which the daemon itself stands in the ledger. */
const NOT_PEOPLE: ReadonlySet<string> = new Set(['daemon', DOCTOR, 'watch', 'SIGUSR2']);

/** Who the ledger names: the key, whatever the request says; without keys, what it says. Throws bad-request. */
export function byOf(request: FastifyRequest, said: string): string {
  const { key } = principalIn(request);
  if (key === null && NOT_PEOPLE.has(said))
    throw new SarachiError('bad-request', { detail: `by: ${said} is nobody's name` });
  return key ?? said;
}

/** Who asks, with a key. Throws forbidden where nobody can be named. */
export function namedCaller(request: FastifyRequest): { key: string; person: string } {
  const { key, person } = principalIn(request);
  if (key === null || person === null)
    throw new SarachiError('forbidden', { detail: 'this needs a key that names a person' });
  return { key, person };
}
