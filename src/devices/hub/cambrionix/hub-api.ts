import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { asSarachiError, SarachiError } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import { raceAbort, type WaitOptions, withDeadline } from '../../../wait.js';
import { JsonStream } from './json-stream.js';

/** Where CambrionixApiService listens; off this machine it wants a certificate, so only the loopback is used. */
export interface HubEndpoint {
  readonly host: string;
  readonly port: number;
}

const answerSchema = z.object({
  id: z.number().nullish(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string().optional() }).optional(),
});

interface Waiting {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: SarachiError): void;
}

/** How long `close` waits for answers that are still to come, in milliseconds. */
const CLOSE_MS = 2_000;

/**
 * JSON-RPC 2.0 with the Hub API over one TCP socket that stays open. Sources: Cambrionix Hub API manual 3.9, "API call
 * structure" and "Socket connections": nothing separates the messages, notifications carry no id, and a socket must not be
 * closed before its last answer has come.
 */
export class HubApi {
  readonly #endpoint: HubEndpoint;
  #socket: Promise<Socket> | null = null;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(endpoint: HubEndpoint) {
    this.#endpoint = endpoint;
  }

  /** Asks one thing; the result is not checked. Errors: hub-gone, hub-protocol, hub-refused with the service's `code`. */
  async call(method: string, params: readonly unknown[], wait: WaitOptions): Promise<unknown> {
    return withDeadline(wait, 'hub-gone', async (signal) => {
      const socket = await raceAbort(this.#connected(), signal);
      this.#lastId += 1;
      const id = this.#lastId;
      const answer = new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { method, resolve, reject });
      });
      socket.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      try {
        return await raceAbort(answer, signal);
      } finally {
        this.#waiting.delete(id);
      }
    });
  }

  /** Ends the socket after the answers that are still to come, or after two seconds. */
  async close(): Promise<void> {
    const socket = await this.#socket?.catch(() => null);
    if (!socket || socket.destroyed) return;
    const closed = once(socket, 'close');
    const timer = setTimeout(() => socket.destroy(), CLOSE_MS);
    socket.end();
    await closed;
    clearTimeout(timer);
  }

  #connected(): Promise<Socket> {
    this.#socket ??= this.#connect();
    return this.#socket;
  }

  async #connect(): Promise<Socket> {
    const { host, port } = this.#endpoint;
    const socket = connect({ host, port, allowHalfOpen: false });
    const stream = new JsonStream();
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      try {
        for (const message of stream.push(bytes)) this.#take(message);
      } catch (thrown) {
        socket.destroy(asSarachiError(thrown));
      }
    });
    let broken: unknown = null;
    socket.on('error', (error) => {
      broken = error;
    });
    socket.once('close', () => this.#lost(broken));
    await once(socket, 'connect').catch((cause: unknown) => {
      this.#socket = null;
      throw new SarachiError('hub-gone', { host, port }, { cause });
    });
    return socket;
  }

  #take(message: unknown): void {
    const { data, success, error: cause } = answerSchema.safeParse(message);
    if (!success) throw new SarachiError('hub-protocol', { what: 'no answer' }, { cause });
    // Without an id it is a notification.
    const waiting = typeof data.id === 'number' ? this.#waiting.get(data.id) : undefined;
    if (!waiting) return;
    if (!data.error) {
      waiting.resolve(data.result);
      return;
    }
    const { code, message: said = '' } = data.error;
    waiting.reject(
      new SarachiError('hub-refused', { method: waiting.method, code, said: cleanField(said) }),
    );
  }

  #lost(broken: unknown): void {
    this.#socket = null;
    const ours = broken instanceof SarachiError ? broken : null;
    const error = ours ?? new SarachiError('hub-gone', { what: 'closed' }, { cause: broken });
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
