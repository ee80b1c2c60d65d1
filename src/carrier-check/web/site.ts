import { isIP } from 'node:net';
import { getPublicSuffix } from 'tough-cookie';

/**
 * True when a page of `from` may send its reader to `to`: http or https, never from https back to http, and within one
 * registrable domain (Public Suffix List); an address without a name is a site of its own.
 */
export function isSameSite(from: URL, to: URL): boolean {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return false;
  if (from.protocol === 'https:' && to.protocol === 'http:') return false;
  return siteOf(from.hostname) === siteOf(to.hostname);
}

function siteOf(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare)) return bare;
  return getPublicSuffix(hostname, { allowSpecialUseDomain: true, ignoreError: true }) ?? hostname;
}
