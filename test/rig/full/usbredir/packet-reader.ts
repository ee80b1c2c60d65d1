import { type Kind, LAYOUTS } from './layouts.js';
import { decodeBody, fieldsLength, headLength, kindOf, type Packet, readHello } from './packets.js';

interface Head {
  readonly kind: Kind;
  readonly length: number;
  readonly id: bigint;
}

/**
 * Cuts packets out of a byte stream that may be split or glued anywhere. A head is judged before any of its body is
 * kept, so memory is bounded by one packet.
 */
export class PacketReader {
  readonly #announced: number;
  #agreed: number | null = null;
  #pieces: Buffer[] = [];
  #have = 0;
  #head: Head | null = null;

  /** `announced`: the capabilities of this side. */
  constructor(announced: number) {
    this.#announced = announced;
  }

  /** The capabilities that both sides have; 0 before the other side's hello. */
  get agreed(): number {
    return this.#agreed ?? 0;
  }

  /**
   * Yields each packet that `chunk` completes. Throws on a type this side has no use for, on a length the type cannot
   * have, and where hello is not the first packet and the only one; the stream cannot be followed any further then.
   */
  *push(chunk: Buffer): Generator<Packet, void, undefined> {
    this.#pieces.push(chunk);
    this.#have += chunk.length;
    for (;;) {
      if (this.#head === null) {
        const bytes = this.#take(headLength(this.agreed));
        if (bytes === null) return;
        this.#head = this.#readHead(bytes);
      }
      const { kind, id, length } = this.#head;
      const body = this.#take(length);
      if (body === null) return;
      this.#head = null;
      const message = decodeBody(kind, id, body, this.agreed);
      if (message.kind === 'hello') {
        this.#agreed = readHello(message).capabilities & this.#announced;
      }
      yield message;
    }
  }

  #take(length: number): Buffer | null {
    if (this.#have < length) return null;
    const [first = Buffer.alloc(0), ...others] = this.#pieces;
    const all = others.length === 0 ? first : Buffer.concat(this.#pieces);
    this.#pieces = all.length > length ? [all.subarray(length)] : [];
    this.#have -= length;
    return all.subarray(0, length);
  }

  #readHead(bytes: Buffer): Head {
    const type = bytes.readUInt32LE(0);
    const length = bytes.readUInt32LE(4);
    const kind = kindOf(type);
    if (kind === undefined) throw new Error(`usbredir: no use for packets of type ${type}`);
    if ((kind === 'hello') !== (this.#agreed === null)) {
      throw new Error(`usbredir: ${kind} where hello ${kind === 'hello' ? 'was' : 'was not yet'}`);
    }
    const [least, most] = LAYOUTS[kind].data;
    const data = length - fieldsLength(LAYOUTS[kind], this.agreed);
    if (data < least || data > most) throw new Error(`usbredir: ${kind} of ${length} bytes`);
    return {
      kind,
      length,
      id: bytes.length === 12 ? BigInt(bytes.readUInt32LE(8)) : bytes.readBigUInt64LE(8),
    };
  }
}
