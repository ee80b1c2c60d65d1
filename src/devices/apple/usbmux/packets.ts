import { SarachiError } from '../../../errors.js';
import type { ByteStream } from '../byte-stream.js';
import { parsePlistDict } from '../plist/plist.js';
import type { PlistDict } from '../plist/plist-value.js';
import { xmlPlist } from '../plist/xml-writer.js';

/** Length, version, message and tag, each 32 bits, little-endian. Source: usbmuxd src/usbmuxd-proto.h. */
export const HEADER_BYTES = 16;
const VERSION_PLIST = 1;
const MESSAGE_PLIST = 8;
/** The longest packet that is read, in bytes. A list of 40 handsets is about 30 kB. */
export const MAX_PACKET = 1 << 20;

export interface MuxPacket {
  /** That of the request; 0 for what usbmuxd tells by itself. */
  readonly tag: number;
  readonly body: PlistDict;
}

export function encodePacket(tag: number, body: PlistDict): Buffer {
  const payload = xmlPlist(body);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(HEADER_BYTES + payload.length, 0);
  header.writeUInt32LE(VERSION_PLIST, 4);
  header.writeUInt32LE(MESSAGE_PLIST, 8);
  header.writeUInt32LE(tag, 12);
  return Buffer.concat([header, payload]);
}

/** Pure. Error: usbmuxd-protocol. */
export function decodeHeader(header: Buffer): {
  readonly payload: number;
  readonly tag: number;
} {
  const length = header.readUInt32LE(0);
  const [version, message] = [header.readUInt32LE(4), header.readUInt32LE(8)];
  if (version !== VERSION_PLIST || message !== MESSAGE_PLIST)
    throw new SarachiError('usbmuxd-protocol', { version, message });
  if (length < HEADER_BYTES || length > MAX_PACKET)
    throw new SarachiError('usbmuxd-protocol', { length });
  return { payload: length - HEADER_BYTES, tag: header.readUInt32LE(12) };
}

/** The next packet. Errors: usbmuxd-protocol, the stream's. */
export async function readPacket(stream: ByteStream): Promise<MuxPacket> {
  const { payload, tag } = decodeHeader(await stream.read(HEADER_BYTES));
  const bytes = await stream.read(payload);
  try {
    return { tag, body: parsePlistDict(bytes) };
  } catch (error) {
    throw unreadablePacket(error);
  }
}

function unreadablePacket(cause: unknown): SarachiError {
  return new SarachiError('usbmuxd-protocol', { reason: 'unreadable packet' }, { cause });
}
