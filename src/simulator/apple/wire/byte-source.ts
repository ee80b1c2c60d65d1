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
    if (count === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes: Buffer | null = this.#stream.read(count);
      if (bytes) return bytes.length === count ? bytes : null;
      if (this.#stream.readableEnded || this.#stream.destroyed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Lets go of the stream, so that something else can read on from the same byte. */
  release(): void {
    for (const event of ['readable', 'end', 'close'] as const)
      this.#stream.off(event, this.#onChange);
  }
}

/** Writes and waits until the stream has room again. False: it is gone. */
export async function send(stream: Duplex, ...pieces: readonly Uint8Array[]): Promise<boolean> {
  if (stream.destroyed || stream.writableEnded) return false;
  let room = true;
  for (const piece of pieces) room = stream.write(piece);
  if (room) return true;
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
