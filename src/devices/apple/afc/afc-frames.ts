import { SarachiError } from '../../../errors.js';

/** Magic, then entire length, length up to the payload, packet number and operation, each 64 bits, little-endian. */
export const HEADER_BYTES = 40;
const MAGIC = 'CFA6LPAA';
/** The longest frame, in bytes. */
const MAX_FRAME = 1 << 20;
/** The longest data of one frame, in bytes: a whole number of blocks that keeps the frame within a mebibyte. */
export const MAX_DATA = MAX_FRAME - 4096;

/** Operations. Source: libimobiledevice src/afc.h. */
export const OP = {
  status: 0x01,
  data: 0x02,
  readDir: 0x03,
  truncate: 0x07,
  removePath: 0x08,
  makeDir: 0x09,
  fileInfo: 0x0a,
  deviceInfo: 0x0b,
  open: 0x0d,
  openResult: 0x0e,
  read: 0x0f,
  write: 0x10,
  seek: 0x11,
  tell: 0x12,
  tellResult: 0x13,
  close: 0x14,
  setSize: 0x15,
  removeAll: 0x22,
} as const;

export interface AfcHeader {
  readonly operation: number;
  readonly packet: number;
  /** Bytes of the operation's own fields. */
  readonly fields: number;
  /** Bytes of data after them. */
  readonly data: number;
}

/** The header and fields of a frame; the data, of `dataLength` bytes, is sent behind it and never copied. */
export function encodeFrame(
  packet: number,
  operation: number,
  fields: Uint8Array,
  dataLength = 0,
): Buffer {
  const head = HEADER_BYTES + fields.length;
  const frame = Buffer.alloc(head);
  frame.write(MAGIC, 0, 'latin1');
  frame.writeBigUInt64LE(BigInt(head + dataLength), 8);
  frame.writeBigUInt64LE(BigInt(head), 16);
  frame.writeBigUInt64LE(BigInt(packet), 24);
  frame.writeBigUInt64LE(BigInt(operation), 32);
  frame.set(fields, HEADER_BYTES);
  return frame;
}

/** Pure. Errors: afc-protocol, handset-too-talkative. */
export function decodeHeader(header: Buffer): AfcHeader {
  if (header.toString('latin1', 0, 8) !== MAGIC)
    throw new SarachiError('afc-protocol', { expected: MAGIC });
  const whole = safe(header, 8);
  const head = safe(header, 16);
  if (head < HEADER_BYTES || whole < head) throw new SarachiError('afc-protocol', { whole, head });
  if (whole > MAX_FRAME) throw new SarachiError('handset-too-talkative', { length: whole });
  return {
    operation: safe(header, 32),
    packet: safe(header, 24),
    fields: head - HEADER_BYTES,
    data: whole - head,
  };
}

/** Fields of 64 bits each. Negative ones are for seeking. */
export function u64(...values: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries())
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), index * 8);
  return bytes;
}

/** A path as the phone wants it, ended by a NUL. Error: internal, for one that could not arrive whole. */
export function pathField(path: string): Buffer {
  const bytes = Buffer.from(path, 'utf8');
  if (bytes.includes(0) || bytes.length === 0 || bytes.length > 1024)
    throw new SarachiError('internal', { reason: 'no path for AFC', bytes: bytes.length });
  return Buffer.concat([bytes, Buffer.of(0)]);
}

/** The texts of an answer, each ended by a NUL. Error: afc-protocol when they are not UTF-8. */
export function decodeTexts(data: Uint8Array): string[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data);
    const texts = text.split('\0');
    return text.endsWith('\0') || text === '' ? texts.slice(0, -1) : texts;
  } catch (error) {
    throw notText(error);
  }
}

function notText(cause: unknown): SarachiError {
  return new SarachiError('afc-protocol', { reason: 'not UTF-8' }, { cause });
}

function safe(header: Buffer, at: number): number {
  const value = header.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new SarachiError('afc-protocol', { reason: 'absurd number' });
  return Number(value);
}
