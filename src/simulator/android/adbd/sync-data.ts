import { SarachiError } from '../../../errors.js';
import type { ByteReader } from './byte-reader.js';
import { SYNC_DATA_MAX } from './sync-records.js';

/**
 * The data phase of one pushed file: DATA records until DONE. A writer that fails may leave a read under way behind
 * it, so reads queue up here and the position in the stream is never lost.
 */
export class SyncData {
  readonly #reader: ByteReader;
  #turn: Promise<Buffer | null> = Promise.resolve(null);
  #done = false;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    for (let data = await this.#next(); data !== null; data = await this.#next()) yield data;
  }

  /** Reads and throws away what is left, as adbd does so that the host comes to read why it failed. */
  async discard(): Promise<void> {
    while ((await this.#next()) !== null);
  }

  #next(): Promise<Buffer | null> {
    this.#turn = this.#turn.then(() => (this.#done ? null : this.#read()));
    return this.#turn;
  }

  async #read(): Promise<Buffer | null> {
    const header = await this.#reader.take(8);
    const id = header.toString('latin1', 0, 4);
    if (id === 'DONE') {
      this.#done = true;
      return null;
    }
    if (id !== 'DATA') throw new SarachiError('adb-protocol', { fault: 'invalid data message' });
    const length = header.readUInt32LE(4);
    if (length > SYNC_DATA_MAX) {
      throw new SarachiError('adb-protocol', { fault: 'oversize data message' });
    }
    return this.#reader.take(length);
  }
}
