import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { SarachiError } from '../../errors.js';
import { raceAbort } from '../../wait.js';
import type { DaemonUp, FromDaemon, ReaderRequest, ToDaemon } from './messages.js';

export interface DaemonProcessOptions {
  readonly config: unknown;
  readonly logFile: string;
  /** The daemon is up, for the first time or again. */
  readonly onUp: (up: DaemonUp) => void;
  readonly onAdbUp: () => void;
  /** The daemon does something with a reader on the desk. */
  readonly onReader?: (request: ReaderRequest) => void;
  /** The daemon ended without being asked to. */
  readonly onDeath: (how: string) => void;
}

/** The daemon in a process of its own, so that it can die as a daemon dies while the handsets live on. */
export class DaemonProcess {
  readonly #options: DaemonProcessOptions;
  #child: ChildProcess | null = null;
  #stopping = false;

  constructor(options: DaemonProcessOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts it; rejects with the daemon's own error where it cannot start. */
  async start(signal: AbortSignal): Promise<DaemonUp> {
    const file = path.join(
      import.meta.dirname,
      `daemon-child${path.extname(import.meta.filename)}`,
    );
    const child = fork(file, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    this.#child = child;
    const up = new Promise<DaemonUp>((resolve, reject) => {
      child.on('message', (message: FromDaemon) => {
        if (message.type === 'adb-up') this.#options.onAdbUp();
        if (message.type === 'reader') this.#options.onReader?.(message);
        if (message.type === 'failed') {
          reject(new SarachiError('internal', { daemon: message.code, said: message.message }));
        }
        if (message.type === 'up') {
          this.#options.onUp(message);
          resolve(message);
        }
      });
      child.once('exit', (code, death) => {
        const how = death ?? `exit ${code}`;
        reject(new SarachiError('internal', { daemon: how }));
        if (this.#child !== child || this.#stopping) return;
        this.#child = null;
        this.#options.onDeath(how);
      });
    });
    const { config, logFile } = this.#options;
    this.send({ type: 'start', config, logFile });
    return raceAbort(up, signal);
  }

  send(message: ToDaemon): void {
    if (this.#child?.connected) this.#child.send(message);
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    this.send({ type: 'stop' });
    await ended;
  }
}
