import { Duplex } from 'node:stream';
import { ByteSource } from './byte-source.js';

const HEAD = 5;

/** Record types run from 0x14 to 0x17 (RFC 8446, 5.1); a lockdown frame begins with the high byte of a short length. */
function isRecord(head: Buffer): boolean {
  const type = head[0] ?? 0;
  return type >= 0x14 && type <= 0x17;
}

/**
 * Hands on only the TLS records of a stream, so that the same stream can go on in plain text after them: lockdown does
 * that when a session is stopped.
 */
export class TlsRecords extends Duplex {
  /** True: the records ended and plain bytes follow, unread. False: the stream ended. */
  readonly plainFollows: Promise<boolean>;
  readonly #stream: Duplex;

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
    this.plainFollows = this.#pump();
  }

  override _read(): void {
    // The pump pushes by itself: lockdown messages are too small to need holding back.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    if (this.#stream.destroyed) done();
    else this.#stream.write(chunk, done);
  }

  async #pump(): Promise<boolean> {
    const source = new ByteSource(this.#stream);
    for (;;) {
      const head = await source.take(HEAD);
      const body = head && isRecord(head) ? await source.take(head.readUInt16BE(3)) : null;
      if (head && body) {
        this.push(Buffer.concat([head, body]));
        continue;
      }
      source.release();
      const plain = head !== null && !isRecord(head);
      if (plain) this.#stream.unshift(head);
      this.push(null);
      return plain;
    }
  }
}
