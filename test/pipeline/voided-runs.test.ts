import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { demoConfig } from '../../src/cli/demo/demo-config.js';
import { createLog } from '../../src/log.js';
import { nextStep } from '../../src/pipeline/next-step.js';
import { recoveryOf } from '../../src/pipeline/recovery.js';
import { RunBook } from '../../src/pipeline/run-book.js';
import { judge } from '../../src/pipeline/verdict.js';

const config = demoConfig({ state: '/nowhere', httpPort: 0 });
const silent = pino({ level: 'silent' });

async function bookOf(t: Test): Promise<{ book: RunBook; again(): Promise<RunBook> }> {
  const state = await mkdtemp(path.join(tmpdir(), 'sarachi-book-'));
  let book = await RunBook.open(state, Date.now, silent);
  t.teardown(async () => {
    await book.close();
    await rm(state, { recursive: true, force: true });
  });
  const again = async () => {
    await book.close();
    book = await RunBook.open(state, Date.now, silent);
    return book;
  };
  return { book, again };
}

async function openRun(book: RunBook, run: string, port = 'P01'): Promise<void> {
  const body = { usbPath: '1-1.1', handset: `android:${port}`, policyVersion: '1' };
  await book.append({ type: 'run-opened', run, port, body });
}

async function attempt(book: RunBook, run: string, fence: number, outcome: object | null) {
  const stage = { stage: 'identify', fence };
  await book.append({ type: 'stage-started', run, port: 'P01', body: stage });
  if (!outcome) return;
  await book.append({
    type: 'stage-ended',
    run,
    port: 'P01',
    body: { ...stage, outcome: { ...outcome } },
  });
}

async function act(book: RunBook, action: string, run: string | null = 'r1') {
  const body = { action, by: 'test', statement: {} };
  await book.append({ type: 'operator-acted', run, port: 'P01', body });
}

t.test('a run that a person aborted does not go on after a crash', async (t) => {
  const { book, again } = await bookOf(t);
  await openRun(book, 'r1');
  await attempt(book, 'r1', 1, null);
  await act(book, 'abort');
  const { open } = recoveryOf(remembered(await again()), config);
  t.match(open, [{ run: 'r1', next: { do: 'settle' }, voided: 'operator' }]);
});

t.test('a swap that was seen before a crash still voids the run', async (t) => {
  const { book, again } = await bookOf(t);
  await openRun(book, 'r1');
  await attempt(book, 'r1', 1, null);
  await book.append({ type: 'run-voided', run: 'r1', port: 'P01', body: { reason: 'swapped' } });
  await book.append({
    type: 'stage-ended',
    run: 'r1',
    port: 'P01',
    body: { stage: 'identify', fence: 1, outcome: { kind: 'done' } },
  });
  const reopened = await again();
  const record = reopened.record('r1');
  t.ok(record);
  if (!record) return;
  t.same(nextStep(record, config.policy), { do: 'settle' });
  const { verdict, reasons } = judge(record, config.policy, null);
  t.equal(verdict, 'inconclusive');
  t.ok(reasons.includes('voided:swapped'));
});

t.test('a port with a verdict begins nothing by itself after a restart', async (t) => {
  const { book, again } = await bookOf(t);
  await openRun(book, 'r1');
  await act(book, 'abort');
  const body = { verdict: 'inconclusive', lane: 'attention', reasons: ['voided:operator'] };
  await book.append({ type: 'run-settled', run: 'r1', port: 'P01', body });
  const { open, standing } = recoveryOf(remembered(await again()), config);
  t.same(open, []);
  t.match(standing, [
    { run: 'r1', handset: 'android:P01', verdict: 'inconclusive', voided: 'operator' },
  ]);
});

t.test('holds outlive the daemon', async (t) => {
  const { book, again } = await bookOf(t);
  await act(book, 'hold', null);
  const after = await again();
  t.same(after.heldPorts(), ['P01']);
  t.match(after.index.holdOf('P01'), { port: 'P01', body: { action: 'hold' } });
  t.equal(after.index.holdOf('P02'), null);
});

t.test('a released hold is none', async (t) => {
  const { book, again } = await bookOf(t);
  await act(book, 'hold', null);
  await act(book, 'release', null);
  t.same((await again()).heldPorts(), []);
});

t.test('runs that no port can go on with are ended, the others are not', async (t) => {
  const { book } = await bookOf(t);
  await openRun(book, 'older');
  await openRun(book, 'newer');
  await openRun(book, 'nowhere', 'P99');
  const { open, leftOver } = recoveryOf(remembered(book), config);
  t.same(
    open.map(({ run }) => run),
    ['newer'],
  );
  t.same(leftOver, ['older', 'nowhere']);
});

t.test('restarts of the daemon are no failures of the handset', async (t) => {
  const { book } = await bookOf(t);
  await openRun(book, 'r1');
  const stopped = { kind: 'again', code: 'aborted', detail: {} };
  for (let fence = 1; fence <= 5; fence += 1) await attempt(book, 'r1', fence, stopped);
  const record = book.record('r1');
  t.match(record && nextStep(record, config.policy), { do: 'stage', stage: 'identify' });
  for (let fence = 6; fence <= 8; fence += 1) await attempt(book, 'r1', fence, null);
  const crashed = book.record('r1');
  t.match(crashed && nextStep(crashed, config.policy), { do: 'attention', code: 'host-trouble' });
});

t.test('what a person does after the verdict changes no certificate', async (t) => {
  const { book } = await bookOf(t);
  await openRun(book, 'r1');
  const body = { verdict: 'inconclusive', lane: 'attention', reasons: [] };
  await book.append({ type: 'run-settled', run: 'r1', port: 'P01', body });
  const before = book.record('r1');
  await act(book, 'retry');
  t.same(book.record('r1'), before);
});

t.test('a password for Redis is not in the log', async (t) => {
  let text = '';
  const log = createLog('info', {
    write: (line) => {
      text += line;
    },
  });
  const refused = Object.assign(new Error('WRONGPASS'), {
    command: { name: 'auth', args: ['user', 'SECRET'] },
  });
  log.warn({ err: refused }, 'redis connection');
  log.warn({ err: new Error('outer', { cause: refused }) }, 'redis connection');
  log.warn({ part: { handset: { serial: 'SERIAL12345678' }, imeis: ['353649330000001'] } }, 'x');
  t.notMatch(text, /SECRET|SERIAL12345678|353649330000001/);
  t.match(text, /WRONGPASS/);
});

function remembered(book: RunBook) {
  return { unfinished: book.unfinished(), last: book.lastRuns(), held: book.heldPorts() };
}
