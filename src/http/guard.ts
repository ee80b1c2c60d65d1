import { isIP } from 'node:net';
import { SarachiError } from '../errors.js';
import { HttpFault } from './problem.js';

/** What the guard looks at. Nothing of it is taken from a header that a proxy could have set. */
export interface Caller {
  readonly method: string;
  /** Peer of the TCP connection. */
  readonly remoteAddress: string | undefined;
  /** Our end of the TCP connection. */
  readonly localAddress: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The media type that the route takes; JSON unless it says otherwise. */
  readonly takes?: BodyType;
}

/** Media types that no page of another site can send without being asked first (Fetch standard, CORS-safelisted). */
export type BodyType = 'application/json' | 'text/csv';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const WILDCARD = new Set(['0.0.0.0', '::', '']);
const FORWARDING = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** Whether this address to bind means every address of the machine. */
export function isWildcard(bound: string): boolean {
  return WILDCARD.has(bound);
}

/** 127.0.0.0/8 and ::1, the former also in its IPv6-mapped form. */
export function isLoopback(address: string | undefined): boolean {
  const plain = unmapped(address ?? '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

function unmapped(address: string): string {
  const lower = address.toLowerCase();
  return lower.startsWith('::ffff:') && isIP(lower.slice(7)) === 4 ? lower.slice(7) : lower;
}

/** The host of a Host header, lower case, without port and brackets; null when it is not a host at all. */
function hostOf(header: string): string | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?$/.exec(header.toLowerCase());
  return found?.[1] ?? found?.[2] ?? null;
}

/**
 * Whether this Host may be answered. A page of another site whose name was made to point here still says that name, so
 * only names and addresses of our own pass: DNS rebinding ends here.
 */
export function hostIsOurs(
  header: string,
  bound: string,
  localAddress: string | undefined,
): boolean {
  const host = hostOf(header);
  if (host === null) return false;
  if (host === 'localhost' || isLoopback(host)) return true;
  // Bound to every address, the machine's own addresses are the configured ones. Names are not: any name can be
  // made to point here.
  if (isWildcard(bound)) return isIP(host) > 0 && host === unmapped(localAddress ?? '');
  return host === bound.toLowerCase();
}

/** How the server stands, for the guard. */
export interface GuardRules {
  /** Every request needs a key, so that acting from elsewhere is a matter of keys. */
  readonly keyed?: boolean;
  /** Names that are ours beside the bound one, as the certificate has them. */
  readonly names?: readonly string[];
  /** The server speaks TLS. */
  readonly secure?: boolean;
}

/**
 * Why a request is refused before anything of it is read; null when it may go on. Without API keys, only this
 * machine itself may change anything; and no page of another site may make a browser do it.
 */
export function refusalOf(
  caller: Caller,
  bound: string,
  { keyed = false, names = [], secure = false }: GuardRules = {},
): SarachiError | null {
  const host = text(caller, 'host');
  if (host === null || !(hostIsOurs(host, bound, caller.localAddress) || isNamed(host, names)))
    return new SarachiError('forbidden', { detail: 'this Host is not served here' });
  if (SAFE.has(caller.method)) return null;
  const elsewhere =
    !isLoopback(caller.remoteAddress) || FORWARDING.some((name) => name in caller.headers);
  if (elsewhere && !keyed)
    return new SarachiError('forbidden', { detail: 'actions are taken from this machine only' });
  if (isCrossSite(caller, `${secure ? 'https' : 'http'}://${host}`))
    return new SarachiError('forbidden', {
      detail: 'actions are not taken from pages of other sites',
    });
  const type = text(caller, 'content-type') ?? '';
  const takes = caller.takes ?? 'application/json';
  if (caller.method === 'POST' && mediaTypeOf(type) !== takes)
    return new HttpFault(415, `the content type must be ${takes}`);
  return null;
}

function isNamed(header: string, names: readonly string[]): boolean {
  return names.length > 0 && names.includes(hostOf(header) ?? '');
}

function mediaTypeOf(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}

function isCrossSite(caller: Caller, own: string): boolean {
  const origin = text(caller, 'origin');
  if (origin !== null && origin.toLowerCase() !== own.toLowerCase()) return true;
  // Sent by browsers only; `none` is a person at the address bar.
  const site = text(caller, 'sec-fetch-site');
  return site !== null && site !== 'same-origin' && site !== 'none';
}

function text(caller: Caller, name: string): string | null {
  const value = caller.headers[name];
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}
