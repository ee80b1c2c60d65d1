import type { FileStat } from '../handset-os.js';

/** The most bytes of one DATA record (AOSP packages/modules/adb, file_sync_protocol.h, SYNC_DATA_MAX). */
export const SYNC_DATA_MAX = 65_536;

/** The longest path a request may name, in bytes. */
export const SYNC_PATH_MAX = 1024;

const NO_FILE: FileStat = { mode: 0, size: 0, mtime: 0, ino: 0, nlink: 0, uid: 0, gid: 0 };

/** An id and 32-bit words, little-endian; what does not fit a word is cut, as these old records do. */
export function record(id: string, ...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * words.length);
  bytes.write(id, 'latin1');
  words.forEach((word, index) => {
    bytes.writeUInt32LE(Number(BigInt.asUintN(32, wholeNumber(word))), 4 + 4 * index);
  });
  return bytes;
}

/** An id, the length of what follows, and that. */
export function lengthRecord(id: string, content: Buffer): Buffer {
  return Buffer.concat([record(id, content.length), content]);
}

export function failRecord(text: string): Buffer {
  return lengthRecord('FAIL', Buffer.from(text));
}

/** STAT of protocol v1: all zero when there is no such file. */
export function statV1(id: string, stat: FileStat | null): Buffer {
  const { mode, size, mtime } = stat ?? NO_FILE;
  return record(id, mode, size, mtime);
}

/** The 72-byte stat record of protocol v2; `error` is an errno, and then everything else is zero. */
export function statV2(id: string, stat: FileStat | null, error: number): Buffer {
  const { mode, size, mtime, ino, nlink, uid, gid } = stat ?? NO_FILE;
  const bytes = Buffer.alloc(72);
  record(id, error).copy(bytes);
  // The handset shows one volume and one time per file, so the device is 0 and all three times are the same.
  bytes.writeBigUInt64LE(BigInt.asUintN(64, wholeNumber(ino)), 16);
  record('', mode, nlink, uid, gid).copy(bytes, 24, 4);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, wholeNumber(size)), 40);
  for (const offset of [48, 56, 64]) bytes.writeBigInt64LE(wholeNumber(mtime), offset);
  return bytes;
}

/** A directory entry: the stat record of that version, the length of the name, the name. */
export function entryRecord(version: 1 | 2, name: string, stat: FileStat): Buffer {
  const nameBytes = Buffer.from(name);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(nameBytes.length);
  const fixed = version === 1 ? statV1('DENT', stat) : statV2('DNT2', stat, 0);
  return Buffer.concat([fixed, length, nameBytes]);
}

/** Ends a list; as long as an entry without its name. */
export function listEnd(version: 1 | 2): Buffer {
  const bytes = Buffer.alloc(version === 1 ? 20 : 76);
  bytes.write('DONE', 'latin1');
  return bytes;
}

function wholeNumber(value: number): bigint {
  return BigInt(Math.trunc(value));
}
