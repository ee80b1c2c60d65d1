import type { Duplex } from 'node:stream';
import { type ErrorCode, SarachiError } from '../../errors.js';

export interface ByteStreamOptions {
  /** What the end of the stream means. */
  readonly whenEnded: ErrorCode;
  /** Told of every count of bytes read and written. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Bytes that are encrypted at a time: they stay in the processor's cache. */
const PIECE_BYTES = 256 * 1024;
/** Bytes of data that are copied behind a head, so that both go out as one record. */
const TOGETHER_BYTES = 16 * 1024;

/**
 * A connection that is read by exact counts. One reader at a time. The end of the stream and its failure reject a
 * waiting read at once, and every read and write after it.
 */
export class ByteStream {
  readonly #duplex: Duplex;
  readonly #options: ByteStreamOptions;
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | null = null;
  #ended = false;
  #wake: () => void = () => undefined;
  /** What came with the last piece and was not asked for yet. */
  #rest: Buffer | null = null;
  #reading: { readonly target: Buffer; filled: number } | null = null;
  readonly #onReadable = () => {
    // Whoever waits for a mebibyte is not woken for each of its records.
    this.#pull();
    if (this.#reading?.filled === this.#reading?.target.length) this.#wake();
  };
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
    const target = Buffer.allocUnsafe(length);
    await this.readInto(target);
    return target;
  }

  /** Exactly as many bytes as the target has. Each piece is copied as it comes, so that none of them grows old. */
  async readInto(target: Buffer): Promise<void> {
    const reading = { target, filled: 0 };
    this.#reading = reading;
    try {
      for (;;) {
        this.#pull();
        if (reading.filled === target.length) break;
        if (this.#ended) throw this.#gone();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.#reading = null;
    }
    this.#options.onBytes?.(target.length);
  }

  /** Takes what has come, no more than is waited for but for the rest of the last piece. */
  #pull(): void {
    const reading = this.#reading;
    while (reading && reading.filled < reading.target.length) {
      const piece: Buffer | null = this.#rest ?? this.#duplex.read();
      this.#rest = null;
      if (!piece) return;
      const taken = piece.copy(reading.target, reading.filled);
      reading.filled += taken;
      if (taken < piece.length) this.#rest = piece.subarray(taken);
    }
  }

  /** Resolves when the kernel took the bytes, so that a slow handset slows the writer down. In the order of calling. */
  async write(...parts: readonly Uint8Array[]): Promise<void> {
    const before = this.#writing;
    const written = before.then(() => this.#writeAll(parts));
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async #writeAll(parts: readonly Uint8Array[]): Promise<void> {
    for (const piece of piecesOf(parts)) {
      if (this.#ended || this.#duplex.destroyed) throw this.#gone();
      await new Promise<void>((resolve, reject) => {
        this.#duplex.write(piece, (error) => (error ? reject(this.#gone(error)) : resolve()));
      });
      this.#options.onBytes?.(piece.length);
    }
  }

  /** Gives the connection up to another owner. Bytes that came too early have no owner: that is an error. */
  release(): Duplex {
    if (this.#ended) throw this.#gone();
    if (this.#rest || this.#duplex.readableLength > 0)
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

/**
 * What is given to the stream in one call each. TLS copies all that waits into one new piece of memory first, so that
 * large data goes alone and never waits; a short head before it would be a packet of its own.
 */
function piecesOf(parts: readonly Uint8Array[]): Uint8Array[] {
  const [first, ...others] = parts;
  const last = others.at(-1);
  if (!first || !last || others.length > 1) return [...parts];
  const joined = Math.min(last.length, TOGETHER_BYTES);
  const pieces: Uint8Array[] = [Buffer.concat([first, last.subarray(0, joined)])];
  for (let at = joined; at < last.length; at += PIECE_BYTES)
    pieces.push(last.subarray(at, at + PIECE_BYTES));
  return pieces;
}
