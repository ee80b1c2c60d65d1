import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import { sleep } from '../../wait.js';

const STDERR_KEPT = 2_000;
const STOP_GRACE_MS = 2_000;
/** What `setpriv` answers when the program it should start is missing, or may not be run. */
const NOT_STARTED = [126, 127];

/** One `adb` server process of ours, from its start to its end. */
export interface AdbProcess {
  readonly pid: number | null;
  /** Resolves when it has ended, with the reason as a SarachiError. */
  readonly ended: Promise<SarachiError>;
  /** Ends it, by force where it does not listen; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface AdbProgram {
  /** Name or path of the adb program. */
  readonly binary: string;
  /** Its home: keys and settings live in `.android` below it. */
  readonly home: string;
  readonly port: number;
}

/**
 * Starts `adb nodaemon server` in the foreground on its own TCP port of the loopback. `setpriv --pdeathsig` makes the
 * kernel end it when the daemon dies in any way; it holds for the thread that spawns, so call this from the main one.
 */
export function spawnAdb({ binary, home, port }: AdbProgram): AdbProcess {
  const args = ['--pdeathsig', 'KILL', binary, '-P', String(port), 'nodaemon', 'server'];
  const child = spawn('setpriv', args, {
    env: adbEnvironment(process.env, home),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  const ended = new Promise<SarachiError>((resolve) => {
    child.once('error', (cause) => resolve(notStarted('setpriv', cause)));
    child.once('close', (code, signal) => resolve(endOf({ code, signal }, binary, said)));
  });
  return { pid: child.pid ?? null, ended, stop: () => stop(child, ended) };
}

/** Ours alone: nothing of the operator's adb set-up may reach the server, or its key would be used. */
export function adbEnvironment(outer: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(outer).filter(([name]) => !/^(ADB|ANDROID)_/.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    ANDROID_SDK_HOME: home,
    ANDROID_USER_HOME: `${home}/.android`,
    ADB_MDNS: '0',
    ADB_MDNS_AUTO_CONNECT: '0',
    ADB_EMU: '0',
    ADB_REJECT_KILL_SERVER: '1',
  };
}

/** A TCP port of the loopback that is free now; given one, checks it. Error: adb-server-gone when it is taken. */
export async function freePort(host: string, wanted = 0): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (cause) =>
      reject(
        new SarachiError('adb-server-gone', { reason: 'port taken', port: wanted }, { cause }),
      ),
    );
    probe.listen(wanted, host, resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : wanted;
}

async function stop(child: ChildProcess, ended: Promise<SarachiError>): Promise<void> {
  const grace = new AbortController();
  child.kill('SIGTERM');
  const force = sleep(STOP_GRACE_MS, grace.signal).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await ended;
  grace.abort();
  await force;
}

function endOf(
  { code, signal }: { code: number | null; signal: NodeJS.Signals | null },
  binary: string,
  said: string,
): SarachiError {
  if (code !== null && NOT_STARTED.includes(code)) return notStarted(binary, new Error(said));
  const last = cleanField(said.trim().split('\n').at(-1) ?? '', 300);
  return new SarachiError('adb-server-gone', { exitCode: code, signal, last });
}

function notStarted(program: string, cause: Error): SarachiError {
  return new SarachiError('adb-binary-missing', { program }, { cause });
}
