import { isData, type PlistDict, type PlistValue } from './plist-value.js';

const EPOCH_MS = 978_307_200_000;
const ASCII = /^[\t\n\r -~]*$/;

/** A binary property list, as DeviceLink services and pair records of other tools have it. Pure. */
export function binaryPlist(value: PlistValue): Buffer {
  const objects: (Buffer | null)[] = [];
  const refBytes = countOf(value) < 0xff ? 1 : 4;
  const top = place(value, objects, refBytes);
  const offsets: number[] = [];
  let at = 8;
  for (const object of objects) {
    offsets.push(at);
    at += object?.length ?? 0;
  }
  const table = Buffer.alloc(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) table.writeUInt32BE(offset, index * 4);
  const trailer = Buffer.alloc(32);
  trailer.writeUInt8(4, 6);
  trailer.writeUInt8(refBytes, 7);
  trailer.writeUInt32BE(objects.length, 12);
  trailer.writeUInt32BE(top, 20);
  trailer.writeUInt32BE(at, 28);
  const bodies = objects.map((object) => object ?? Buffer.alloc(0));
  return Buffer.concat([Buffer.from('bplist00'), ...bodies, table, trailer]);
}

function countOf(value: PlistValue): number {
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + countOf(item), 1);
  if (!isCompound(value)) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + 1 + countOf(item), 1);
}

function isCompound(value: PlistValue): value is PlistDict {
  return typeof value === 'object' && !(value instanceof Date) && !isData(value);
}

/** Appends the object and what it holds; answers its number. */
function place(value: PlistValue, objects: (Buffer | null)[], refBytes: number): number {
  const number = objects.push(null) - 1;
  objects[number] = body(value, (item) => reference(place(item, objects, refBytes), refBytes));
  return number;
}

function body(value: PlistValue, ref: (item: PlistValue) => Buffer): Buffer {
  if (typeof value === 'string') return stringBody(value);
  if (typeof value === 'boolean') return Buffer.of(value ? 9 : 8);
  if (typeof value === 'number' || typeof value === 'bigint') return numberBody(value);
  if (value instanceof Date) return doubleBody(0x33, (value.getTime() - EPOCH_MS) / 1000);
  if (isData(value)) return Buffer.concat([head(0x4, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(0xa, value.length), ...value.map(ref)]);
  const keys = Object.keys(value);
  const items = Object.values<PlistValue>(value as PlistDict);
  return Buffer.concat([head(0xd, keys.length), ...keys.map(ref), ...items.map(ref)]);
}

function stringBody(text: string): Buffer {
  if (ASCII.test(text)) return Buffer.concat([head(0x5, text.length), Buffer.from(text, 'latin1')]);
  return Buffer.concat([head(0x6, text.length), Buffer.from(text, 'utf16le').swap16()]);
}

function numberBody(value: number | bigint): Buffer {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return doubleBody(0x23, value);
  const bytes = Buffer.alloc(9, 0x13);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function doubleBody(marker: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, marker);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(kind: number, count: number): Buffer {
  if (count < 0x0f) return Buffer.of((kind << 4) | count);
  const bytes = Buffer.alloc(6);
  bytes.writeUInt8((kind << 4) | 0x0f, 0);
  bytes.writeUInt8(0x12, 1);
  bytes.writeUInt32BE(count, 2);
  return bytes;
}

function reference(number: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(number, 0, size);
  return bytes;
}
