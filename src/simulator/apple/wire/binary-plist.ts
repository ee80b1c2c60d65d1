import type { PlistDict, PlistValue } from './plist.js';

/** Objects may be referred to many times: without a limit a small file could name more of them than fit a memory. */
const MOST_OBJECTS = 20_000;
const DEEPEST = 64;
const TRAILER = 32;
const EPOCH_2001_MS = 978_307_200_000;

/** Reads a binary property list (public source: Apple CoreFoundation, CFBinaryPList.c); null where it is none. */
export function readBinaryPlist(bytes: Buffer): PlistValue | null {
  if (bytes.length < 8 + TRAILER || bytes.toString('latin1', 0, 7) !== 'bplist0') return null;
  try {
    return new Reader(bytes).top();
  } catch (error) {
    // Buffer refuses every offset outside with a RangeError, so damage of any kind ends here.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

class Reader {
  readonly #bytes: Buffer;
  readonly #offsetBytes: number;
  readonly #referenceBytes: number;
  readonly #count: number;
  readonly #top: number;
  readonly #table: number;
  #left = MOST_OBJECTS;

  constructor(bytes: Buffer) {
    const trailer = bytes.length - TRAILER;
    this.#bytes = bytes;
    this.#offsetBytes = bytes.readUInt8(trailer + 6);
    this.#referenceBytes = bytes.readUInt8(trailer + 7);
    this.#count = Number(bytes.readBigUInt64BE(trailer + 8));
    this.#top = Number(bytes.readBigUInt64BE(trailer + 16));
    this.#table = Number(bytes.readBigUInt64BE(trailer + 24));
  }

  top(): PlistValue {
    return this.#object(this.#top, 0);
  }

  #object(index: number, depth: number): PlistValue {
    this.#left -= 1;
    if (index >= this.#count || depth > DEEPEST || this.#left < 0) throw new RangeError('plist');
    const at = this.#uint(this.#table + index * this.#offsetBytes, this.#offsetBytes);
    const marker = this.#bytes.readUInt8(at);
    const kind = marker >> 4;
    const low = marker & 0x0f;
    if (kind === 0) return this.#singleton(marker);
    if (kind === 1) return this.#integer(at + 1, 1 << low);
    if (kind === 2) return this.#real(at + 1, 1 << low);
    if (kind === 3) return new Date(EPOCH_2001_MS + this.#bytes.readDoubleBE(at + 1) * 1000);
    return this.#sized(kind, this.#length(at, low), depth);
  }

  #singleton(marker: number): PlistValue {
    if (marker === 8 || marker === 9) return marker === 9;
    throw new RangeError('plist');
  }

  #sized(kind: number, { at, count }: { at: number; count: number }, depth: number): PlistValue {
    if (kind === 4) return this.#slice(at, count);
    if (kind === 5) return this.#slice(at, count).toString('latin1');
    if (kind === 6)
      return Buffer.from(this.#slice(at, count * 2))
        .swap16()
        .toString('utf16le');
    if (kind === 0xa)
      return this.#references(at, count).map((index) => this.#object(index, depth + 1));
    if (kind === 0xd) return this.#dict(this.#references(at, count * 2), depth + 1);
    throw new RangeError('plist');
  }

  #dict(references: readonly number[], depth: number): PlistDict {
    const half = references.length / 2;
    const values = references.slice(half);
    return Object.fromEntries(
      references.slice(0, half).map((index, row) => {
        const key = this.#object(index, depth);
        if (typeof key !== 'string') throw new RangeError('plist');
        return [key, this.#object(values[row] ?? this.#count, depth)];
      }),
    );
  }

  #length(at: number, low: number): { at: number; count: number } {
    if (low !== 0x0f) return { at: at + 1, count: low };
    const bytes = 1 << (this.#bytes.readUInt8(at + 1) & 0x0f);
    return { at: at + 2 + bytes, count: this.#uint(at + 2, bytes) };
  }

  #references(at: number, count: number): readonly number[] {
    if (count > MOST_OBJECTS) throw new RangeError('plist');
    return Array.from({ length: count }, (_, row) =>
      this.#uint(at + row * this.#referenceBytes, this.#referenceBytes),
    );
  }

  #slice(at: number, count: number): Buffer {
    if (at + count > this.#table) throw new RangeError('plist');
    return this.#bytes.subarray(at, at + count);
  }

  #integer(at: number, bytes: number): number {
    if (bytes < 8) return this.#uint(at, bytes);
    return Number(this.#bytes.readBigInt64BE(at + bytes - 8));
  }

  #real(at: number, bytes: number): number {
    return bytes === 4 ? this.#bytes.readFloatBE(at) : this.#bytes.readDoubleBE(at);
  }

  #uint(at: number, bytes: number): number {
    return bytes === 8
      ? Number(this.#bytes.readBigUInt64BE(at))
      : this.#bytes.readUIntBE(at, bytes);
  }
}
