import { SarachiError } from '../../../errors.js';

/** Command words of the adb device protocol (AOSP packages/modules/adb, docs/dev/protocol.md). */
export const COMMAND = {
  CNXN: 0x4e584e43,
  AUTH: 0x48545541,
  OPEN: 0x4e45504f,
  OKAY: 0x59414b4f,
  WRTE: 0x45545257,
  CLSE: 0x45534c43,
} as const;

export const HEADER_LENGTH = 24;

/** CNXN and AUTH travel before the sides agreed on a size, so they keep the oldest limit (AOSP adb.h, MAX_PAYLOAD_V1). */
export const HANDSHAKE_PAYLOAD_LIMIT = 4096;

/** From this version on, both sides leave the checksum of ordinary packets out (AOSP adb.h, A_VERSION_SKIP_CHECKSUM). */
export const VERSION_WITHOUT_CHECKSUM = 0x01000001;

export interface Packet {
  readonly command: number;
  readonly arg0: number;
  readonly arg1: number;
  readonly payload: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

export function packet(command: number, arg0: number, arg1: number, payload = NOTHING): Packet {
  return { command, arg0, arg1, payload };
}

/** Connection packets carry their checksum and their small size limit whatever version is agreed. */
function isHandshake(command: number): boolean {
  return command === COMMAND.CNXN || command === COMMAND.AUTH;
}

/** The protocol's data check: the sum of all payload bytes modulo 2^32. */
export function payloadSum(payload: Uint8Array): number {
  let sum = 0;
  for (const byte of payload) sum = (sum + byte) >>> 0;
  return sum;
}

/** The 24 header bytes of a packet; `version` is the agreed protocol version. */
export function encodeHeader(message: Packet, version: number): Buffer {
  const { command, arg0, arg1, payload } = message;
  const limit = isHandshake(command) ? HANDSHAKE_PAYLOAD_LIMIT : Number.POSITIVE_INFINITY;
  if (payload.length > limit) {
    throw new SarachiError('internal', { handshakePayload: payload.length, limit });
  }
  const summed = isHandshake(command) || version < VERSION_WITHOUT_CHECKSUM;
  const header = Buffer.alloc(HEADER_LENGTH);
  const words = [command, arg0, arg1, payload.length, summed ? payloadSum(payload) : 0];
  words.forEach((word, index) => {
    header.writeUInt32LE(word >>> 0, index * 4);
  });
  header.writeUInt32LE((command ^ 0xffffffff) >>> 0, 20);
  return header;
}

export function encodePacket(message: Packet, version: number): Buffer {
  return Buffer.concat([encodeHeader(message, version), message.payload]);
}

interface Header {
  readonly command: number;
  readonly arg0: number;
  readonly arg1: number;
  readonly length: number;
  readonly sum: number;
}

/**
 * Cuts packets out of a byte stream that may be split or glued anywhere. Memory is bounded by one payload: a
 * header is judged before any of its payload is kept.
 */
export class PacketParser {
  readonly #maxPayload: number;
  readonly #ownVersion: number;
  readonly #headerBytes = Buffer.alloc(HEADER_LENGTH);
  #headerFill = 0;
  #header: Header | null = null;
  #pieces: Buffer[] = [];
  #missing = 0;
  #summed = true;

  /** `maxPayload` in bytes and `version` are what this side announces. */
  constructor(own: { readonly maxPayload: number; readonly version: number }) {
    this.#maxPayload = own.maxPayload;
    this.#ownVersion = own.version;
  }

  /** Sets the agreed protocol version, which decides whether the next packets carry checksums. */
  agree(version: number): void {
    this.#summed = version < VERSION_WITHOUT_CHECKSUM;
  }

  /**
   * Yields each packet that `chunk` completes. Lazy on purpose: `agree`, called while handling one packet,
   * already holds for the next one of the same chunk. Throws `adb-protocol` on a wrong magic, size or checksum;
   * the stream cannot be followed any further then.
   */
  *push(chunk: Uint8Array): Generator<Packet, void, undefined> {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      rest = this.#header === null ? this.#takeHeader(rest) : this.#takePayload(rest);
      if (this.#header !== null && this.#missing === 0) yield this.#finish(this.#header);
    }
  }

  #takeHeader(bytes: Buffer): Buffer {
    const wanted = HEADER_LENGTH - this.#headerFill;
    this.#headerFill += bytes.copy(this.#headerBytes, this.#headerFill, 0, wanted);
    if (this.#headerFill === HEADER_LENGTH) {
      this.#header = this.#readHeader();
      this.#missing = this.#header.length;
      this.#headerFill = 0;
    }
    return bytes.subarray(wanted);
  }

  #readHeader(): Header {
    const word = (index: number) => this.#headerBytes.readUInt32LE(index * 4);
    const command = word(0);
    if (word(5) !== (command ^ 0xffffffff) >>> 0) {
      throw new SarachiError('adb-protocol', { fault: 'magic', command });
    }
    const length = word(3);
    const limit = isHandshake(command) ? HANDSHAKE_PAYLOAD_LIMIT : this.#maxPayload;
    if (length > limit) {
      throw new SarachiError('adb-protocol', { fault: 'payload too long', command, length, limit });
    }
    return { command, arg0: word(1), arg1: word(2), length, sum: word(4) };
  }

  #takePayload(bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, this.#missing);
    this.#pieces.push(piece);
    this.#missing -= piece.length;
    return bytes.subarray(piece.length);
  }

  #finish(header: Header): Packet {
    const { command, arg0, arg1, sum } = header;
    const [first = NOTHING, ...others] = this.#pieces;
    const payload = others.length === 0 ? first : Buffer.concat(this.#pieces);
    this.#header = null;
    this.#pieces = [];
    if (this.#needsSum(header) && payloadSum(payload) !== sum) {
      throw new SarachiError('adb-protocol', { fault: 'checksum', command });
    }
    return { command, arg0, arg1, payload };
  }

  #needsSum({ command, sum }: Header): boolean {
    if (!isHandshake(command)) return this.#summed;
    // A host that lost its connection and tries again still remembers the agreed version, and leaves the sum out of
    // CNXN too (seen with adb 29.0.6).
    return sum !== 0 || this.#ownVersion < VERSION_WITHOUT_CHECKSUM;
  }
}
