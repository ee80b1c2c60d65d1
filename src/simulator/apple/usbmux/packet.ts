import type { ByteSource } from '../wire/byte-source.js';
import { isDict, type PlistDict, type PlistValue } from '../wire/plist.js';
import { readXmlPlist, writeXmlPlist } from '../wire/xml-plist.js';

/** Results of usbmuxd (usbmuxd, src/usbmuxd-proto.h); a pair record that is missing is ENOENT, a bad name EINVAL. */
export const RESULT = {
  ok: 0,
  badCommand: 1,
  badDevice: 2,
  connectionRefused: 3,
  badVersion: 6,
  noEntry: 2,
  invalid: 22,
} as const;

const HEAD = 16;
const PLIST_VERSION = 1;
const PLIST_MESSAGE = 8;
/** The daemon's buffer for a client (usbmuxd, src/client.c). */
const LONGEST = 0x10000;

export interface MuxPacket {
  readonly tag: number;
  readonly version: number;
  readonly isPlist: boolean;
  /** Null where the payload is no property list. The daemon reads XML only. */
  readonly request: PlistDict | null;
}

/** The next packet of a client; null: it is gone, or broke the framing. */
export async function readMux(source: ByteSource): Promise<MuxPacket | null> {
  const head = await source.take(HEAD);
  const length = head?.readUInt32LE(0) ?? 0;
  if (!head || length < HEAD || length > LONGEST) return null;
  const payload = await source.take(length - HEAD);
  if (!payload) return null;
  const value = readXmlPlist(payload.toString('utf8'));
  return {
    tag: head.readUInt32LE(12),
    version: head.readUInt32LE(4),
    isPlist: head.readUInt32LE(4) === PLIST_VERSION && head.readUInt32LE(8) === PLIST_MESSAGE,
    request: isDict(value) ? value : null,
  };
}

/** The bytes of an answer, or of an event with tag 0. */
export function muxBytes(tag: number, value: PlistValue): Buffer {
  const payload = writeXmlPlist(value);
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(HEAD + payload.length, 0);
  head.writeUInt32LE(PLIST_VERSION, 4);
  head.writeUInt32LE(PLIST_MESSAGE, 8);
  head.writeUInt32LE(tag, 12);
  return Buffer.concat([head, payload]);
}

export function result(number: number): PlistDict {
  return { MessageType: 'Result', Number: number };
}
