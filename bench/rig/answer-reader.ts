import { SarachiError } from '../../src/errors.js';

const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** Finds the answers in the bytes of one kept connection (RFC 9112), without looking at more of them than it must. */
export class AnswerReader {
  #head: Buffer = NOTHING;
  #status = 0;
  /** Bytes of the body that are still to come; null between two answers. */
  #missing: number | null = null;

  /** The status of each answer that these bytes complete. Errors: internal, for an answer without its length. */
  take(chunk: Buffer): readonly number[] {
    const done: number[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#missing === null) rest = this.#takeHead(rest);
      if (this.#missing === null) break;
      const body = Math.min(rest.length, this.#missing);
      this.#missing -= body;
      rest = rest.subarray(body);
      if (this.#missing > 0) break;
      this.#missing = null;
      done.push(this.#status);
    }
    return done;
  }

  /** Takes what belongs to the head and returns what follows it. */
  #takeHead(chunk: Buffer): Buffer {
    const bytes = this.#head.length > 0 ? Buffer.concat([this.#head, chunk]) : chunk;
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      this.#head = bytes;
      return NOTHING;
    }
    this.#head = NOTHING;
    const text = bytes.toString('latin1', 0, end);
    this.#status = Number(text.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (length === undefined && this.#status !== 304)
      throw new SarachiError('internal', { tag: 'bench-http-length', status: this.#status });
    // A 304 has no body, whatever length it tells (RFC 9110 section 15.4.5).
    this.#missing = this.#status === 304 ? 0 : Number(length);
    return bytes.subarray(end + HEAD_END.length);
  }
}
