import type { Duplex } from 'node:stream';

/** Takes exact numbers of bytes from a stream, and leaves in it what was not taken. One taker at a time. */
export class ByteSource {
  readonly #stream: Duplex;
  #wake: () => void = () => undefined;
  readonly #onChange = () => this.#wake();

  constructor(stream: Duplex) {
    this.#stream = stream;
    for (const event of ['readable', 'end', 'close'] as const) stream.on(event, this.#onChange);
    // What broke shows as the end; nobody else may be left to hear of it.
    stream.on('error', this.#onChange);
  }

  /** `count` bytes; null when the stream ended or broke before all of them came. */
  async take(count: number): Promise<Buffer | null> {
    const bytes = Buffer.allocUnsafe(count);
    return (await this.fill(bytes)) ? bytes : null;
  }

  /** As many bytes as the target has, each piece copied as it comes; false as `take` gives null. */
  async fill(target: Buffer): Promise<boolean> {
    for (let done = 0; done < target.length; ) {
      const missing = target.length - done;
      const piece: Buffer | null =
        this.#stream.readableLength > missing ? this.#stream.read(missing) : this.#stream.read();
      if (piece) {
        done += piece.copy(target, done);
        continue;
      }
      if (this.#stream.readableEnded || this.#stream.destroyed) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return true;
  }

  /** Lets go of the stream, so that something else can read on from the same byte. */
  release(): void {
    for (const event of ['readable', 'end', 'close'] as const)
      this.#stream.off(event, this.#onChange);
  }
}

/** Bytes given to a stream at a time, so that the other side can work on them while the next are encrypted. */
const PIECE_BYTES = 256 * 1024;

/** Writes and waits until the stream has room again. False: it is gone. */
export async function send(stream: Duplex, ...parts: readonly Uint8Array[]): Promise<boolean> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) {
      if (stream.destroyed || stream.writableEnded) return false;
      const hasRoom = stream.write(part.subarray(at, at + PIECE_BYTES));
      if (!hasRoom && !(await drained(stream))) return false;
    }
  }
  return !stream.destroyed;
}

function drained(stream: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    const onDrain = () => settle(true);
    const onClose = () => settle(false);
    const settle = (alive: boolean) => {
      stream.off('drain', onDrain);
      stream.off('close', onClose);
      resolve(alive);
    };
    stream.on('drain', onDrain);
    stream.on('close', onClose);
    if (stream.destroyed) settle(false);
  });
}
