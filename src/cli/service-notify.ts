import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Log } from '../log.js';

const SEND_MS = 10_000;
const run = promisify(execFile);

export interface ServiceNotifyParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Log;
  /** Sends datagrams to NOTIFY_SOCKET, which Node itself cannot. */
  readonly program?: string;
}

/** How often systemd wants to hear of this process, in milliseconds; null where it does not (sd_watchdog_enabled(3)). Pure. */
export function watchdogMs(env: ServiceNotifyParts['env'], pid: number): number | null {
  const micros = Number(env['WATCHDOG_USEC']);
  const meant = env['WATCHDOG_PID'];
  if (!Number.isFinite(micros) || micros <= 0) return null;
  if (meant !== undefined && meant !== String(pid)) return null;
  return micros / 1000;
}

/**
 * Tells the service manager how the daemon stands (sd_notify(3)), by `systemd-notify`. Does nothing where no service
 * manager listens.
 */
export class ServiceNotify {
  readonly #parts: ServiceNotifyParts;
  #timer: NodeJS.Timeout | undefined;
  #sending = false;

  constructor(parts: ServiceNotifyParts) {
    this.#parts = parts;
  }

  /** The daemon is up; from now on systemd hears of it as long as `look` does not throw. */
  async ready(status: string, look: () => void): Promise<void> {
    await this.#send('--ready', `--status=${status}`);
    const { env, pid, log } = this.#parts;
    const ms = watchdogMs(env, pid);
    if (ms === null) return;
    const beat = () => {
      // A slow one is not overtaken: whoever is late three times in a row is restarted, and should be.
      if (this.#sending) return;
      try {
        look();
      } catch (error) {
        log.error({ err: error }, 'the watchdog is not told that all is well');
        return;
      }
      void this.#beat();
    };
    beat();
    this.#timer = setInterval(beat, ms / 3);
  }

  async #beat(): Promise<void> {
    this.#sending = true;
    await this.#send('WATCHDOG=1');
    this.#sending = false;
  }

  /** The end has begun; nothing is told of it any more. */
  async stopping(): Promise<void> {
    clearInterval(this.#timer);
    await this.#send('STOPPING=1');
  }

  /** Never rejects: a daemon that works is not ended because nobody hears of it; systemd itself does that. */
  async #send(...args: string[]): Promise<void> {
    const { env, log, program = 'systemd-notify' } = this.#parts;
    if (!env['NOTIFY_SOCKET']) return;
    try {
      await run(program, args, { timeout: SEND_MS, env: { ...env } });
    } catch (error) {
      log.warn({ err: error }, 'the service manager could not be told');
    }
  }
}
