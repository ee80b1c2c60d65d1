import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import {
  connectTcp,
  disconnectTcp,
  keyFingerprint,
  serverVersion,
} from '../../../src/devices/adb/adb-host.js';
import { AdbServer } from '../../../src/devices/adb/adb-server.js';
import { DeviceTracker } from '../../../src/devices/adb/device-tracker.js';
import { request } from '../../../src/devices/adb/smart-socket.js';
import { createLog } from '../../../src/log.js';
import { eventually } from '../helpers/eventually.js';
import type { Owner } from '../helpers/owner.js';

const soon = () => ({ signal: new AbortController().signal, timeoutMs: 15_000 });
const log = createLog('silent');

function server(t: Owner, options: { port?: number; binary?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'adb-server-'));
  const adb = new AdbServer({ folder, log, ...options });
  t.teardown(async () => {
    await adb.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return adb;
}

function pidOf(adb: AdbServer): number {
  const { state } = adb;
  if (!state.up || state.pid === null) throw new Error('not up');
  return state.pid;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

t.test('a server of its own, with its own key', async (t) => {
  const adb = server(t);
  t.throws(() => adb.endpoint, { code: 'adb-server-gone' });
  await adb.start(soon());
  t.match(adb.state, { up: true, version: 41 });
  t.equal(await serverVersion(adb.endpoint, soon()), 41);
  const key = readFileSync(adb.publicKeyPath, 'utf8');
  t.match(await keyFingerprint(key), /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  await t.rejects(keyFingerprint('no key'), { code: 'internal' });
  const environment = readFileSync(`/proc/${pidOf(adb)}/environ`, 'utf8').split('\0');
  t.ok(environment.includes('ADB_EMU=0') && environment.includes('ADB_MDNS=0'));
  t.equal(await request(adb.endpoint, 'host:devices-l', soon()), '');
  await t.rejects(request(adb.endpoint, 'host:nonsense', soon()), { code: 'adb-refused' });
  const pid = pidOf(adb);
  await adb.stop();
  t.notOk(runs(pid));
  t.match(adb.state, { up: false, error: null });
});

t.test('killed, it comes back on its port; the list is unknown, then what it is', async (t) => {
  const adb = server(t);
  await adb.start(soon());
  const states: boolean[] = [];
  adb.subscribe((state) => states.push(state.up));
  const tracker = new DeviceTracker({
    endpoint: () => adb.endpoint,
    onRows: () => t.fail('there is no handset'),
    log,
    clock: () => performance.now(),
    pollMs: 50,
  });
  t.teardown(() => tracker.stop());
  tracker.start();
  await eventually('tracking', () => tracker.connected());
  const { endpoint } = adb;
  const key = readFileSync(adb.publicKeyPath, 'utf8');
  const first = pidOf(adb);
  process.kill(first, 'SIGKILL');
  await eventually('lost', () => !tracker.connected());
  await eventually('up again', () => adb.state.up && pidOf(adb) !== first);
  await eventually('tracking again', () => tracker.connected());
  t.same(states, [false, true]);
  t.same(adb.endpoint, endpoint);
  t.equal(readFileSync(adb.publicKeyPath, 'utf8'), key, 'handsets still know it');
  t.equal(await serverVersion(endpoint, soon()), 41);
});

t.test('handsets by TCP: the text behind OKAY counts', async (t) => {
  const adb = server(t);
  await adb.start(soon());
  const nobody = createServer();
  nobody.listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const address = nobody.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await new Promise((resolve) => nobody.close(resolve));
  const handset = { host: '127.0.0.1', port };
  await t.rejects(connectTcp(adb.endpoint, handset, soon()), {
    code: 'adb-refused',
    detail: { message: /failed to connect/ },
  });
  await t.rejects(disconnectTcp(adb.endpoint, handset, soon()), { code: 'adb-refused' });
});

t.test('a server that hangs is an error in time, and adbkit starts none of its own', async (t) => {
  const adb = server(t);
  await adb.start(soon());
  const pid = pidOf(adb);
  process.kill(pid, 'SIGSTOP');
  const impatient = { ...soon(), timeoutMs: 100 };
  await t.rejects(serverVersion(adb.endpoint, impatient), { code: 'adb-server-gone' });
  await t.rejects(request(adb.endpoint, 'host:version', impatient), { code: 'adb-server-gone' });
  process.kill(pid, 'SIGCONT');
  t.equal(await serverVersion(adb.endpoint, soon()), 41);
  const { endpoint } = adb;
  await adb.stop();
  await t.rejects(serverVersion(endpoint, soon()), { code: 'adb-server-gone' });
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  t.notOk(stdout.includes(`-P ${endpoint.port} `), 'none was started');
});

t.test('what keeps it from starting', async (t) => {
  const missing = server(t, { binary: '/nowhere/adb' });
  await t.rejects(missing.start(soon()), { code: 'adb-binary-missing' });
  const other = createServer((socket) => socket.end('OKAY00040029'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const taken = server(t, { port });
  await t.rejects(taken.start(soon()), {
    code: 'adb-server-gone',
    detail: { reason: 'port taken' },
  });
  t.notOk(taken.state.up, 'a stranger that answers is not ours');
  await new Promise((resolve) => other.close(resolve));
  await taken.start(soon());
  t.equal(taken.endpoint.port, port);

  const ends = server(t, { binary: '/bin/false' });
  await t.rejects(ends.start(soon()), { code: 'adb-server-gone', detail: { exitCode: 1 } });
  const mute = server(t, { binary: join(process.cwd(), 'test/devices/helpers/mute-adb.sh') });
  await t.rejects(mute.start({ ...soon(), timeoutMs: 200 }), { code: 'adb-server-gone' });
  const stop = new AbortController();
  stop.abort();
  await t.rejects(server(t).start({ ...soon(), signal: stop.signal }), { code: 'aborted' });
});

t.test('it dies with the daemon, however that dies', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'adb-owner-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const module = new URL('../../../src/devices/adb/adb-process.js', import.meta.url);
  const script = `
    const { spawnAdb, freePort } = await import(${JSON.stringify(module.href)});
    const port = await freePort('127.0.0.1');
    const adb = spawnAdb({ binary: 'adb', home: ${JSON.stringify(folder)}, port });
    console.log(adb.pid);
    setInterval(() => {}, 1000);`;
  const args = [...process.execArgv, '--input-type=module', '-e', script];
  const daemon = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(daemon.stdout, 'data');
  const pid = Number(String(said));
  await eventually('adb has its key', () => existsSync(join(folder, '.android', 'adbkey.pub')));
  t.ok(runs(pid));
  daemon.kill('SIGKILL');
  await eventually('adb is gone', () => !runs(pid));
});
