import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { keysCommand } from '../../src/cli/keys.js';
import { checkConfig } from '../../src/config.js';
import { listenFault } from '../../src/daemon/access-wiring.js';
import { REFUSED } from '../../src/http/access/admission.js';
import { keyFileOf } from '../../src/http/access/key-store.js';
import { take } from '../../src/http/access/rate-limit.js';
import { refusalOf } from '../../src/http/guard.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { keyed } from './keyed-app.js';
import { MemoryRack } from './memory-rack.js';
import { PANEL } from './test-app.js';

const log = createLog('fatal', { write: () => undefined });

async function command(...args: string[]) {
  const said = { out: '', err: '' };
  const into = (name: 'out' | 'err') => ({
    write: (text: string) => {
      said[name] += text;
      return true;
    },
  });
  const io = { stdout: into('out'), stderr: into('err') };
  return { code: await keysCommand(args, io), ...said };
}

/** Waits for a condition, and says so when it does not come. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new RangeError(`${what} did not come`);
    await delay(20);
  }
}

t.test('sarachi keys makes, lists and revokes, and a store follows', async (t) => {
  const { state, access, faults } = await keyed(t);
  const bare = ['--state', state];
  const made = await command('add', ...bare, '--role', 'operator', '--person', '佐藤 彩');
  t.equal(made.code, 0);
  const key = made.out.trim();
  t.match(key, /^sarachi_[0-9a-f]{10}_[A-Za-z0-9_-]{43}$/);
  const id = key.split('_')[1] ?? '';
  const file = keyFileOf(state);
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.notOk(readFileSync(file, 'utf8').includes(key.slice(19)), 'the key itself is not kept');
  t.match((await command('list', ...bare)).out, new RegExp(`^${id}  operator .*佐藤 彩$`, 'm'));
  await until('the new key', async () => typeof (await access.keys.check(key)) !== 'string');
  t.equal(access.keys.personOf(id), '佐藤 彩');
  t.ok(access.keys.stillGood(id));
  t.equal((await command('revoke', id, ...bare)).code, 0);
  await until('the revoked key', async () => (await access.keys.check(key)) === 'a revoked key');
  t.notOk(access.keys.stillGood(id));
  t.match((await command('list', ...bare)).out, /revoked 2/);
  t.equal((await command('revoke', '0000000000', ...bare)).code, 1);
  for (const wrong of [
    [],
    ['add', ...bare],
    ['add', ...bare, '--role', 'root', '--person', 'x'],
    ['add', ...bare, '--role', 'admin', '--person', 'a\nb'],
    ['add', ...bare, '--role', 'admin', '--person', 'x', '--days', '0'],
    ['list'],
    ['revoke', ...bare],
  ])
    t.equal((await command(...wrong)).code, 64, wrong.join(' '));
  writeFileSync(`${file}.lock`, '');
  t.equal((await command('revoke', id, ...bare)).code, 75, 'one writer at a time');
  t.same(faults, []);
  writeFileSync(file, '{"version":1,"keys":[{}]}');
  await until('the broken file', async () => {
    await access.keys.look();
    return faults.length === 1;
  });
  t.equal(access.keys.usable(), 0, 'no key counts then');
});

t.test('listening beyond the loopback takes keys', async (t) => {
  const ports = { P01: { usb: ['1-1'], controller: 'A' } };
  const http = (change: object) =>
    checkConfig({ rack: { controllers: { A: {} }, ports }, http: change }).http;
  for (const host of ['127.0.0.1', '::1', 'localhost'])
    t.equal(listenFault(http({ host }), 0), null, host);
  for (const host of ['0.0.0.0', '::', '192.0.2.7', 'rack-1.local']) {
    t.match(listenFault(http({ host }), 3), /http\.keys/, host);
    t.match(listenFault(http({ host, keys: 'required' }), 0), /sarachi keys add/, host);
    t.equal(listenFault(http({ host, keys: 'required' }), 1), null, host);
  }
});

t.test('with keys other machines may act, under a name that is ours', async (t) => {
  const headers = { host: 'rack-1.example:8374', 'content-type': 'application/json' };
  const caller = { method: 'POST', remoteAddress: '192.0.2.7', localAddress: '192.0.2.2', headers };
  const names = ['rack-1.example'];
  t.equal(refusalOf(caller, '0.0.0.0', { keyed: true, names }), null);
  t.equal(refusalOf(caller, '0.0.0.0', { keyed: false, names })?.code, 'forbidden');
  t.equal(refusalOf(caller, '0.0.0.0', { keyed: true })?.code, 'forbidden', 'a foreign name');
  const from = (origin: string) => ({ ...caller, headers: { ...headers, origin } });
  const secure = { keyed: true, names, secure: true };
  t.equal(refusalOf(from('https://rack-1.example:8374'), '0.0.0.0', secure), null);
  t.ok(refusalOf(from('http://rack-1.example:8374'), '0.0.0.0', secure), 'not from plain HTTP');
});

t.test('a caller gets what its rate allows, and is told when to come again', async (t) => {
  const rate = { perSecond: 2, burst: 3 };
  let bucket: ReturnType<typeof take>['bucket'] | undefined;
  const at = (now: number) => {
    const taken = take(bucket, rate, now);
    bucket = taken.bucket;
    return taken.waitSeconds;
  };
  t.same([0, 0, 0, 0].map(at), [0, 0, 0, 1]);
  t.same([500, 500, 400].map(at), [0, 1, 1], 'a clock that runs back gives nothing');
  t.same([60_000, 60_000, 60_000, 60_000].map(at), [0, 0, 0, 1], 'never more than the burst');

  const { access, keys } = await keyed(t, {
    rate: { perSecond: 0.01, burst: 2 },
    refused: REFUSED,
  });
  const server = createHttpServer(new MemoryRack(), {
    ...{ host: '127.0.0.1', port: 0, log, version: '1', access, panel: PANEL },
  });
  const { url } = await server.listen();
  t.teardown(() => server.close());
  const ask = (key: string) =>
    fetch(`${url}/api/v1/leds`, { headers: { authorization: `Bearer ${key}` } });
  t.same([(await ask(keys.viewer)).status, (await ask(keys.viewer)).status], [200, 200]);
  const refused = await ask(keys.viewer);
  t.equal(refused.status, 429);
  t.ok(Number(refused.headers.get('retry-after')) > 0);
  t.equal((await ask(keys.operator)).status, 200, 'another key has its own');
  const statuses = [];
  for (let turn = 0; turn < 12; turn += 1) statuses.push((await ask('sarachi_x')).status);
  t.same(new Set(statuses), new Set([401, 429]), 'guessing is slowed down');
});

t.test('the stream of a key that is revoked ends', async (t) => {
  const { state, access, keys, idOf } = await keyed(t);
  const rack = new MemoryRack();
  rack.staleAfter = 0.3;
  const server = createHttpServer(rack, {
    ...{ host: '127.0.0.1', port: 0, log, version: '1', access, panel: PANEL },
  });
  const { port } = await server.listen();
  t.teardown(() => server.close());
  const headers = { authorization: `Bearer ${keys.viewer}` };
  let bytes = 0;
  const ended = new Promise<string>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/api/v1/events', headers };
    httpRequest(options, (reply) => {
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      reply.on('end', () => resolve('ended'));
    })
      .on('error', reject)
      .end();
  });
  await until('the first events', async () => bytes > 0);
  await command('revoke', idOf(keys.viewer), '--state', state);
  t.equal(await ended, 'ended');
});

t.test('TLS is served from files, with the same keys', async (t) => {
  const { state, access, keys } = await keyed(t);
  const [certFile, keyFile] = [path.join(state, 'cert.pem'), path.join(state, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', [...kind, ...subject, '-keyout', keyFile, '-out', certFile], {
    stdio: 'ignore',
  });
  const cert = readFileSync(certFile);
  const server = createHttpServer(new MemoryRack(), {
    ...{ host: '127.0.0.1', port: 0, log, version: '1', access, panel: PANEL },
    tls: { cert, key: readFileSync(keyFile) },
  });
  const { url, port } = await server.listen();
  t.teardown(() => server.close());
  t.match(url, /^https:/);
  const ask = (more: object) =>
    new Promise<number>((resolve, reject) => {
      const headers = { authorization: `Bearer ${keys.viewer}` };
      const place = { host: 'localhost', port, path: '/api/v1/leds', headers, family: 4 };
      httpsRequest({ ...place, ca: cert, ...more }, (reply) => {
        reply.resume();
        resolve(reply.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  t.equal(await ask({}), 200);
  t.equal(await ask({ headers: {} }), 401);
  await t.rejects(ask({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }), 'old TLS is refused');
});
