import { connect, type Socket } from 'node:net';
import { type ErrorCode, SarachiError } from '../../errors.js';
import { abortError, type WaitOptions, withDeadline } from '../../wait.js';

/** Where an adb server listens. */
export interface AdbEndpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * One TCP connection to an adb server, for one question. There is no way to hand it on: `withAdbSocket` destroys it
 * whatever happens, so that a late reply can never be taken for the answer to the next question.
 */
export class AdbSocket {
  /** What the end of the stream means; the service phase blames the handset instead of the server. */
  whenEnded: ErrorCode = 'adb-server-gone';
  readonly #socket: Socket;
  #failure: Error | null = null;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('readable', () => this.#wake());
    socket.on('end', () => this.#end(null));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(null));
  }

  /** Exactly `length` bytes; rejects with `whenEnded` when the stream ends before. */
  async read(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const chunk: Buffer | null = this.#socket.read(length);
      if (chunk?.length === length) return chunk;
      if (this.#ended || chunk) throw this.#gone();
      await this.#change();
    }
  }

  /** Whatever has arrived, at least one byte; null at the end of the stream. */
  async readSome(): Promise<Buffer | null> {
    for (;;) {
      const chunk: Buffer | null = this.#socket.read();
      if (chunk) return chunk;
      if (this.#failure) throw this.#gone();
      if (this.#ended) return null;
      await this.#change();
    }
  }

  /** Resolves when the bytes were taken by the kernel, so that a slow handset slows the writer down. */
  async write(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.#socket.destroyed) return reject(this.#gone());
      this.#socket.write(bytes, (error) => (error ? reject(this.#gone(error)) : resolve()));
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #end(failure: Error | null): void {
    this.#failure ??= failure;
    this.#ended = true;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #gone(cause: Error | null = this.#failure): SarachiError {
    const code = cause && 'code' in cause ? String(cause.code) : 'closed';
    return new SarachiError(this.whenEnded, { reason: code }, cause ? { cause } : undefined);
  }
}

/** Connects; the signal destroys the connection. Errors: adb-server-gone, the signal's. */
export async function connectAdb(endpoint: AdbEndpoint, signal: AbortSignal): Promise<AdbSocket> {
  if (signal.aborted) throw abortError(signal);
  const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
  const onAbort = () => socket.destroy(abortError(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      const reason = 'code' in cause ? String(cause.code) : cause.message;
      reject(
        cause instanceof SarachiError
          ? cause
          : new SarachiError('adb-server-gone', { reason, port: endpoint.port }, { cause }),
      );
    });
  });
  return new AdbSocket(socket);
}

/** How long a question may take, and which error says that it took longer. */
export interface AskOptions extends WaitOptions {
  readonly onTimeout: ErrorCode;
}

/** Opens one connection for one question and destroys it after, answered or not. */
export function withAdbSocket<T>(
  endpoint: AdbEndpoint,
  options: AskOptions,
  work: (socket: AdbSocket) => Promise<T>,
): Promise<T> {
  return withDeadline(options, options.onTimeout, async (signal) => {
    const socket = await connectAdb(endpoint, signal);
    try {
      return await work(socket);
    } finally {
      socket.destroy();
    }
  });
}
