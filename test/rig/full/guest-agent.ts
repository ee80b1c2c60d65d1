import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, read as readCallback, writeSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Ask, Asked, HttpAnswer, ProgramAnswer, Said, Usage } from './agent-words.js';

const read = promisify(readCallback);
const execute = promisify(execFile);

const CHANNEL = '/run/agent';
const DAEMON_LOG = '/run/daemon-log';
const CONFIG = '/run/sarachi.yaml';
/** Jiffies a second, which Linux never changed for programs. */
const TICKS = 100;
const PROGRAM_MS = 120_000;
const HTTP_MS = 20_000;
const CLI = path.resolve(import.meta.dirname, '../../../src/cli/sarachi.js');

const channel = openSync(CHANNEL, 'r+');
const logFile = openSync(DAEMON_LOG, 'a');
let daemon: ChildProcess | null = null;
let port = 0;

function say(said: Said): void {
  writeSync(channel, `${JSON.stringify(said)}\n`);
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.op) {
    case 'time':
      return Date.now();
    case 'start':
      return start(ask.config as { http: { port: number } });
    case 'signal':
      return signal(ask.signal);
    case 'http':
      return http(ask);
    case 'write':
      return writeSysfs(ask.file, ask.text);
    case 'usage':
      return usage();
    case 'sarachi':
      return sarachi(ask.args);
    case 'off':
      return off();
  }
}

async function start(config: { readonly http: { readonly port: number } }): Promise<number> {
  if (daemon) throw new Error('the daemon runs already');
  // JSON is YAML.
  await writeFile(CONFIG, JSON.stringify(config));
  port = config.http.port;
  const child = spawn(process.execPath, [CLI, 'start', '--config', CONFIG], {
    stdio: ['ignore', logFile, logFile],
  });
  child.once('exit', (code, death) => {
    daemon = null;
    say({ type: 'ended', how: death ?? `exit ${code}` });
  });
  await once(child, 'spawn');
  daemon = child;
  return child.pid ?? 0;
}

async function signal(name: NodeJS.Signals): Promise<string> {
  if (!daemon) return 'not running';
  const ended = once(daemon, 'exit');
  daemon.kill(name);
  await ended;
  return 'ended';
}

async function http({
  method,
  path: route,
  body,
}: Ask & { readonly op: 'http' }): Promise<HttpAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${route}`, {
    method,
    signal: AbortSignal.timeout(HTTP_MS),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: await response.json() };
}

async function writeSysfs(file: string, text: string): Promise<void> {
  if (!path.normalize(file).startsWith('/sys/bus/usb/')) throw new Error(`not a place: ${file}`);
  await writeFile(file, text);
}

async function usage(): Promise<Usage> {
  const folder = `/proc/${daemon?.pid ?? 0}`;
  const [status, stat, handles, memory] = await Promise.all([
    readFile(`${folder}/status`, 'utf8'),
    readFile(`${folder}/stat`, 'utf8'),
    readdir(`${folder}/fd`),
    readFile('/proc/meminfo', 'utf8'),
  ]);
  const kib = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
  // The name in parentheses may hold spaces.
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12).map(Number);
  return {
    rssBytes: kib(status, 'VmRSS'),
    cpuSeconds: (user + system) / TICKS,
    handles: handles.length,
    guestFreeBytes: kib(memory, 'MemAvailable'),
  };
}

async function sarachi(args: readonly string[]): Promise<ProgramAnswer> {
  try {
    const { stdout, stderr } = await execute(process.execPath, [CLI, ...args], {
      timeout: PROGRAM_MS,
      maxBuffer: 4 * 1024 * 1024,
    });
    return { code: 0, text: `${stdout}${stderr}` };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, text: `${stdout ?? ''}${stderr ?? ''}` };
  }
}

async function off(): Promise<void> {
  await signal('SIGTERM');
  // The init script turns the machine off when this process ends, which `exit` does not while it reads the channel.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);
}

async function obey(asked: Asked): Promise<void> {
  try {
    const value = (await answer(asked)) ?? null;
    say({ type: 'answer', id: asked.id, value });
  } catch (error) {
    say({ type: 'failed', id: asked.id, why: error instanceof Error ? error.message : `${error}` });
  }
}

say({ type: 'here' });
let rest = '';
for (const buffer = Buffer.alloc(65_536); ; ) {
  const { bytesRead } = await read(channel, buffer, 0, buffer.length, null);
  // Nothing means that nobody is at the other end just now.
  if (bytesRead === 0) await delay(50);
  const lines = `${rest}${buffer.toString('utf8', 0, bytesRead)}`.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) if (line !== '') void obey(JSON.parse(line) as Asked);
}
