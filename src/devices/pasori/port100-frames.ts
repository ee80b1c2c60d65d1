import { SarachiError } from '../../errors.js';

/** What an RC-S380 sends: an acknowledgement, a complaint, or data. */
export type Port100Frame =
  | { readonly type: 'ack' }
  | { readonly type: 'nak' }
  | { readonly type: 'error' }
  | { readonly type: 'data'; readonly data: Uint8Array };

/** As the host sends it, it cancels the command that is under way. Source: Linux drivers/nfc/port100.c. */
export const ACK = Uint8Array.of(0x00, 0x00, 0xff, 0x00, 0xff, 0x00);
/** Linux drivers/nfc/port100.c, the largest payload. */
export const MAX_DATA = 1001;
/** Error frame of the PN53x family, of which the framing is. Source: NXP PN532 user manual, 6.2.1.5. */
const PN53X_ERROR = 0x7f;
const START = 3;

/** Host frames always have the extended length. Source: nfcpy clf/rcs380.py. */
export function encodeFrame(data: Uint8Array): Uint8Array {
  const [low, high] = [data.length & 0xff, data.length >> 8];
  return Buffer.concat([
    Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0xff, low, high, complement([low, high])),
    data,
    Uint8Array.of(complement(data), 0x00),
  ]);
}

/**
 * Frames from pieces of any size. A frame that breaks the rules is `reader-protocol`, and the decoder is of no more
 * use then: begin with a new one after the reader was brought back in step.
 */
export class Port100Decoder {
  #bytes: Uint8Array = new Uint8Array(0);

  /** The frames that are complete with this piece. */
  push(piece: Uint8Array): Port100Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    const frames: Port100Frame[] = [];
    for (let found = this.#next(); found; found = this.#next()) frames.push(found);
    return frames;
  }

  /**
   * An error frame is how an extended frame begins, so only the quiet after it tells them apart: true when what is
   * here would be one if nothing more came.
   */
  get endsInError(): boolean {
    const { length } = this.#bytes;
    const start = [0x00, 0x00, 0xff, 0xff, 0xff, 0x00];
    return (length === 5 || length === 6) && this.#bytes.every((byte, at) => byte === start[at]);
  }

  #next(): Port100Frame | null {
    this.#skipZeros();
    const start = [0x00, 0x00, 0xff];
    const head = this.#bytes.subarray(0, START);
    if (head.some((byte, at) => byte !== start[at])) throw broken('start of frame');
    const [low, check] = [this.#bytes[START], this.#bytes[START + 1]];
    if (low === undefined || check === undefined) return null;
    if (low === 0xff && check === 0xff) return this.#extended();
    if (low === 0x00 && check === 0xff) return this.#bare('ack');
    if (low === 0xff && check === 0x00) return this.#bare('nak');
    if (((low + check) & 0xff) !== 0) throw broken('length checksum');
    return this.#body(START + 2, low);
  }

  /** Zeros before the start are padding, as the framing allows. */
  #skipZeros(): void {
    let at = 0;
    while (this.#bytes[at] === 0 && this.#bytes[at + 1] === 0 && this.#bytes[at + 2] === 0) at += 1;
    this.#bytes = this.#bytes.subarray(at);
  }

  #extended(): Port100Frame | null {
    const [low, high, check] = this.#bytes.subarray(START + 2, START + 5);
    if (low === undefined || high === undefined || check === undefined) return null;
    if (complement([low, high]) !== check) throw broken('length checksum');
    const length = low | (high << 8);
    if (length > MAX_DATA) throw broken('length');
    return this.#body(START + 5, length);
  }

  #body(from: number, length: number): Port100Frame | null {
    const end = from + length;
    if (this.#bytes.length < end + 2) return null;
    const data = this.#bytes.slice(from, end);
    if (this.#bytes[end] !== complement(data)) throw broken('data checksum');
    if (this.#bytes[end + 1] !== 0x00) throw broken('postamble');
    this.#bytes = this.#bytes.subarray(end + 2);
    return length === 1 && data[0] === PN53X_ERROR ? { type: 'error' } : { type: 'data', data };
  }

  #bare(type: 'ack' | 'nak'): Port100Frame | null {
    const postamble = this.#bytes[START + 2];
    if (postamble === undefined) return null;
    if (postamble !== 0x00) throw broken('postamble');
    this.#bytes = this.#bytes.subarray(START + 3);
    return { type };
  }
}

/** What makes the sum of the bytes zero. */
function complement(bytes: Iterable<number>): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & 0xff;
}

function broken(reason: string): SarachiError {
  return new SarachiError('reader-protocol', { reader: 'RC-S380', reason });
}
