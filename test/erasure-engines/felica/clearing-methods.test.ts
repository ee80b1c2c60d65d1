import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { AttentionCode } from '../../../src/attention.js';
import { checkConfig } from '../../../src/config.js';
import type { ClearConfig } from '../../../src/config-felica.js';
import type {
  ClearAnswer,
  ClearingHelp,
  ClearJob,
} from '../../../src/erasure-engines/felica/clearing/clearing-method.js';
import { fillArguments } from '../../../src/erasure-engines/felica/clearing/fill-arguments.js';
import { makeClearingMethod } from '../../../src/erasure-engines/felica/clearing/make-clearing-method.js';
import { SarachiError } from '../../../src/errors.js';

const JOB: ClearJob = {
  job: 'run-7.3.abcd',
  run: 'run-7',
  port: 'P17',
  reader: 2,
  model: 'A301XM $(touch x)',
};

async function folder(t: Test): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'sarachi-clearing-'));
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return made;
}

function methodOf(clear: object) {
  const config = checkConfig({
    rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
    felica: { clear },
  });
  const method = makeClearingMethod(config.felica.clear as ClearConfig);
  if (!method) throw new Error('no method');
  return method;
}

function help(signal = new AbortController().signal, back = true) {
  const asked: AttentionCode[] = [];
  const given: ClearingHelp = {
    signal,
    ask: async (code) => {
      asked.push(code);
    },
    awayAndBack: async () => back,
  };
  return { given, asked };
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('did not come');
}

/** A program of these lines; it is told its arguments as any program is. */
async function tool(t: Test, lines: string): Promise<string> {
  const file = path.join(await folder(t), 'tool');
  await writeFile(file, `#!/bin/sh\n${lines}\n`);
  await chmod(file, 0o755);
  return file;
}

async function byTool(t: Test, lines: string, rest: object = {}): Promise<ClearAnswer> {
  const command = await tool(t, lines);
  return methodOf({ method: 'external-tool', command, ...rest }).clear(JOB, help().given);
}

t.test(
  'an external tool is told what it works on by arguments that no shell ever sees',
  async (t) => {
    const here = await folder(t);
    const answer = await byTool(t, `printf '%s|' "$@" > ${here}/args; env > ${here}/env`, {
      arguments: ['--at', '{port}/{reader}', '{model}', '{job}', '{nothing}'],
    });
    t.match(answer, { outcome: 'cleared', nativeCode: 'exit 0' });
    t.equal(
      await readFile(path.join(here, 'args'), 'utf8'),
      '--at|P17/2|A301XM $(touch x)|run-7.3.abcd|{nothing}|',
    );
    const env = await readFile(path.join(here, 'env'), 'utf8');
    const names = env.split('\n').map((line) => line.split('=')[0]);
    t.notOk(names.includes('HOME'), 'nothing of the environment goes along');
    t.same(fillArguments(['{model}'], { ...JOB, model: '{job} {port}' }), ['{job} {port}']);
  },
);

t.test('its exit code says how it ended, as the configuration reads it', async (t) => {
  const exitCodes = { '0': 'cleared', '2': 'already-clear', '5': 'network' };
  t.match(await byTool(t, 'exit 2', { exitCodes }), { outcome: 'already-clear' });
  t.match(await byTool(t, 'echo no line >&2; exit 5', { exitCodes }), {
    outcome: 'network',
    nativeCode: 'exit 5',
    said: 'no line',
  });
  t.match(await byTool(t, 'exit 77', { exitCodes }), { outcome: 'failed', nativeCode: 'exit 77' });
  t.match(await byTool(t, 'kill -KILL $$', { exitCodes }), {
    outcome: 'interrupted',
    nativeCode: 'killed',
  });
});

t.test('a JSON answer counts only whole, alone and with an exit code that agrees', async (t) => {
  const json = { answer: 'json' };
  t.same(
    await byTool(t, `echo '{"outcome":"locked","code":202,"message":"a\\u0000b","x":1}'`, json),
    {
      outcome: 'locked',
      nativeCode: '202',
      said: 'a b',
    },
  );
  t.match(await byTool(t, `echo '{"outcome":"cleared"}'; exit 1`, json), { outcome: 'failed' });
  t.match(await byTool(t, `echo '{"outcome":"cleared"}'; echo more`, json), { outcome: 'failed' });
  t.match(await byTool(t, `echo '{"outcome":"CLEARED!"}'`, json), { outcome: 'failed' });
  t.match(await byTool(t, `echo '{"outcome":"cleared","job":"another"}'`, json), {
    outcome: 'failed',
  });
  t.match(await byTool(t, 'exit 0', json), { outcome: 'failed' }, 'silence is no success');
  const flood = `head -c 3000000 /dev/zero | tr '\\0' ' '; echo '{"outcome":"cleared"}'`;
  t.match(await byTool(t, flood, json), { outcome: 'failed' }, 'more than anybody reads');
});

t.test('a tool that takes too long is ended, and with it all that it started', async (t) => {
  const here = await folder(t);
  const lines = `sleep 60 & echo $! > ${here}/child; echo $$ > ${here}/self; trap '' TERM; sleep 60`;
  const answer = byTool(t, `${lines}; exit 0`, { timeoutSeconds: 0.5 });
  t.match(await answer, { outcome: 'interrupted', nativeCode: 'timeout' });
  for (const name of ['child', 'self']) {
    const pid = Number(await readFile(path.join(here, name), 'utf8'));
    await until(async () => (isAlive(pid) ? null : true));
  }
  t.pass('both are gone');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

t.test(
  'a tool that is stopped with its stage says nothing, and one that is not there is named',
  async (t) => {
    const stop = new AbortController();
    const here = await folder(t);
    const command = await tool(t, `echo $$ > ${here}/self; sleep 60`);
    const running = methodOf({ method: 'external-tool', command }).clear(
      JOB,
      help(stop.signal).given,
    );
    await until(async () => readFile(path.join(here, 'self'), 'utf8').catch(() => null));
    stop.abort(new SarachiError('aborted'));
    await t.rejects(running, { code: 'aborted' });
    const missing = methodOf({ method: 'external-tool', command: '/nonexistent/tool' });
    await t.rejects(missing.clear(JOB, help().given), {
      code: 'felica-tool-unusable',
      detail: { reason: 'ENOENT' },
    });
  },
);

async function watched(t: Test, rest: object = {}) {
  const at = await folder(t);
  const method = methodOf({ method: 'watched-folder', folder: at, ...rest });
  const answer = path.join(at, 'answers', `${JOB.job}.json`);
  const request = path.join(at, 'requests', `${JOB.job}.json`);
  return { at, method, answer, request };
}

t.test('a request appears whole, is answered once and is gone then', async (t) => {
  const { at, method, answer, request } = await watched(t);
  await mkdir(path.join(at, 'requests'), { recursive: true });
  await writeFile(path.join(at, 'requests', 'run-7.2.old.json'), '{}');
  const clearing = method.clear(JOB, help().given);
  const text = await until(() => readFile(request, 'utf8').catch(() => null));
  t.same(JSON.parse(text), { format: 'sarachi-felica-request/1', ...JOB });
  t.same(await readdir(path.join(at, 'requests')), [`${JOB.job}.json`], 'no older one is left');
  // As tools write: a piece first. It is not taken for an answer.
  await writeFile(answer, '{"job":"run-7.3.abcd","outc');
  await new Promise((resolve) => setTimeout(resolve, 400));
  await writeFile(`${answer}.new`, JSON.stringify({ job: JOB.job, outcome: 'busy', code: '200' }));
  await rename(`${answer}.new`, answer);
  t.same(await clearing, { outcome: 'busy', nativeCode: '200', said: null });
  t.same(await readdir(path.join(at, 'requests')), []);
  t.same(await readdir(path.join(at, 'answers')), [`${JOB.job}.json.taken`]);
});

t.test('an answer that was there before, or to another request, is set aside', async (t) => {
  const { at, method, answer, request } = await watched(t, { timeoutSeconds: 2 });
  await mkdir(path.join(at, 'answers'), { recursive: true });
  await writeFile(answer, JSON.stringify({ job: JOB.job, outcome: 'cleared' }));
  const clearing = method.clear(JOB, help().given);
  await until(() => readFile(request, 'utf8').catch(() => null));
  await writeFile(answer, JSON.stringify({ job: 'run-6.1.ffff', outcome: 'cleared' }));
  t.match(await clearing, { outcome: 'interrupted', nativeCode: 'no answer' });
  t.same(await readdir(path.join(at, 'answers')), [`${JOB.job}.json.refused`]);
});

t.test('an answer without its request, too long or no plain file, is none', async (t) => {
  const cases = [
    JSON.stringify({ outcome: 'cleared' }),
    `${' '.repeat(70_000)}${JSON.stringify({ job: JOB.job, outcome: 'cleared' })}`,
  ];
  for (const text of cases) {
    const { method, answer, request } = await watched(t, { timeoutSeconds: 0.8 });
    const clearing = method.clear(JOB, help().given);
    await until(() => readFile(request, 'utf8').catch(() => null));
    await writeFile(answer, text);
    t.match(await clearing, { outcome: 'interrupted' });
  }
  const { at, method, answer, request } = await watched(t, { timeoutSeconds: 0.8 });
  const elsewhere = path.join(at, 'elsewhere.json');
  await writeFile(elsewhere, JSON.stringify({ job: JOB.job, outcome: 'cleared' }));
  const clearing = method.clear(JOB, help().given);
  await until(() => readFile(request, 'utf8').catch(() => null));
  await symlink(elsewhere, answer);
  t.match(await clearing, { outcome: 'interrupted', nativeCode: 'unreadable answer' });
});

t.test(
  'a folder that nobody can write, and a stage that ends, leave no request behind',
  async (t) => {
    const nowhere = methodOf({ method: 'watched-folder', folder: '/nonexistent/sarachi' });
    await t.rejects(nowhere.clear(JOB, help().given), { code: 'felica-tool-unusable' });
    const { at, method, request } = await watched(t);
    const stop = new AbortController();
    const clearing = method.clear(JOB, help(stop.signal).given);
    await until(() => readFile(request, 'utf8').catch(() => null));
    stop.abort(new SarachiError('aborted'));
    await t.rejects(clearing, { code: 'aborted' });
    t.same(await readdir(path.join(at, 'requests')), []);
  },
);

t.test(
  'the built-in function is a matter for a person, and whoever does not come back did nothing',
  async (t) => {
    const method = methodOf({ method: 'on-device' });
    const done = help();
    t.match(await method.clear(JOB, done.given), { outcome: 'cleared', nativeCode: null });
    t.same(done.asked, ['felica-clear-on-device']);
    const late = help(undefined, false);
    t.match(await method.clear(JOB, late.given), { outcome: 'cancelled', nativeCode: 'timeout' });
  },
);
