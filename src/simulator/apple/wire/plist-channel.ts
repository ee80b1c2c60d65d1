import type { Duplex } from 'node:stream';
import { ByteSource, send } from './byte-source.js';
import { type PlistValue, readPlist } from './plist.js';
import { writeXmlPlist } from './xml-plist.js';

/** lockdownd refuses more than this; nothing that a host sends to a phone comes near it. */
const LONGEST_FRAME = 1024 * 1024;

/** Property lists with a four-byte big-endian length before each: lockdown and most of the services behind it. */
export class PlistChannel {
  readonly #stream: Duplex;
  readonly #source: ByteSource;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#source = new ByteSource(stream);
  }

  /** The next property list; null when the peer is gone or sent something else. */
  async read(): Promise<PlistValue | null> {
    const head = await this.#source.take(4);
    const length = head?.readUInt32BE(0) ?? 0;
    if (length === 0 || length > LONGEST_FRAME) return null;
    const bytes = await this.#source.take(length);
    return bytes ? readPlist(bytes) : null;
  }

  /** False: the peer is gone. */
  write(value: PlistValue): Promise<boolean> {
    const payload = writeXmlPlist(value);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(payload.length);
    return send(this.#stream, Buffer.concat([head, payload]));
  }

  /** Lets go of the stream at the byte after the last one read. */
  release(): void {
    this.#source.release();
  }
}
