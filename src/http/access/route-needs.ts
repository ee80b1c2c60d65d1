import { API } from '../document.js';
import type { Need } from './roles.js';

/**
 * What each route needs, by method and pattern; the daemon does not start with a route that is not in here. HEAD is as
 * its GET. A port's actions need more, each its own (`needOfAction`).
 */
export const ROUTE_NEEDS: Readonly<Record<string, Need>> = {
  'GET /': 'public',
  'GET /openapi.json': 'public',
  'GET /livez': 'public',
  'GET /readyz': 'watch',
  'GET /metrics': 'watch',
  [`GET ${API}`]: 'public',
  [`GET ${API}/rack`]: 'watch',
  [`GET ${API}/ports`]: 'watch',
  [`GET ${API}/ports/:port`]: 'watch',
  [`POST ${API}/ports/:port/actions`]: 'blink',
  [`GET ${API}/leds`]: 'watch',
  [`GET ${API}/events`]: 'watch',
  [`GET ${API}/fleet`]: 'watch',
  [`GET ${API}/queues`]: 'watch',
  [`GET ${API}/carriers`]: 'watch',
  [`POST ${API}/carriers/:carrier/resume`]: 'resume',
  [`GET ${API}/runs`]: 'history',
  [`GET ${API}/runs/:run`]: 'history',
  [`GET ${API}/runs/:run/evidence`]: 'history',
  [`GET ${API}/runs/:run/certificate`]: 'history',
  [`POST ${API}/runs/:run/validation`]: 'validate',
  [`GET ${API}/restrictions`]: 'history',
  [`POST ${API}/restrictions`]: 'mark',
  [`GET ${API}/restrictions/:imei`]: 'history',
  [`POST ${API}/restrictions/:imei/recheck`]: 'mark',
  [`POST ${API}/restrictions/import`]: 'import',
  [`GET ${API}/log-level`]: 'admin',
  [`POST ${API}/log-level`]: 'admin',
  [`GET ${API}/session`]: 'watch',
  [`POST ${API}/session`]: 'watch',
  [`DELETE ${API}/session`]: 'public',
};

/** The table by method and then by pattern: each request looks, and none has to put a name together for that. */
const BY_METHOD = byMethod();

function byMethod(): ReadonlyMap<string, ReadonlyMap<string, Need>> {
  const found = new Map<string, Map<string, Need>>();
  for (const [name, need] of Object.entries(ROUTE_NEEDS)) {
    const [method = '', url = ''] = name.split(' ');
    found.set(method, (found.get(method) ?? new Map<string, Need>()).set(url, need));
  }
  return found;
}

/** The need of a route; null where the table does not know it. */
export function needOf(method: string, url: string): Need | null {
  // The panel's own files: a page that asks for the key has to be there first.
  const asked = method === 'HEAD' ? 'GET' : method;
  if (asked === 'GET' && url.startsWith('/panel/')) return 'public';
  return BY_METHOD.get(asked)?.get(url) ?? null;
}
