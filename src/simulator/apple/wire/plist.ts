import { readBinaryPlist } from './binary-plist.js';
import { readXmlPlist } from './xml-plist.js';

/** What a property list can hold, as far as the protocols of an iPhone use it. */
export type PlistValue =
  | string
  | number
  | boolean
  | Date
  | Uint8Array
  | readonly PlistValue[]
  | PlistDict;
export interface PlistDict {
  readonly [key: string]: PlistValue;
}

/** Reads a property list in either form; null where it is neither. A phone takes both, usbmuxd only XML. */
export function readPlist(bytes: Buffer): PlistValue | null {
  return bytes.subarray(0, 6).toString('latin1') === 'bplist'
    ? readBinaryPlist(bytes)
    : readXmlPlist(bytes.toString('utf8'));
}

export function isDict(value: PlistValue | null | undefined): value is PlistDict {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}

/** A text under this key, or null. */
export function textOf(dict: PlistDict, key: string): string | null {
  const value = dict[key];
  return typeof value === 'string' ? value : null;
}

/** The bytes under this key, or null. */
export function dataOf(dict: PlistDict, key: string): Buffer | null {
  const value = dict[key];
  return value instanceof Uint8Array ? Buffer.from(value) : null;
}

/** A non-negative whole number under this key, or null. */
export function countOf(dict: PlistDict, key: string): number | null {
  const value = dict[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
