import t from 'tap';
import { createLog } from '../src/log.js';
import { JSON_BODY, testApp } from './http/test-app.js';

const IMEI = '353644930127905';

function logged(level: string) {
  const lines: string[] = [];
  return { lines, log: createLog(level, { write: (line) => void lines.push(line) }) };
}

t.test('the level of the log counts for every child at once', async (t) => {
  const { lines, log } = logged('info');
  const child = log.child({ part: 'usb' });
  const grandchild = child.child({ port: 'P01' });
  const all = () => {
    lines.length = 0;
    for (const one of [log, child, grandchild]) one.debug({ imei: IMEI }, 'detail');
    for (const one of [log, child, grandchild]) one.info('fact');
    return lines.map((line) => JSON.parse(line).level);
  };
  t.same(all(), ['info', 'info', 'info']);
  log.level = 'debug';
  t.same(all(), ['debug', 'debug', 'debug', 'info', 'info', 'info']);
  t.notOk(lines.join('').includes(IMEI), 'identifiers stay masked in detail');
  t.match(JSON.parse(lines[0] ?? ''), { imei: '***********7905' });
  t.match(JSON.parse(lines[2] ?? ''), { part: 'usb', port: 'P01' });
  log.level = 'warn';
  t.same(all(), []);
  log.level = 'info';
  t.same(all(), ['info', 'info', 'info']);
});

t.test('identifiers and secrets are masked wherever they stand', async (t) => {
  const { lines, log } = logged('trace');
  const secret = 'sarachi_0123456789abcdef_topsecret';
  log.info({ deep: { list: [{ serial: 'R58M123456A' }] }, handset: `android:${IMEI}` }, 'a');
  log.info({ imeis: [IMEI], apiKey: secret, headers: { authorization: `Bearer ${secret}` } }, 'b');
  log.warn({ err: Object.assign(new Error('x'), { detail: { imei: IMEI } }) }, 'c');
  const text = lines.join('');
  for (const one of [IMEI, 'R58M123456A', 'topsecret']) t.notOk(text.includes(one), one);
  t.ok(text.includes('android:***********7905'));
});

t.test('the level is asked and changed over HTTP', async (t) => {
  const { app, rack } = await testApp();
  const url = '/api/v1/log-level';
  t.same((await app.inject(url)).json(), { level: 'info' });
  const post = (payload: object) =>
    app.inject({ method: 'POST', url, headers: JSON_BODY, payload });
  t.same((await post({ level: 'debug', by: 'ops' })).json(), { level: 'debug' });
  t.same(rack.levels, [{ level: 'debug', by: 'ops' }]);
  t.equal((await post({ level: 'loud' })).statusCode, 400);
  t.equal((await post({})).statusCode, 400);
});

t.test('metrics are sent as Prometheus takes them', async (t) => {
  const { app, rack } = await testApp();
  const reply = await app.inject('/metrics');
  t.equal(reply.statusCode, 200);
  t.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  t.equal(reply.body, 'rack_event_streams 0\n');
  t.same(rack.live, { eventStreams: 0 });
});
