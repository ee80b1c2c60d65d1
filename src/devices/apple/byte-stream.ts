import type { Duplex } from 'node:stream';
import { type ErrorCode, SarachiError } from '../../errors.js';

export interface ByteStreamOptions {
  /** What the end of the stream means. */
  readonly whenEnded: ErrorCode;
  /** Told of every count of bytes read and written. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * A connection that is read by exact counts. One reader at a time. The end of the stream and its failure reject a
 * waiting read at once, and every read and write after it.
 */
export class ByteStream {
  readonly #duplex: Duplex;
  readonly #options: ByteStreamOptions;
  #failure: Error | null = null;
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #onReadable = () => this.#wake();
  readonly #onEnd = () => this.#end(null);
  readonly #onError = (error: Error) => this.#end(error);

  constructor(duplex: Duplex, options: ByteStreamOptions) {
    this.#duplex = duplex;
    this.#options = options;
    duplex.on('readable', this.#onReadable);
    duplex.on('end', this.#onEnd);
    duplex.on('close', this.#onEnd);
    duplex.on('error', this.#onError);
  }

  /** Exactly `length` bytes. */
  async read(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const chunk: Buffer | null = this.#duplex.read(length);
      if (chunk?.length === length) {
        this.#options.onBytes?.(length);
        return chunk;
      }
      if (this.#ended || chunk) throw this.#gone();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the kernel took the bytes, so that a slow handset slows the writer down. */
  async write(...parts: readonly Uint8Array[]): Promise<void> {
    if (this.#ended || this.#duplex.destroyed) throw this.#gone();
    await new Promise<void>((resolve, reject) => {
      const last = parts.length - 1;
      this.#duplex.cork();
      for (const [index, part] of parts.entries()) {
        this.#duplex.write(part, (error) => {
          if (error) reject(this.#gone(error));
          else if (index === last) resolve();
        });
      }
      this.#duplex.uncork();
    });
    this.#options.onBytes?.(parts.reduce((sum, part) => sum + part.length, 0));
  }

  /** Gives the connection up to another owner. Bytes that came too early have no owner: that is an error. */
  release(): Duplex {
    if (this.#ended) throw this.#gone();
    if (this.#duplex.readableLength > 0)
      throw new SarachiError('iphone-protocol', { reason: 'plain bytes before TLS' });
    this.#duplex.off('readable', this.#onReadable);
    this.#duplex.off('end', this.#onEnd);
    this.#duplex.off('close', this.#onEnd);
    this.#duplex.off('error', this.#onError);
    return this.#duplex;
  }

  destroy(): void {
    this.#duplex.destroy();
    this.#end(null);
  }

  #end(failure: Error | null): void {
    this.#failure ??= failure;
    this.#ended = true;
    this.#wake();
  }

  #gone(cause: Error | null = this.#failure): SarachiError {
    if (cause instanceof SarachiError) return cause;
    const reason = cause && 'code' in cause ? String(cause.code) : 'closed';
    return new SarachiError(this.#options.whenEnded, { reason }, cause ? { cause } : undefined);
  }
}
