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

t.test('nothing in a line steers a terminal, and no line is without end', async (t) => {
  const { lines, log } = logged('trace');
  const hostile =
    '\0\u001b[2J\r\n\u007f\u009b31m\u202egnp.exe\u2066\u200b\ufeff\u2028\ud800\u{e0041}';
  const long = 'M'.repeat(1024 * 1024);
  log.info({ model: hostile, [hostile]: hostile }, hostile);
  log.error({ err: new Error(hostile) });
  log
    .child({ part: hostile })
    .warn({ model: long, list: Array(100_000).fill(long.slice(0, 90)) }, long);
  log.error({ err: new Error(long) });
  log.info(
    {
      deep: Object.fromEntries(
        long
          .slice(0, 40)
          .split('')
          .map((_, n) => [
            `${n}`,
            Object.fromEntries(
              long
                .slice(0, 40)
                .split('')
                .map((__, m) => [`${m}`, long.slice(0, 900)]),
            ),
          ]),
      ),
    },
    'deep',
  );
  t.equal(lines.length, 5);
  for (const line of lines) {
    t.ok(line.endsWith('}\n') && !line.slice(0, -1).includes('\n'), 'one line');
    t.notMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    t.ok(line.length <= 65_536, `${line.length} characters`);
  }
  const [first, , third, fourth, fifth] = lines.map((line) => JSON.parse(line));
  t.equal(first.model, hostile, 'escaped, not lost');
  t.equal(first.msg, hostile);
  t.match(third, { level: 'warn', model: /^M{1000}… 1048576 characters$/ });
  t.equal(third.list.length, 51);
  t.match(fourth, { level: 'error', err: { type: 'Error', message: /^M{1000}… / } });
  t.match(fifth, { level: 'info', msg: 'deep', characters: Number });
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
