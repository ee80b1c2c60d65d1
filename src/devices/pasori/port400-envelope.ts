import { SarachiError } from '../../errors.js';

/** One reply of an RC-S300. */
export interface Port400Reply {
  /** Of the command that is answered. */
  readonly sequence: number;
  readonly status: 'done' | 'failed' | 'wait';
  /** Why it failed; 0xE0 is a slot that is busy. */
  readonly error: number;
  readonly data: Uint8Array;
}

/** Escape messages of CCID. Source: USB CCID specification 1.10, 6.1.8 and 6.2.4; felica-rs, the Port-400 driver. */
const ESCAPE = 0x6b;
const ESCAPE_REPLY = 0x83;
const HEADER = 10;
/** The reader's longest message is 522 bytes; twice as much is certainly garbage. */
const MAX_DATA = 1_044;
export const SLOT_BUSY = 0xe0;

export function encodeEscape(sequence: number, apdu: Uint8Array): Uint8Array {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(ESCAPE, 0);
  header.writeUInt32LE(apdu.length, 1);
  header.writeUInt8(sequence, 6);
  return Buffer.concat([header, apdu]);
}

/** Replies from pieces of any size. Broken framing is `reader-protocol`, and the decoder is of no more use then. */
export class Port400Decoder {
  #bytes: Buffer = Buffer.alloc(0);

  /** The replies that are complete with this piece. */
  push(piece: Uint8Array): Port400Reply[] {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    const replies: Port400Reply[] = [];
    for (let found = this.#next(); found; found = this.#next()) replies.push(found);
    return replies;
  }

  #next(): Port400Reply | null {
    if (this.#bytes.length > 0 && this.#bytes[0] !== ESCAPE_REPLY) throw broken('message type');
    if (this.#bytes.length < HEADER) return null;
    const length = this.#bytes.readUInt32LE(1);
    if (length > MAX_DATA) throw broken('length');
    const [slot, sequence, status, error, chain] = this.#bytes.subarray(5, HEADER);
    if (slot !== 0 || chain !== 0) throw broken('slot or chain');
    if (this.#bytes.length < HEADER + length) return null;
    const data = Uint8Array.from(this.#bytes.subarray(HEADER, HEADER + length));
    this.#bytes = this.#bytes.subarray(HEADER + length);
    return { sequence: sequence ?? 0, status: statusOf(status ?? 0), error: error ?? 0, data };
  }
}

function statusOf(status: number): Port400Reply['status'] {
  const named = (['done', 'failed', 'wait'] as const)[status >> 6];
  if (named === undefined) throw broken('status');
  return named;
}

function broken(reason: string): SarachiError {
  return new SarachiError('reader-protocol', { reader: 'RC-S300', reason });
}
