import { asSarachiError, type SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import { type Clock, sleep, withDeadline } from '../../wait.js';
import { followServer } from '../follow-server.js';
import type { AdbRow } from '../sighting.js';
import { type AdbEndpoint, type AdbSocket, connectAdb } from './adb-socket.js';
import { parseDeviceRows } from './device-rows.js';
import { ask, readText, request } from './smart-socket.js';
import { mergeRows, unknownRows } from './tracked-rows.js';

const ASK_TIMEOUT_MS = 10_000;

export interface DeviceTrackerOptions {
  readonly endpoint: () => AdbEndpoint;
  /** Told of the whole list at each change of it. */
  readonly onRows: (rows: readonly AdbRow[]) => void;
  readonly log: Log;
  readonly clock: Clock;
  /** How often the list is asked for when the server pushes nothing, in milliseconds. Default 2000. */
  readonly pollMs?: number;
  /** How long a server that came back may take to find the handsets again, in milliseconds. Default 4000. */
  readonly settleMs?: number;
}

/**
 * Follows the list of one adb server. The server's push only says that something changed: the list that counts is
 * always asked for, one question at a time, so that lists cannot overtake each other, and it is asked for every
 * `pollMs` as well because servers before platform-tools 31 do not push every change of state.
 * A server that goes away makes every row unknown, not gone.
 */
export class DeviceTracker {
  readonly #options: Required<DeviceTrackerOptions>;
  readonly #stopped = new AbortController();
  #rows: readonly AdbRow[] = [];
  #connected = false;
  #following: Promise<void> = Promise.resolve();

  constructor(options: DeviceTrackerOptions) {
    this.#options = { pollMs: 2_000, settleMs: 4_000, ...options };
  }

  /** The list as last known; unknown rows have the condition `adb:unknown` and no transport. */
  rows(): readonly AdbRow[] {
    return this.#rows;
  }

  /** Whether the list is that of a server that answers. */
  connected(): boolean {
    return this.#connected;
  }

  start(): void {
    const server = {
      session: (signal: AbortSignal) => this.#session(signal),
      connected: () => this.#connected,
      lost: (error: SarachiError, news: boolean) => this.#lost(error, news),
    };
    this.#following = followServer(server, this.#stopped.signal);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#following;
  }

  /** One connection to the server, until it breaks; resolves with what broke it. */
  async #session(outer: AbortSignal): Promise<SarachiError> {
    const own = new AbortController();
    const signal = AbortSignal.any([outer, own.signal]);
    const bell = new Bell();
    try {
      const endpoint = this.#options.endpoint();
      const socket = await openTracker(endpoint, signal);
      const listening = listen(socket, bell);
      const polling = this.#poll(endpoint, bell, signal);
      polling.catch(() => undefined);
      listening.catch(() => undefined);
      return await Promise.race([listening, polling]);
    } catch (error) {
      return asSarachiError(error);
    } finally {
      own.abort();
    }
  }

  async #poll(endpoint: AdbEndpoint, bell: Bell, signal: AbortSignal): Promise<never> {
    const { clock, pollMs, settleMs } = this.#options;
    const settledAt = clock() + settleMs;
    for (;;) {
      bell.reset();
      const text = await request(endpoint, 'host:devices-l', { signal, timeoutMs: ASK_TIMEOUT_MS });
      // A list that arrives after the tracking connection broke is of a server that is already another one.
      signal.throwIfAborted();
      this.#connected = true;
      this.#tell(mergeRows(this.#rows, parseDeviceRows(text), clock() < settledAt));
      await bell.ringsWithin(pollMs, signal);
    }
  }

  #lost({ code }: SarachiError, news: boolean): void {
    if (news) this.#options.log.warn({ code }, 'adb device list is lost');
    this.#connected = false;
    this.#tell(unknownRows(this.#rows));
  }

  #tell(rows: readonly AdbRow[]): void {
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    this.#rows = rows;
    this.#options.onRows(rows);
  }
}

async function openTracker(endpoint: AdbEndpoint, signal: AbortSignal): Promise<AdbSocket> {
  // The connection outlives this wait, so it hangs on the outer signal and not on the deadline's.
  const options = { signal, timeoutMs: ASK_TIMEOUT_MS };
  return withDeadline(options, 'adb-server-gone', async (deadline) => {
    const socket = await connectAdb(endpoint, signal);
    const drop = () => socket.destroy();
    deadline.addEventListener('abort', drop, { once: true });
    await ask(socket, 'host:track-devices-l');
    deadline.removeEventListener('abort', drop);
    return socket;
  });
}

async function listen(socket: AdbSocket, bell: Bell): Promise<never> {
  for (;;) {
    await readText(socket);
    bell.ring();
  }
}

/** Wakes a sleeper; a ring while nobody sleeps is kept for the next one. */
class Bell {
  #rung = new AbortController();

  ring(): void {
    this.#rung.abort();
  }

  reset(): void {
    if (this.#rung.signal.aborted) this.#rung = new AbortController();
  }

  async ringsWithin(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#rung.signal]);
    await sleep(ms, either).catch(() => undefined);
    signal.throwIfAborted();
  }
}
