import type { ByteSource } from '../wire/byte-source.js';

/** Operation numbers (libimobiledevice, src/afc.h). */
export const AFC = {
  status: 0x01,
  data: 0x02,
  readDir: 0x03,
  truncate: 0x07,
  removePath: 0x08,
  makeDir: 0x09,
  fileInfo: 0x0a,
  deviceInfo: 0x0b,
  fileOpen: 0x0d,
  fileOpened: 0x0e,
  fileRead: 0x0f,
  fileWrite: 0x10,
  fileSeek: 0x11,
  fileTell: 0x12,
  fileTold: 0x13,
  fileClose: 0x14,
  fileSetSize: 0x15,
  rename: 0x18,
  setFileTime: 0x1e,
  removeAll: 0x22,
} as const;

/** Error numbers (libimobiledevice, include/libimobiledevice/afc.h). */
export const AFC_ERROR = {
  none: 0,
  unknown: 1,
  noResources: 3,
  unknownPacket: 6,
  invalidArgument: 7,
  notFound: 8,
  isDirectory: 9,
  denied: 10,
  notSupported: 15,
  exists: 16,
  noSpace: 18,
  io: 20,
  notEmpty: 33,
} as const;

const MAGIC = 'CFA6LPAA';
const HEAD = 40;
const LONGEST = 64 * 1024 * 1024;

export interface AfcPacket {
  readonly number: bigint;
  readonly operation: number;
  /** What belongs to the operation itself, a handle or a path. */
  readonly head: Buffer;
  readonly data: Buffer;
}

/** Memory for the data of one packet at a time. */
export interface Scratch {
  bytes: Buffer;
}

/** The next packet, whose data is gone with the packet after it; null: the host is gone, or broke the framing. */
export async function readAfc(source: ByteSource, scratch: Scratch): Promise<AfcPacket | null> {
  const head = await source.take(HEAD);
  if (head?.toString('latin1', 0, 8) !== MAGIC) return null;
  const entire = Number(head.readBigUInt64LE(8));
  const first = Number(head.readBigUInt64LE(16));
  if (first < HEAD || entire < first || entire > LONGEST) return null;
  const own = await source.take(first - HEAD);
  const length = entire - first;
  if (scratch.bytes.length < length) scratch.bytes = Buffer.allocUnsafe(length);
  const data = scratch.bytes.subarray(0, length);
  if (!own || !(await source.fill(data))) return null;
  return {
    number: head.readBigUInt64LE(24),
    operation: Number(head.readBigUInt64LE(32)),
    head: own,
    data,
  };
}

/** What is answered: `head` counts to the packet's first length, `data` does not. */
export interface AfcAnswer {
  readonly operation: number;
  readonly head?: Buffer;
  readonly data?: Buffer;
}

/** The bytes of an answer, which has the number of what it answers; its data as it is, behind them. */
export function afcPieces(number: bigint, answer: AfcAnswer): readonly Buffer[] {
  const { head = Buffer.alloc(0), data } = answer;
  const packet = Buffer.alloc(HEAD + head.length);
  packet.write(MAGIC, 'latin1');
  packet.writeBigUInt64LE(BigInt(packet.length + (data?.length ?? 0)), 8);
  packet.writeBigUInt64LE(BigInt(packet.length), 16);
  packet.writeBigUInt64LE(number, 24);
  packet.writeBigUInt64LE(BigInt(answer.operation), 32);
  head.copy(packet, HEAD);
  return data ? [packet, data] : [packet];
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function statusAnswer(code: number): AfcAnswer {
  return { operation: AFC.status, head: uint64(code) };
}
