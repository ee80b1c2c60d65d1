import { SarachiError } from '../../../errors.js';
import type { AdbStream } from './adb-stream.js';

/** Takes exact numbers of bytes from a stream whose packets are cut anywhere. */
export class ByteReader {
  readonly #stream: AdbStream;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AdbStream) {
    this.#stream = stream;
  }

  /** The next `length` bytes. Rejects with `adb-closed` when the stream ends before them. */
  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      pieces.push(piece);
    }
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
  }

  async #next(): Promise<Buffer> {
    const data = await this.#stream.read();
    if (data === null) throw new SarachiError('adb-closed');
    return data;
  }
}
