import { dictFrom, MAX_DEPTH, MAX_VALUES, type PlistValue, unreadable } from './plist-value.js';

const TRAILER_BYTES = 32;
/** Milliseconds from 1970 to the epoch of binary dates, 2001-01-01. */
const EPOCH_MS = 978_307_200_000;

/**
 * Reads a binary property list. Source: the format notes in Apple's CFBinaryPList.c. Objects may be shared, so values
 * are counted as they are used: a few hundred bytes could otherwise stand for more than any memory holds.
 * Pure. Error: handset-garbage.
 */
export function readBinaryPlist(bytes: Uint8Array): PlistValue {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    return new BinaryReader(view).read();
  } catch (error) {
    // Reading past the end is how Buffer says that an offset of the sender's points nowhere.
    throw error instanceof RangeError ? unreadable('an offset points outside', error) : error;
  }
}

class BinaryReader {
  readonly #bytes: Buffer;
  /** Leaves by object number: a long text that is used many times is decoded once. */
  readonly #leaves = new Map<number, PlistValue>();
  #offsetBytes = 0;
  #refBytes = 0;
  #objects = 0;
  #table = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): PlistValue {
    const trailer = this.#bytes.length - TRAILER_BYTES;
    if (trailer < 8 || this.#bytes.toString('latin1', 0, 8) !== 'bplist00')
      throw unreadable('no binary list');
    this.#offsetBytes = this.#bytes.readUInt8(trailer + 6);
    this.#refBytes = this.#bytes.readUInt8(trailer + 7);
    this.#objects = this.#unsigned(trailer + 8, 8);
    this.#table = this.#unsigned(trailer + 24, 8);
    const sizes = [this.#offsetBytes, this.#refBytes];
    if (!sizes.every((size) => [1, 2, 3, 4, 8].includes(size))) throw unreadable('sizes');
    if (this.#objects > MAX_VALUES) throw unreadable('too many values');
    if (this.#table + this.#objects * this.#offsetBytes > trailer)
      throw unreadable('a table outside');
    return this.#object(this.#unsigned(trailer + 16, 8), 0);
  }

  #object(reference: number, depth: number): PlistValue {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw unreadable('too many values');
    if (depth > MAX_DEPTH) throw unreadable('too deep');
    if (reference >= this.#objects) throw unreadable('an unknown object');
    const known = this.#leaves.get(reference);
    if (known !== undefined) return known;
    const at = this.#unsigned(this.#table + reference * this.#offsetBytes, this.#offsetBytes);
    if (at < 8 || at >= this.#table) throw unreadable('an object outside');
    const kind = this.#bytes.readUInt8(at) >> 4;
    if (kind === 0xa) return this.#array(at, depth);
    if (kind === 0xd) return this.#dict(at, depth);
    const leaf = this.#leaf(at, kind);
    this.#leaves.set(reference, leaf);
    return leaf;
  }

  #leaf(at: number, kind: number): PlistValue {
    const low = this.#bytes.readUInt8(at) & 0x0f;
    switch (kind) {
      case 0x0:
        if (low !== 8 && low !== 9) throw unreadable('an unknown constant');
        return low === 9;
      case 0x1:
        return this.#integer(at + 1, 2 ** low);
      case 0x2:
        return this.#real(at + 1, 2 ** low);
      case 0x3:
        return dateOf(this.#bytes.readDoubleBE(at + 1));
      case 0x4:
        return this.#slice(at, 1);
      case 0x5:
        return this.#slice(at, 1).toString('latin1');
      case 0x6:
        return Buffer.from(this.#slice(at, 2)).swap16().toString('utf16le');
      default:
        throw unreadable('an unknown kind of object');
    }
  }

  #array(at: number, depth: number): readonly PlistValue[] {
    const { count, from } = this.#counted(at, this.#refBytes);
    return Array.from({ length: count }, (_, index) =>
      this.#object(this.#reference(from, index), depth + 1),
    );
  }

  #dict(at: number, depth: number): PlistValue {
    const { count, from } = this.#counted(at, this.#refBytes * 2);
    const entries = Array.from({ length: count }, (_, index) => {
      const key = this.#object(this.#reference(from, index), depth + 1);
      if (typeof key !== 'string') throw unreadable('a key that is no text');
      return [key, this.#object(this.#reference(from, count + index), depth + 1)] as const;
    });
    return dictFrom(entries);
  }

  #slice(at: number, unit: number): Buffer {
    const { count, from } = this.#counted(at, unit);
    return this.#bytes.subarray(from, from + count * unit);
  }

  /** The count that an object begins with, checked against what is there, and where its contents start. */
  #counted(at: number, unit: number): { readonly count: number; readonly from: number } {
    let count = this.#bytes.readUInt8(at) & 0x0f;
    let from = at + 1;
    if (count === 0x0f) {
      const marker = this.#bytes.readUInt8(from);
      const size = 2 ** (marker & 0x0f);
      if (marker >> 4 !== 1 || size > 8) throw unreadable('a count that is none');
      count = this.#unsigned(from + 1, size);
      from += 1 + size;
    }
    if (from + count * unit > this.#table) throw unreadable('a count that is too large');
    return { count, from };
  }

  #reference(from: number, index: number): number {
    return this.#unsigned(from + index * this.#refBytes, this.#refBytes);
  }

  #unsigned(at: number, size: number): number {
    if (size < 8) return this.#bytes.readUIntBE(at, size);
    const value = Number(this.#bytes.readBigUInt64BE(at));
    if (!Number.isSafeInteger(value)) throw unreadable('a length that is absurd');
    return value;
  }

  /** Up to four bytes are unsigned, eight are signed, sixteen hold what is above 2^63. */
  #integer(at: number, size: number): number | bigint {
    if (size <= 4) return this.#bytes.readUIntBE(at, size);
    if (size > 16) throw unreadable('a number that is too long');
    const high = this.#bytes.readBigInt64BE(at);
    const value = size === 8 ? high : (high << 64n) | this.#bytes.readBigUInt64BE(at + 8);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  #real(at: number, size: number): number {
    const value = size === 4 ? this.#bytes.readFloatBE(at) : this.#bytes.readDoubleBE(at);
    if ((size !== 4 && size !== 8) || !Number.isFinite(value))
      throw unreadable('a number that is none');
    return value;
  }
}

function dateOf(seconds: number): Date {
  const date = new Date(EPOCH_MS + seconds * 1000);
  if (Number.isNaN(date.getTime())) throw unreadable('a date that is none');
  return date;
}
