import { readBinaryPlist } from './binary-reader.js';
import { isDict, type PlistDict, type PlistValue, unreadable } from './plist-value.js';
import { readXmlPlist } from './xml-reader.js';

/**
 * Reads a property list, XML or binary; NULs after an XML list are ignored. Pure, linear in the length, and bounded
 * whatever the bytes say. Error: handset-garbage.
 */
export function parsePlist(bytes: Uint8Array): PlistValue {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 6)).toString(
    'latin1',
  ) === 'bplist'
    ? readBinaryPlist(bytes)
    : readXmlPlist(bytes);
}

/** As `parsePlist`, for a list that must be a dictionary. */
export function parsePlistDict(bytes: Uint8Array): PlistDict {
  const value = parsePlist(bytes);
  if (!isDict(value)) throw unreadable('not a dictionary');
  return value;
}
