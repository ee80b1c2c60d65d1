import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { keysCommand } from '../../src/cli/keys.js';
import { type Config, checkConfig } from '../../src/config.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import type { EntryType, LedgerEntry } from '../../src/ledger/entry.js';
import { createLog } from '../../src/log.js';
import { RunBook } from '../../src/pipeline/run-book.js';

/** A bus with nothing on it. */
const usbBus = { start: async () => undefined, stop: async () => undefined };

function configOf(state: string, http: object, policy: object = {}): Config {
  const ports = { P01: { usb: ['1-1'], controller: 'A' } };
  const rack = { controllers: { A: {} }, ports };
  return checkConfig({
    rack,
    state,
    http: { port: 0, ...http },
    usbmuxd: { address: 'off' },
    policy,
  });
}

async function stateFolder(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const state = await mkdtemp(path.join(tmpdir(), 'sarachi-keyed-'));
  t.teardown(() => rm(state, { recursive: true, force: true }));
  return state;
}

async function ledgerOf(state: string): Promise<LedgerEntry[]> {
  const names = (await readdir(path.join(state, 'ledger'))).filter((name) => /\.jsonl$/.test(name));
  const texts = await Promise.all(
    names.sort().map((name) => readFile(path.join(state, 'ledger', name), 'utf8')),
  );
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}

async function makeKey(state: string, role: string, person = role): Promise<string> {
  let key = '';
  const stdout = {
    write: (text: string) => {
      key += text;
      return true;
    },
  };
  const args = ['add', '--state', state, '--role', role, '--person', person];
  await keysCommand(args, { stdout, stderr: { write: () => true } });
  return key.trim();
}

t.test(
  'a daemon with keys answers its own, tells its metrics and notes who did what',
  async (t) => {
    const state = await stateFolder(t);
    const admin = await makeKey(state, 'admin');
    const viewer = await makeKey(state, 'viewer');
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const daemon = await startDaemon(configOf(state, { keys: 'required' }), { usbBus }, log);
    t.teardown(() => daemon.stop());
    const ask = (place: string, key: string | null, body?: object) =>
      fetch(daemon.url + place, {
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
        headers: {
          'content-type': 'application/json',
          ...(key ? { authorization: `Bearer ${key}` } : {}),
        },
      });
    t.equal((await ask('/livez', null)).status, 200);
    t.equal((await ask('/metrics', null)).status, 401);
    const metrics = await (await ask('/metrics', viewer)).text();
    for (const line of [
      'rack_port_state{port="P01",state="empty"} 1',
      'rack_queue_depth{queue="usb-A",state="waiting"} 0',
      'rack_dependency_up{dependency="redis"} 1',
      'rack_dependency_up{dependency="adb"} 1',
      'rack_operator_actions_total{action="log-level"} 0',
      'rack_restriction_tokens{carrier="docomo"} Nan',
    ])
      t.ok(metrics.includes(`\n${line}\n`), line);
    t.match(metrics, /\nprocess_resident_memory_bytes \d/);

    const ready = (await (await ask('/readyz', viewer)).json()) as { checks: { name: string }[] };
    const names = ready.checks.map(({ name }) => name);
    const always = ['redis', 'adb', 'usbmuxd', 'ledger', 'disk', 'clock'];
    t.same(names, [...always.slice(0, 3), 'lights', ...always.slice(3), 'ports', 'usb-budget']);

    const before = lines.length;
    t.equal((await ask('/api/v1/log-level', viewer, { level: 'debug' })).status, 403);
    t.equal(
      (await ask('/api/v1/log-level', admin, { level: 'debug', by: 'the boss' })).status,
      200,
    );
    await ask('/api/v1/leds', viewer);
    const id = admin.split('_')[1];
    t.match(
      (await (await ask('/metrics', viewer)).text()).match(
        /_actions_total\{action="log-level"\} 1/,
      ),
      Object,
    );
    const said = lines.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    t.ok(said.some(({ msg, to, by }) => msg === 'log level' && to === 'debug' && by === id));
    t.ok(
      said.some(({ level, part }) => level === 'debug' && part === 'http'),
      'parts heard of it',
    );
    const acts = (await ledgerOf(state)).filter(({ type }) => type === 'operator-acted');
    t.match(acts[0]?.body, { action: 'keys-read', statement: { sha256: /^[0-9a-f]{64}$/ } });
    t.match(acts[1]?.body, {
      action: 'log-level',
      by: id,
      statement: { from: 'info', to: 'debug' },
    });
    t.notOk(lines.join('').includes(admin.slice(19)), 'no key in the log');
  },
);

t.test('without a usable key no other machine is listened to', async (t) => {
  const log = createLog('fatal', { write: () => undefined });
  for (const http of [{ host: '0.0.0.0' }, { host: '0.0.0.0', keys: 'required' }]) {
    const state = await stateFolder(t);
    const starting = startDaemon(configOf(state, http), { usbBus }, log);
    await t.rejects(starting, { code: 'config-invalid', detail: { key: 'http' } });
  }
  const state = await stateFolder(t);
  const tls = { certFile: '/nonexistent.pem', keyFile: '/nonexistent.pem' };
  const starting = startDaemon(configOf(state, { tls }), { usbBus }, log);
  await t.rejects(starting, { code: 'config-invalid', detail: { key: 'http.tls' } });
});

t.test('what one person worked on is released by another one only', async (t) => {
  const state = await stateFolder(t);
  const log = createLog('fatal', { write: () => undefined });
  const operator = await makeKey(state, 'operator', 'Sato Aya');
  const sameOne = await makeKey(state, 'supervisor', 'sato aya');
  const verifier = await makeKey(state, 'verifier', 'Ito Ken');
  const by = operator.split('_')[1] ?? '';
  const book = await RunBook.open(state, Date.now, log);
  const write = (type: EntryType, body: LedgerEntry['body']) =>
    book.append({ type, run: 'run-1', port: 'P01', body });
  await write('run-opened', { usbPath: '1-1', handset: 'android:X1', policyVersion: '1' });
  await write('operator-acted', { action: 'retry', by, statement: {} });
  await write('run-settled', { verdict: 'passed', lane: 'release', reasons: [] });
  // Retry at a settled port: the act is the first run's, its effect the second one's.
  await write('operator-acted', { action: 'retry', by, statement: {} });
  const again = { port: 'P01', run: 'run-2' };
  const opened = { usbPath: '1-1', handset: 'android:X1', policyVersion: '1' };
  await book.append({ ...again, type: 'run-opened', body: opened });
  const passed = { verdict: 'passed', lane: 'release', reasons: [] };
  await book.append({ ...again, type: 'run-settled', body: passed });
  await book.close();
  const config = configOf(state, { keys: 'required' }, { validationBeforeRelease: true });
  const daemon = await startDaemon(config, { usbBus }, log);
  t.teardown(() => daemon.stop());
  const ask = async (place: string, key: string, body?: object) => {
    const reply = await fetch(`${daemon.url}/api/v1/runs${place}`, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  const accept = { decision: 'accept', note: 'looked at' };
  const laneOf = async () => {
    const { runs } = (await ask('', operator)).body as { runs: { run: string; lane: string }[] };
    const { lane, validationState } = (await ask('/run-1', operator)).body;
    return [runs.find(({ run }) => run === 'run-1')?.lane, lane, validationState];
  };
  t.same(await laneOf(), ['attention', 'attention', 'waiting']);
  t.equal((await ask('/run-1/validation', operator, accept)).status, 403, 'not the role');
  const refused = await ask('/run-1/validation', sameOne, accept);
  t.match(refused, { status: 409, body: { detail: /this person acted/ } });
  const second = await ask('/run-2/validation', sameOne, accept);
  t.match(second, { status: 409, body: { detail: /this person acted/ } }, 'who pressed Retry');
  t.equal((await ask('/run-9/validation', verifier, accept)).status, 404);
  t.same(await laneOf(), ['attention', 'attention', 'waiting']);
  t.equal((await ask('/run-1/validation', verifier, accept)).status, 201);
  t.same(await laneOf(), ['release', 'release', 'accepted']);
  t.equal((await ask('/run-1/validation', verifier, accept)).status, 409, 'once');
  const lines = (await ledgerOf(state)).filter(({ type }) => type === 'run-validated');
  t.match(lines, [{ run: 'run-1', body: { decision: 'accept', person: 'Ito Ken' } }]);
  t.equal(lines.length, 1);
  t.equal((await ask('/run-2/validation', verifier, accept)).status, 201);
});
