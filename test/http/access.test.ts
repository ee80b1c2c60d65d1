import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import t from 'tap';
import {
  type AccessRow,
  accessTable,
  accessTableText,
  CALLERS,
  type CallerKind,
} from '../../src/http/access/access-table.js';
import { ROUTE_NEEDS } from '../../src/http/access/route-needs.js';
import { buildApp } from '../../src/http/app.js';
import type { App, HttpOptions } from '../../src/http/context.js';
import { createLog } from '../../src/log.js';
import { type Keyed, keyed } from './keyed-app.js';
import { IMEI, MemoryRack } from './memory-rack.js';
import { PANEL } from './test-app.js';

async function appWith(options: Partial<HttpOptions>) {
  const rack = new MemoryRack();
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const app = await buildApp(rack, {
    host: '127.0.0.1',
    port: 0,
    log,
    version: '1',
    panel: PANEL,
    ...options,
  });
  return { app, rack, lines };
}

const HOLD = { method: 'POST', url: '/api/v1/ports/P01/actions' } as const;

const BODIES: Readonly<Record<string, string>> = {
  '/api/v1/restrictions': `{"imei":"${IMEI}","carrier":"docomo","mark":"cross","by":"x"}`,
  '/api/v1/restrictions/import': 'a,b,c',
  '/api/v1/runs/:run/validation': '{"decision":"accept"}',
  '/api/v1/log-level': '{"level":"info"}',
  '/api/v1/session': '{}',
};

/** A request that the route would take, were the caller allowed. */
function requestOf({ method, url, action }: AccessRow) {
  const places = { port: 'P01', carrier: 'docomo', run: 'run-1', imei: IMEI } as const;
  const query = url === '/api/v1/restrictions' && method === 'GET' ? '?changed=1' : '';
  const payload = action ? `{"action":"${action}"}` : (BODIES[url] ?? '{"by":"x"}');
  const type = url.endsWith('/import') ? 'text/csv' : 'application/json';
  return {
    method: method as 'GET' | 'POST' | 'DELETE',
    url: url.replace(/:(\w+)/g, (_all, name: keyof typeof places) => places[name]) + query,
    ...(method === 'POST' ? { payload, headers: { 'content-type': type } } : { headers: {} }),
  };
}

function headersOf(caller: CallerKind, { keys }: Keyed): Record<string, string> {
  if (caller === 'no key') return {};
  if (caller === 'wrong host')
    return { host: 'evil.example', authorization: `Bearer ${keys.admin}` };
  return { authorization: `Bearer ${keys[caller]}` };
}

/** The status of a reply whose body may never end. */
function statusOnly(port: number, url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path: url, headers }, (reply) => {
      resolve(reply.statusCode ?? 0);
      reply.destroy();
    });
    request.on('error', reject).end();
  });
}

async function statusOf(app: App, row: AccessRow, headers: Record<string, string>) {
  const { headers: own, ...request } = requestOf(row);
  const address = app.server.address();
  if (row.url.endsWith('/events') && address !== null && typeof address === 'object')
    return statusOnly(address.port, request.url, headers);
  return (await app.inject({ ...request, headers: { ...own, ...headers } })).statusCode;
}

t.test('docs/access.md has the table, and the table has every route', async (t) => {
  const page = readFileSync(path.join('docs', 'access.md'), 'utf8');
  const [, told = ''] = /<!-- table -->\n([\s\S]*)\n<!-- \/table -->/.exec(page) ?? [];
  t.equal(told, accessTableText());
  const { app } = await appWith({});
  const document = (await app.inject('/openapi.json')).json() as { paths: Record<string, object> };
  const served = Object.entries(document.paths).flatMap(([url, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${url.replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  // The page itself is not of the API, and so not in its document.
  t.same(Object.keys(ROUTE_NEEDS).sort(), ['GET /', ...served].sort());
});

t.test('the page that asks for the key needs none, and shows nothing of the rack', async (t) => {
  const { access } = await keyed(t);
  const { app } = await appWith({ access });
  for (const url of ['/', '/panel/panel.js', '/panel/styles.css']) {
    const { statusCode, body } = await app.inject(url);
    t.equal(statusCode, 200, url);
    t.notMatch(body, /P01|3563032/);
  }
  t.equal((await app.inject('/panel/../api/v1/ports')).statusCode, 401);
});

t.test('every route answers every caller as the table says', async (t) => {
  const all = await keyed(t);
  const { app, rack } = await appWith({ access: all.access });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  let cells = 0;
  for (const row of accessTable()) {
    for (const caller of CALLERS) {
      const acts = rack.acts.length + rack.levels.length + rack.notes.length;
      const status = await statusOf(app, row, headersOf(caller, all));
      const what = `${row.what}, ${caller}: ${status}`;
      const expected = row.answers[caller];
      if (expected === 'yes') t.ok(status >= 200 && status < 300, what);
      else {
        t.equal(status, Number(expected), what);
        t.equal(rack.acts.length + rack.levels.length + rack.notes.length, acts, 'nothing done');
      }
      cells += 1;
    }
  }
  t.equal(cells, accessTable().length * CALLERS.length);
});

t.test('the ledger is told the key, whatever the request says', async (t) => {
  const { access, keys, idOf } = await keyed(t);
  const { app, rack } = await appWith({ access });
  const post = (url: string, payload: string, key: string, type = 'application/json') =>
    app.inject({
      ...{ method: 'POST', url, payload },
      headers: { 'content-type': type, authorization: `Bearer ${key}` },
    });
  await post('/api/v1/ports/P01/actions', '{"action":"hold","by":"the boss"}', keys.operator);
  t.equal(rack.acts[0]?.request.by, idOf(keys.operator));
  await post('/api/v1/log-level', '{"level":"warn","by":"the boss"}', keys.admin);
  t.equal(rack.levels[0]?.by, idOf(keys.admin));
  await post('/api/v1/restrictions/import', 'a,b,c', keys.integration, 'text/csv');
  t.match(rack.notes[0], { action: 'import', by: idOf(keys.integration) });
  const validated = await post(
    '/api/v1/runs/run-1/validation',
    '{"decision":"accept","note":"seen"}',
    keys.verifier,
  );
  t.match(validated.json(), {
    validation: { decision: 'accept', by: idOf(keys.verifier), person: 'verifier', note: 'seen' },
  });
});

t.test('nobody acts under a name of the daemon itself', async (t) => {
  const { app, rack } = await appWith({});
  const hold = (by: string) => app.inject({ ...HOLD, payload: { action: 'hold', by } });
  for (const by of ['port-doctor', 'daemon']) t.equal((await hold(by)).statusCode, 400, by);
  t.same(rack.acts, []);
  t.equal((await hold('Sato')).statusCode, 202);
});

t.test('without keys nobody can be named, so nobody validates', async (t) => {
  const { app, rack } = await appWith({});
  const reply = await app.inject({
    ...{ method: 'POST', url: '/api/v1/runs/run-1/validation' },
    ...{ headers: { 'content-type': 'application/json' }, payload: '{"decision":"accept"}' },
  });
  t.equal(reply.statusCode, 403);
  const key = { authorization: 'Bearer sarachi_0000000000_x' };
  t.equal((await app.inject({ url: '/api/v1/ports', headers: key })).statusCode, 401, 'not ours');
  t.equal((await app.inject('/api/v1/ports')).statusCode, 200);
  t.equal(rack.acts.length, 0);
});

t.test('a refusal says why, how to do better, and not more', async (t) => {
  const { access, keys } = await keyed(t);
  const { app, lines } = await appWith({ access });
  const ask = (authorization?: string) =>
    app.inject({ url: '/api/v1/ports', headers: authorization ? { authorization } : {} });
  const cases: [string | undefined, RegExp][] = [
    [undefined, /needs a key/],
    ['Basic eDp5', /no key of this rack/],
    ['Bearer', /no key of this rack/],
    [`Bearer ${keys.admin.slice(0, -1)}`, /no key of this rack/],
    [`Bearer ${keys.admin.slice(0, -1)}_`, /no key of this rack/],
    [`Bearer ${keys['expired key']}`, /expired/],
    [`Bearer ${keys['revoked key']}`, /revoked/],
  ];
  for (const [authorization, why] of cases) {
    const reply = await ask(authorization);
    t.match(reply.json(), { status: 401, code: 'key-refused', detail: why });
    t.equal(reply.headers['www-authenticate'], 'Bearer realm="sarachi"');
  }
  t.notOk(lines.join('').includes(keys.admin.slice(20)), 'no key in the log');
});

t.test('a browser keeps the key in a cookie that scripts cannot read', async (t) => {
  const { access, keys, idOf } = await keyed(t);
  const { app } = await appWith({ access });
  const url = '/api/v1/session';
  const opened = await app.inject({
    ...{ method: 'POST', url, payload: '{}' },
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.viewer}` },
  });
  t.equal(opened.statusCode, 204);
  const cookie = String(opened.headers['set-cookie']);
  t.match(cookie, /; HttpOnly; SameSite=Strict$/);
  const pair = cookie.split(';')[0] ?? '';
  const who = await app.inject({ url, headers: { cookie: `a=b; ${pair}` } });
  t.match(who.json(), { key: idOf(keys.viewer), role: 'viewer', may: ['public', 'watch'] });
  const hold = (headers: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url: '/api/v1/ports/P01/actions', payload: '{"action":"hold"}' },
      headers: { 'content-type': 'application/json', ...headers },
    });
  t.equal((await hold({ cookie: pair })).statusCode, 403, 'a viewer stays a viewer');
  const operator = { cookie: `sarachi-key=${keys.operator}` };
  t.equal((await hold(operator)).statusCode, 202);
  const foreign = { ...operator, origin: 'https://evil.example' };
  t.equal((await hold(foreign)).statusCode, 403, 'a page of another site has the cookie in vain');
  const closed = await app.inject({ method: 'DELETE', url, headers: { cookie: pair } });
  t.match(String(closed.headers['set-cookie']), /^sarachi-key=; .*Max-Age=0$/);
});
