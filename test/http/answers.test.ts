import t from 'tap';
import { SarachiError } from '../../src/errors.js';
import { LINE_WIDTH } from '../../src/http/leds-text.js';
import { until } from './event-client.js';
import { CERTIFICATE, IMEI, SERIAL } from './memory-rack.js';
import { JSON_BODY, testApp } from './test-app.js';

const STAMPED = [
  '/api/v1/ports',
  '/api/v1/ports/P01',
  '/api/v1/leds',
  '/api/v1/runs',
  '/api/v1/runs/run-1',
  '/api/v1/runs/run-1/evidence',
  '/api/v1/queues',
  '/api/v1/rack',
  '/api/v1/fleet',
];

t.test('every body about state says how fresh it is', async (t) => {
  const { app, rack } = await testApp();
  rack.staleAfter = 2.5;
  for (const url of STAMPED) {
    const reply = await app.inject(url);
    t.equal(reply.statusCode, 200, url);
    t.match(reply.json(), { rack: 'rack-1', seq: 7, staleAfter: 2.5, serverTime: /^\d{4}-.*Z$/ });
  }
});

t.test('a port is answered as the rack shows it, whole', async (t) => {
  const { app, rack } = await testApp();
  for (const port of rack.ports) {
    const body = (await app.inject(`/api/v1/ports/${port.port}`)).json();
    const { rack: name, seq, serverTime, staleAfter, ...rest } = body;
    t.same(rest, port);
    t.same((await app.inject('/api/v1/ports')).json().ports.find(isPort(port.port)), port);
  }
});

function isPort(name: string) {
  return ({ port }: { port: string }) => port === name;
}

t.test('a poll with the ETag it was given costs nothing until something changes', async (t) => {
  for (const url of [
    '/api/v1/ports',
    '/api/v1/ports/P02',
    '/api/v1/leds',
    '/api/v1/leds?format=text',
  ]) {
    const { app, rack } = await testApp();
    const first = await app.inject(url);
    const etag = String(first.headers['etag']);
    t.match(etag, /^"[^"]+"$/, 'strong');
    t.equal(first.headers['cache-control'], 'no-cache');
    for (const known of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const again = await app.inject({ url, headers: { 'if-none-match': known } });
      t.equal(again.statusCode, 304, `${url} ${known}`);
      t.equal(again.body, '');
      t.equal(again.headers['etag'], etag);
    }
    rack.seq += 1;
    const changed = await app.inject({ url, headers: { 'if-none-match': etag } });
    t.equal(changed.statusCode, 200);
    t.not(changed.headers['etag'], etag);
  }
});

t.test('what is not polled is not kept anywhere', async (t) => {
  const { app } = await testApp();
  for (const url of ['/api/v1/runs', '/api/v1/runs/run-1/certificate', '/readyz', '/nowhere'])
    t.equal((await app.inject(url)).headers['cache-control'], 'no-store', url);
});

t.test('the lights for a microcontroller are lines of one width', async (t) => {
  const { app, rack } = await testApp();
  const json = (await app.inject('/api/v1/leds')).json();
  t.same(Object.keys(json.leds[0]).sort(), ['colour', 'name', 'pattern', 'port', 'word']);
  rack.staleAfter = 0.5;
  const text = await app.inject('/api/v1/leds?format=text');
  t.match(text.headers['content-type'], /^text\/plain/);
  const lines = text.body.split('\n');
  t.equal(lines.pop(), '', 'the last line is ended too');
  t.equal(lines.length, 1 + rack.ports.length);
  t.ok(lines.every((line) => line.length === LINE_WIDTH && /^[\x20-\x7e]+$/.test(line)));
  t.match(lines[0], /^# \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 00001 0000000007$/);
  t.match(lines[1], /^P01 off {8}off {7}EMPTY +$/);
  t.match(lines[2], /^P02 yellow {5}double {4}ACT +$/);
});

t.test('an action reaches the port, and the answer is the port after it', async (t) => {
  const { app, rack } = await testApp();
  const statement = { marks: { docomo: 'circle' }, checked: true };
  const reply = await app.inject({
    method: 'POST',
    url: '/api/v1/ports/P01/actions',
    headers: JSON_BODY,
    payload: { action: 'hold', by: '佐藤', statement },
  });
  t.equal(reply.statusCode, 202);
  t.match(reply.json(), { port: 'P01', held: true, seq: 8 });
  t.same(rack.acts, [{ port: 'P01', request: { action: 'hold', by: '佐藤', statement } }]);

  await app.inject({
    method: 'POST',
    url: '/api/v1/ports/P01/actions',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: '{"action":"retry"}',
  });
  t.same(rack.acts[1]?.request, { action: 'retry', by: 'unnamed', statement: {} });
});

t.test('runs are filtered and paged as asked', async (t) => {
  const { app, rack } = await testApp();
  const reply = await app.inject(
    `/api/v1/runs?imei=${IMEI}&serial=${SERIAL}&verdict=passed&from=2026-11-02T09:00:00%2B09:00&to=2026-11-03T00:00:00Z&cursor=abc&limit=3`,
  );
  t.match(reply.json(), { runs: [{ run: 'run-1', imeis: [IMEI] }], nextCursor: 'next' });
  await app.inject('/api/v1/runs');
  t.same(rack.queries, [
    {
      imei: IMEI,
      serial: SERIAL,
      verdict: 'passed',
      from: '2026-11-02T00:00:00.000Z',
      to: '2026-11-03T00:00:00.000Z',
      cursor: 'abc',
      limit: 3,
    },
    { limit: 50 },
  ]);
});

t.test('the certificate is answered byte for byte, in the form asked for', async (t) => {
  const { app } = await testApp();
  const url = '/api/v1/runs/run-1/certificate';
  const asked = async (accept: string, query = '') => {
    const reply = await app.inject({ url: `${url}${query}`, headers: { accept } });
    return [reply.statusCode, String(reply.headers['content-type']).split(';')[0]];
  };
  const plain = await app.inject(url);
  t.equal(plain.body, CERTIFICATE);
  t.equal(plain.headers['vary'], 'accept');
  t.match(plain.headers['content-disposition'], /filename="sarachi-certificate-run-1\.json"/);
  const pdf = await app.inject({ url, headers: { accept: 'application/pdf' } });
  t.match(pdf.body, /^%PDF/);
  t.match(pdf.headers['content-disposition'], /filename="sarachi-certificate-run-1\.pdf"/);

  t.same(await asked('*/*'), [200, 'application/json']);
  t.same(await asked('text/html, application/pdf;q=0.9, */*;q=0.1'), [200, 'application/pdf']);
  t.same(await asked('application/*;q=0.5, application/json;q=0'), [200, 'application/pdf']);
  t.same(await asked('application/json', '?format=pdf'), [200, 'application/pdf']);
  t.same(await asked('application/pdf', '?format=json'), [200, 'application/json']);
  t.same(await asked('image/png'), [406, 'application/problem+json']);
});

t.test('a run without a certificate has none, in either form', async (t) => {
  const { app, rack } = await testApp();
  for (const query of ['', '?format=pdf']) {
    const reply = await app.inject(`/api/v1/runs/run-2/certificate${query}`);
    t.equal(reply.statusCode, 404);
    t.match(reply.json().detail, /no certificate yet/);
  }
  rack.pdf = null;
  t.equal((await app.inject('/api/v1/runs/run-1/certificate?format=pdf')).statusCode, 404);
});

t.test('ready means that every named check is ok', async (t) => {
  const { app, rack } = await testApp();
  t.equal((await app.inject('/readyz')).statusCode, 200);
  rack.checks = [
    { name: 'redis', ok: true, detail: 'answers' },
    { name: 'adb-server', ok: false, detail: 'does not answer' },
  ];
  const bad = await app.inject('/readyz');
  t.equal(bad.statusCode, 503);
  t.same(bad.json(), { ready: false, checks: rack.checks });
  rack.checks = [];
  t.equal((await app.inject('/readyz')).statusCode, 503, 'nothing checked is not ready');
  rack.refusal = new SarachiError('redis-gone');
  t.match((await app.inject('/readyz')).json(), { ready: false, checks: [{ ok: false }] });
  t.equal((await app.inject('/livez')).statusCode, 200, 'alive all the same');
});

t.test('the API says what is where, and all of it is there', async (t) => {
  const { app } = await testApp();
  const { places } = (await app.inject('/api/v1')).json();
  t.ok(Object.keys(places).length > 5);
  for (const place of Object.values<string>(places))
    t.equal((await app.inject(place)).statusCode, 200, place);
});

t.test('logs say which route and how it went, and name no handset', async (t) => {
  const { app, lines } = await testApp();
  await app.inject(`/api/v1/runs?imei=${IMEI}&serial=${SERIAL}`);
  await app.inject(`/${IMEI}`);
  t.match(JSON.parse(lines[0] ?? ''), {
    level: 'debug',
    method: 'GET',
    route: '/api/v1/runs',
    status: 200,
  });
  t.match(JSON.parse(lines[1] ?? ''), { route: '(unknown)', status: 404 });
  t.notMatch(lines.join(''), IMEI);
  t.notMatch(lines.join(''), SERIAL);
});

t.test('at level debug one line tells of each request, and names no path', async (t) => {
  const { app, lines } = await testApp();
  await app.inject('/api/v1/ports?since=3');
  await app.inject(`/api/v1/restrictions/${IMEI}`);
  await app.inject('/nowhere');
  await app.inject({ url: '/api/v1/ports', headers: { host: 'evil.example' } });
  await until(() => lines.length === 4);
  t.match(
    lines.map((line) => JSON.parse(line)),
    [
      { method: 'GET', route: '/api/v1/ports', status: 200, durMs: Number },
      { method: 'GET', route: '/api/v1/restrictions/:imei', status: 200, durMs: Number },
      { method: 'GET', route: '(unknown)', status: 404, durMs: Number },
      { method: 'GET', route: '/api/v1/ports', status: 403, durMs: Number },
    ],
  );
  t.notMatch(lines.join(''), IMEI);
});
