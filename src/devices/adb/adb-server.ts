import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asSarachiError, hasCode, SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import { abortError, raceAbort, sleep, type WaitOptions } from '../../wait.js';
import { backOffMs } from '../back-off.js';
import { serverVersion } from './adb-host.js';
import { type AdbProcess, freePort, spawnAdb } from './adb-process.js';
import type { AdbEndpoint } from './adb-socket.js';

const HOST = '127.0.0.1';
const ANSWER_EVERY_MS = 50;
const ANSWER_TIMEOUT_MS = 1_000;
/** How long a respawned server may take until it answers. */
const RESPAWN_TIMEOUT_MS = 15_000;
/** A server that lived this long was well: its end starts the back-off anew. */
const STEADY_MS = 10_000;
const HEALTH_EVERY_MS = 5_000;
const HEALTH_TIMEOUT_MS = 10_000;
/** One late answer can be a loaded host; two are a server that hangs. */
const HEALTH_MISSES = 2;

export interface AdbServerOptions {
  /** Folder of its own, which holds the key pair; made when missing. */
  readonly folder: string;
  /** TCP port on the loopback; a free one is picked when not given. */
  readonly port?: number;
  /** Name or path of the adb program, default `adb`. */
  readonly binary?: string;
  readonly log: Log;
}

export type AdbServerState =
  | { readonly up: true; readonly version: number; readonly pid: number | null }
  | { readonly up: false; readonly error: SarachiError | null };

/**
 * An `adb` server of our own: its own port and key pair, started and supervised as a child, respawned with back-off
 * when it dies or hangs, gone with the daemon.
 */
export class AdbServer {
  readonly publicKeyPath: string;
  readonly #options: AdbServerOptions;
  readonly #listeners = new Set<(state: AdbServerState) => void>();
  readonly #stopped = new AbortController();
  #state: AdbServerState = { up: false, error: null };
  #port: number | null = null;
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: AdbServerOptions) {
    this.#options = options;
    this.publicKeyPath = join(options.folder, '.android', 'adbkey.pub');
  }

  get state(): AdbServerState {
    return this.#state;
  }

  /** Where it listens; the same for all its lives. Throws adb-server-gone before `start`. */
  get endpoint(): AdbEndpoint {
    if (this.#port === null) throw new SarachiError('adb-server-gone', { reason: 'not started' });
    return { host: HOST, port: this.#port };
  }

  /** Told of every later change between up and down. Returns the function that ends it. */
  subscribe(listener: (state: AdbServerState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the server answers. Errors: adb-binary-missing, adb-server-gone, aborted. */
  async start(options: WaitOptions): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    this.#port = await freePort(HOST, this.#options.port);
    this.#keeping = this.#keep(await this.#launch(options));
  }

  /** Ends the server and its supervision. */
  async stop(): Promise<void> {
    this.#stopped.abort(new SarachiError('aborted'));
    await this.#keeping;
  }

  /** A server that answers, or none: what does not come up in time is ended before this rejects. */
  async #launch({ signal: outer, timeoutMs }: WaitOptions): Promise<AdbProcess> {
    const { port } = this.endpoint;
    // Where the port is taken, the one that answers there would be mistaken for ours.
    await freePort(HOST, port);
    const late = new AbortController();
    const signal = AbortSignal.any([outer, this.#stopped.signal, late.signal]);
    if (signal.aborted) throw abortError(signal);
    const { folder: home, binary = 'adb' } = this.#options;
    const adb = spawnAdb({ binary, home, port });
    const timer = setTimeout(
      () => late.abort(new SarachiError('adb-server-gone', { timeoutMs })),
      timeoutMs,
    );
    try {
      const died = adb.ended.then((error) => Promise.reject(error));
      const version = await Promise.race([died, this.#untilAnswers(signal)]);
      this.#tell({ up: true, version, pid: adb.pid });
      return adb;
    } catch (error) {
      await adb.stop();
      throw error;
    } finally {
      clearTimeout(timer);
      late.abort();
    }
  }

  async #untilAnswers(signal: AbortSignal): Promise<number> {
    for (;;) {
      try {
        return await serverVersion(this.endpoint, { signal, timeoutMs: ANSWER_TIMEOUT_MS });
      } catch (error) {
        if (!hasCode(error, 'adb-server-gone') || signal.aborted) throw error;
        await sleep(ANSWER_EVERY_MS, signal);
      }
    }
  }

  async #keep(first: AdbProcess): Promise<void> {
    const { signal } = this.#stopped;
    let started: AdbProcess | null = first;
    let failures = 0;
    while (!signal.aborted) {
      const { error, livedMs } = await this.#life(started, signal);
      started = null;
      failures = livedMs > STEADY_MS ? 1 : failures + 1;
      this.#tell({ up: false, error: signal.aborted ? null : error });
      await sleep(backOffMs(failures), signal).catch(() => undefined);
    }
  }

  /** One life of the server, from its start, unless it is started already, to its end. */
  async #life(
    started: AdbProcess | null,
    signal: AbortSignal,
  ): Promise<{ error: SarachiError; livedMs: number }> {
    let adb = started;
    try {
      adb ??= await this.#launch({ signal, timeoutMs: RESPAWN_TIMEOUT_MS });
      const since = performance.now();
      return { error: await this.#watch(adb, signal), livedMs: performance.now() - since };
    } catch (thrown) {
      return { error: asSarachiError(thrown), livedMs: 0 };
    } finally {
      await adb?.stop();
    }
  }

  /** Resolves with the reason when the server has died or hangs; rejects when the supervision ends. */
  async #watch(adb: AdbProcess, outer: AbortSignal): Promise<SarachiError> {
    const own = new AbortController();
    const signal = AbortSignal.any([outer, own.signal]);
    const hung = this.#untilHung(signal);
    hung.catch(() => undefined);
    try {
      return await raceAbort(Promise.race([adb.ended, hung]), signal);
    } finally {
      own.abort();
    }
  }

  async #untilHung(signal: AbortSignal): Promise<SarachiError> {
    for (let misses = 0; ; ) {
      await sleep(HEALTH_EVERY_MS, signal);
      try {
        await serverVersion(this.endpoint, { signal, timeoutMs: HEALTH_TIMEOUT_MS });
        misses = 0;
      } catch (cause) {
        misses += 1;
        if (misses >= HEALTH_MISSES)
          return new SarachiError('adb-server-gone', { reason: 'hangs' }, { cause });
      }
    }
  }

  #tell(state: AdbServerState): void {
    this.#state = state;
    const { log } = this.#options;
    if (state.up) log.info({ version: state.version, port: this.#port }, 'adb server is up');
    else if (state.error)
      log.warn({ err: state.error, code: state.error.code }, 'adb server is down');
    for (const listener of this.#listeners) listener(state);
  }
}
