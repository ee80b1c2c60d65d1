import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { SarachiError } from '../errors.js';
import type { Log } from '../log.js';
import { sleep, withDeadline } from '../wait.js';

const START_DEADLINE_MS = 20_000;
const PING_EVERY_MS = 25;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
const STOP_DEADLINE_MS = 5_000;
/** What flock exits with when another holder has the lock (our choice, EX_TEMPFAIL). */
const LOCKED_EXIT = 75;

/**
 * A Redis of the daemon's own: one per state folder, on a unix socket, every write on disk before it is answered.
 * It dies with the daemon, even by kill -9, and is started again when it dies alone.
 */
export class RedisServer {
  readonly socket: string;
  readonly #dir: string;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  #child: ChildProcess | null = null;
  #supervision: Promise<void> = Promise.resolve();

  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
    this.socket = path.join(dir, 'r.sock');
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Resolves when Redis answers. Throws redis-binary-missing, state-in-use or redis-gone. */
  async start(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await this.#launch();
    this.#supervision = this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#supervision;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(timer);
  }

  async #launch(): Promise<void> {
    // setpriv ends Redis with the daemon; flock keeps a second Redis off the same append-only file.
    // Both replace themselves (flock by -F), so the child's process id is Redis's own.
    const child = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'KILL',
        'flock',
        '-F',
        '-n',
        '-E',
        String(LOCKED_EXIT),
        path.join(this.#dir, 'lock'),
        'redis-server',
        ...this.#arguments(),
      ],
      // Its own process group: a terminal's Ctrl-C must not take Redis away before the daemon has drained.
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#dir },
    );
    this.#child = child;
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-500);
    });
    const failed = new Promise<never>((_resolve, reject) => {
      child.once('error', (cause) =>
        reject(new SarachiError('redis-binary-missing', {}, { cause })),
      );
      child.once('exit', (code) => reject(exitError(code, complaint)));
    });
    failed.catch(() => undefined);
    const limit = { signal: this.#stopped.signal, timeoutMs: START_DEADLINE_MS };
    await withDeadline(limit, 'redis-gone', (signal) =>
      Promise.race([this.#answers(child.pid ?? 0, signal), failed]),
    );
    this.#log.info({ pid: child.pid ?? null }, 'redis is up');
  }

  #arguments(): string[] {
    return [
      ...[
        '--port',
        '0',
        '--unixsocket',
        this.socket,
        '--unixsocketperm',
        '700',
        '--dir',
        this.#dir,
      ],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
      ...['--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
    ];
  }

  /** A socket file outlives kill -9 and may be another daemon's: only the process that was started counts. */
  async #answers(pid: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const probe = new Redis({
        path: this.socket,
        lazyConnect: true,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
      });
      probe.on('error', () => undefined);
      try {
        await probe.connect();
        if ((await probe.info('server')).includes(`process_id:${pid}\r`)) return;
      } catch (error) {
        this.#log.trace({ err: error }, 'redis does not answer yet');
      } finally {
        probe.disconnect();
      }
      await sleep(PING_EVERY_MS, signal);
    }
  }

  async #supervise(): Promise<void> {
    let backoff = FIRST_BACKOFF_MS;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const child = this.#child;
      if (child && child.exitCode === null && child.signalCode === null) {
        await once(child, 'exit', { signal }).catch(() => undefined);
        if (signal.aborted) return;
        this.#log.error(
          { code: 'redis-gone', class: 'host' },
          'redis ended by itself; starting it again',
        );
      }
      try {
        await this.#launch();
        backoff = FIRST_BACKOFF_MS;
      } catch (error) {
        if (signal.aborted) return;
        this.#log.error(
          { err: error, code: 'redis-gone', class: 'host', againInMs: backoff },
          'redis did not start',
        );
        await sleep(backoff, signal).catch(() => undefined);
        backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
      }
    }
  }
}

function exitError(code: number | null, complaint: string): SarachiError {
  if (code === LOCKED_EXIT) return new SarachiError('state-in-use', { what: 'redis' });
  if (code === 127 || /No such file|failed to execute/i.test(complaint)) {
    return new SarachiError('redis-binary-missing', { said: complaint.trim().slice(0, 200) });
  }
  return new SarachiError('redis-gone', { exit: code ?? -1, said: complaint.trim().slice(0, 200) });
}
