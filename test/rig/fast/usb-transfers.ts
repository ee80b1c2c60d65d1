import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const HEAD = 4;

/** The handset's end of a pair of bulk pipes: each write is one transfer, which the host gets as such. */
export class UsbTransfers extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes) => {
      if (!this.push(bytes)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const head = Buffer.alloc(HEAD);
    head.writeUInt32LE(bytes.length);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(bytes, (error) => done(error));
    this.#socket.uncork();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
