/** What a panel shows. It stands behind the # of the address, so that a reload and a bookmark lead back to it. */
export type Route =
  | { readonly page: 'rack' }
  | { readonly page: 'port'; readonly port: string }
  | { readonly page: 'run'; readonly run: string }
  | { readonly page: 'history'; readonly text: string; readonly verdict: string }
  | { readonly page: 'system' }
  | { readonly page: 'fleet' };

/** The route of an address; everything unknown is the rack. Pure. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  const [, page = '', name = ''] = path.split('/');
  if (page === 'port' && /^P[0-9]{2}$/.test(name)) return { page, port: name };
  if (page === 'run' && /^[A-Za-z0-9-]{1,64}$/.test(name)) return { page, run: name };
  if (page === 'system' || page === 'fleet') return { page };
  if (page !== 'history') return { page: 'rack' };
  const asked = new URLSearchParams(query);
  return { page, text: asked.get('q') ?? '', verdict: asked.get('verdict') ?? '' };
}

export function hashOf(route: Route): string {
  switch (route.page) {
    case 'rack':
      return '#/';
    case 'port':
      return `#/port/${route.port}`;
    case 'run':
      return `#/run/${route.run}`;
    case 'history':
      return `#/history?${new URLSearchParams({ q: route.text, verdict: route.verdict })}`;
    case 'system':
    case 'fleet':
      return `#/${route.page}`;
  }
}

/** What `GET /runs` is asked for a text that a person typed: an IMEI, a serial number or nothing; null for what is neither. */
export function searchOf(text: string): Readonly<Record<string, string>> | null {
  const bare = text.normalize('NFKC').replaceAll(/[\s‐－ー]/g, '');
  if (bare === '') return {};
  const digits = bare.replaceAll('-', '');
  if (/^[0-9]{14,16}$/.test(digits)) return { imei: digits };
  return /^[A-Za-z0-9._-]{1,64}$/.test(bare) ? { serial: bare } : null;
}
