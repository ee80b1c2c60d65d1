import t from 'tap';
import { ERRORS, type ErrorCode, SarachiError } from '../../src/errors.js';
import { type Caller, hostIsOurs, isLoopback, refusalOf } from '../../src/http/guard.js';
import { problemOf, problemSchema } from '../../src/http/problem.js';
import { JSON_BODY, testApp } from './test-app.js';

const ACTIONS = '/api/v1/ports/P01/actions';

t.test('every error code is a problem with a fitting status that tells no internals', async (t) => {
  const expected: Partial<Record<ErrorCode, number>> = {
    'bad-request': 400,
    'key-refused': 401,
    forbidden: 403,
    'not-found': 404,
    'not-possible-now': 409,
    'redis-gone': 503,
    'adb-server-gone': 503,
    'ledger-unwritable': 503,
  };
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const problem = problemOf(new SarachiError(code, { secret: 'path-of-the-key' }));
    t.ok(problemSchema.safeParse(problem).success, code);
    t.equal(problem.status, expected[code] ?? 500, code);
    t.equal(problem.type, `/docs/errors#${code}`);
    if (problem.status >= 500) t.notMatch(JSON.stringify(problem), 'path-of-the-key');
  }
});

t.test('what the caller got wrong is answered with a 4xx problem', async (t) => {
  const { app, rack } = await testApp();
  const cases: [
    number,
    string,
    { method?: 'POST' | 'PUT' | 'DELETE'; payload?: string; type?: string },
  ][] = [
    [404, '/nowhere', {}],
    [404, '/api/v1/ports/P99', {}],
    [404, '/api/v1/runs/run-9', {}],
    [404, '/api/v1/runs/run-9/evidence', {}],
    [404, '/api/v1/runs/run-9/certificate', {}],
    [400, '/%zz', {}],
    [400, '/api/v1/ports/p1', {}],
    [400, '/api/v1/ports/P01%0a', {}],
    [400, '/api/v1/runs/..%2f..%2fetc%2fpasswd', {}],
    [400, `/api/v1/runs/${'a'.repeat(65)}`, {}],
    [414, `/api/v1/runs/${'a'.repeat(200)}`, {}],
    [400, '/api/v1/runs?imai=353644930127905', {}],
    [400, '/api/v1/runs?limit=0', {}],
    [400, '/api/v1/runs?limit=201', {}],
    [400, '/api/v1/runs?limit=1e99', {}],
    [400, '/api/v1/runs?from=yesterday', {}],
    [400, '/api/v1/runs?cursor=broken', {}],
    [400, '/api/v1/runs?serial=a&serial=b', {}],
    [400, '/api/v1/leds?format=xml', {}],
    [405, '/api/v1/ports', { method: 'DELETE' }],
    [405, '/api/v1/ports', { method: 'POST', payload: '{}' }],
    [405, '/livez', { method: 'PUT', payload: 'x', type: 'text/x-any' }],
    [404, '/nowhere', { method: 'POST', payload: '{}' }],
    [404, '/api/v1/ports/P99/actions', { method: 'POST', payload: '{"action":"retry"}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":' }],
    [400, ACTIONS, { method: 'POST', payload: '' }],
    [400, ACTIONS, { method: 'POST', payload: 'null' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"erase"}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"retry","force":true}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"retry","__proto__":{}}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"retry","by":"a\\nb"}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"retry","by":""}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"confirm","statement":{"a b":1}}' }],
    [400, ACTIONS, { method: 'POST', payload: '{"action":"confirm","statement":{"a":[1]}}' }],
    [413, ACTIONS, { method: 'POST', payload: `{"by":"${'x'.repeat(65 * 1024)}"}` }],
    [415, ACTIONS, { method: 'POST', payload: '{"action":"retry"}', type: 'text/plain' }],
    [
      415,
      ACTIONS,
      { method: 'POST', payload: 'action=retry', type: 'application/x-www-form-urlencoded' },
    ],
    [415, ACTIONS, { method: 'POST', payload: '{"action":"retry"}', type: 'application/jsonp' }],
    [415, ACTIONS, { method: 'POST', payload: '{"action":"retry"}', type: '' }],
  ];
  for (const [status, url, { method = 'GET', payload, type }] of cases) {
    const headers = type === undefined ? JSON_BODY : { 'content-type': type };
    const reply = await app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload, headers }),
    });
    const what = `${method} ${url.slice(0, 60)} ${payload?.slice(0, 40) ?? ''} ${type ?? ''}`;
    t.equal(reply.statusCode, status, what);
    t.match(reply.headers['content-type'], /^application\/problem\+json/, what);
    t.ok(problemSchema.safeParse(reply.json()).success, what);
    t.equal(reply.headers['x-content-type-options'], 'nosniff', what);
    if (status === 405) t.match(reply.headers['allow'], /GET, HEAD/);
  }
  t.same(rack.acts, [], 'none of it reached a port');
});

t.test('a fault names the field', async (t) => {
  const { app } = await testApp();
  const payload = { action: 'confirm', statement: { marks: { docomo: 'x'.repeat(300) } } };
  const reply = await app.inject({ method: 'POST', url: ACTIONS, headers: JSON_BODY, payload });
  t.match(reply.json().errors, [{ path: /^body\.statement\.marks/, message: /./ }]);
});

t.test('what the rack refuses keeps its code', async (t) => {
  const { app, rack, lines } = await testApp();
  const post = () =>
    app.inject({ method: 'POST', url: ACTIONS, headers: JSON_BODY, payload: { action: 'retry' } });
  rack.refusal = new SarachiError('not-possible-now', { state: 'working' });
  const conflict = await post();
  t.equal(conflict.statusCode, 409);
  t.match(conflict.json(), { code: 'not-possible-now', detail: /state=working/ });

  rack.refusal = new SarachiError('redis-gone', { path: '/run/secret.sock' });
  const gone = await app.inject('/api/v1/queues');
  t.equal(gone.statusCode, 503);
  t.notMatch(gone.body, 'secret');
  t.equal(JSON.parse(lines.find((line) => line.includes('request failed')) ?? '').level, 'warn');
});

t.test('a fault of our own is told without its insides, and logged with them', async (t) => {
  const { app, rack, lines } = await testApp();
  rack.refusal = new TypeError('cannot read /var/lib/sarachi/keys');
  const reply = await app.inject('/api/v1/queues');
  t.equal(reply.statusCode, 500);
  t.equal(reply.json().code, 'internal');
  t.notMatch(reply.body, /var\/lib|TypeError|at /);
  const line = JSON.parse(lines.find((text) => text.includes('request failed')) ?? '');
  t.match(line, { level: 'error', route: '/api/v1/queues', err: { message: /var\/lib/ } });
});

t.test(
  'a state that breaks the contract is a fault, never sent, and leaves no ETag behind',
  async (t) => {
    const { app, rack } = await testApp();
    const [first] = rack.ports;
    if (!first) throw new SarachiError('internal');
    rack.ports = [{ ...first, port: 'P1; DROP' }];
    const reply = await app.inject('/api/v1/ports');
    t.equal(reply.statusCode, 500);
    t.equal(reply.headers['etag'], undefined);
    t.equal(reply.headers['cache-control'], 'no-store');
    t.notMatch(reply.body, 'DROP');
  },
);

const LOCAL: Caller = {
  method: 'POST',
  remoteAddress: '127.0.0.1',
  localAddress: '127.0.0.1',
  headers: { host: 'localhost:8374', 'content-type': 'application/json' },
};

function refused(change: Partial<Caller>, bound = '127.0.0.1'): string | undefined {
  const { headers, ...rest } = change;
  const caller = { ...LOCAL, ...rest, headers: { ...LOCAL.headers, ...headers } };
  return refusalOf(caller, bound)?.code;
}

t.test('only this machine may change anything', async (t) => {
  for (const remoteAddress of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
    t.equal(refused({ remoteAddress }), undefined, remoteAddress);
  for (const remoteAddress of [
    '192.0.2.7',
    '::ffff:192.0.2.7',
    'fe80::1',
    '128.0.0.1',
    '',
    undefined,
  ])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])
      t.equal(refused({ remoteAddress, method }), 'forbidden', `${method} ${remoteAddress}`);
  t.equal(refused({ remoteAddress: '192.0.2.7', method: 'GET' }), undefined, 'reading is allowed');
  for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
    t.equal(
      refused({ headers: { [header]: '127.0.0.1' } }),
      'forbidden',
      `behind a proxy: ${header}`,
    );
  t.notOk(isLoopback('127.0.0.1.evil.example'));
});

t.test('no page of another site can make a browser act here', async (t) => {
  t.equal(refused({ headers: { origin: 'http://localhost:8374' } }), undefined);
  t.equal(refused({ headers: { 'sec-fetch-site': 'same-origin' } }), undefined);
  for (const origin of [
    'null',
    'http://evil.example',
    'http://localhost:9999',
    'https://localhost:8374',
    'http://localhost:8374.evil.example',
    'http://127.0.0.1:8374',
  ])
    t.equal(refused({ headers: { origin } }), 'forbidden', origin);
  t.equal(refused({ headers: { 'sec-fetch-site': 'cross-site' } }), 'forbidden');
  t.equal(refused({ headers: { 'content-type': 'text/plain' } }), 'bad-request');
});

t.test('a foreign name that points here is not answered, not even for reading', async (t) => {
  const ours: [string, string, string][] = [
    ['localhost', '127.0.0.1', '127.0.0.1'],
    ['LOCALHOST:80', '127.0.0.1', '127.0.0.1'],
    ['127.0.0.1:8374', '127.0.0.1', '127.0.0.1'],
    ['[::1]:8374', '::1', '::1'],
    ['rack-1.local:8374', 'rack-1.local', '192.0.2.2'],
    ['192.0.2.2:8374', '0.0.0.0', '192.0.2.2'],
    ['192.0.2.2:8374', '::', '::ffff:192.0.2.2'],
    ['[fd00::2]:8374', '::', 'fd00::2'],
  ];
  for (const [host, bound, local] of ours)
    t.ok(hostIsOurs(host, bound, local), `${host} at ${bound}`);
  const foreign: [string, string, string][] = [
    ['evil.example:8374', '127.0.0.1', '127.0.0.1'],
    ['evil.example', '0.0.0.0', '192.0.2.2'],
    ['localhost.evil.example', '127.0.0.1', '127.0.0.1'],
    ['192.0.2.3', '0.0.0.0', '192.0.2.2'],
    ['192.0.2.2', '127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0', '192.0.2.2'],
    ['user@localhost', '127.0.0.1', '127.0.0.1'],
    ['localhost, evil.example', '127.0.0.1', '127.0.0.1'],
    ['', '127.0.0.1', '127.0.0.1'],
  ];
  for (const [host, bound, local] of foreign)
    t.notOk(hostIsOurs(host, bound, local), `${host} at ${bound}`);
  const { app } = await testApp();
  const reply = await app.inject({ url: '/api/v1/runs', headers: { host: 'evil.example' } });
  t.equal(reply.statusCode, 403);
  t.equal(reply.json().code, 'forbidden');
});
