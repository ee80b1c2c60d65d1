import { fromHex, joined, le16, readLe16, toHex } from '../bytes.js';

/** What a host sent to an RC-S380. `damaged`: the checksum or the end of its data is wrong. */
export type HostFrame =
  | { readonly kind: 'ack' }
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'damaged' };

export const ACK = fromHex('0000ff00ff00');
export const ERROR_FRAME = fromHex('0000ffffff00');

const START = '0000ff';
const HEADER = 8;
/** Longest data of one frame (Linux, drivers/nfc/port100.c). */
const MOST_DATA = 1001;

function negativeSum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

/** A frame of extended length around the data (NXP's PN53x manuals have the normal one). */
export function encodeFrame(data: Uint8Array): Uint8Array {
  const length = Uint8Array.from(le16(data.length));
  const head = [0x00, 0x00, 0xff, 0xff, 0xff, ...length, negativeSum(length)];
  return joined(head, data, [negativeSum(data), 0x00]);
}

/** The bytes from the first start of a frame on; what cannot be the beginning of one is dropped. */
function fromStart(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at += 1) {
    const head = bytes.subarray(at, at + 3);
    if (START.startsWith(toHex(head))) return bytes.subarray(at);
  }
  return new Uint8Array();
}

interface Taken {
  readonly frame: HostFrame | null;
  readonly rest: Uint8Array;
}

const NOTHING = new Uint8Array();

function takeData(bytes: Uint8Array): Taken {
  if (bytes.length < HEADER) return { frame: null, rest: bytes };
  const length = readLe16(bytes, 5);
  // Without its length the end of a frame cannot be found, so all that came is worthless.
  if (negativeSum(bytes.subarray(5, HEADER)) !== 0 || length > MOST_DATA)
    return { frame: null, rest: NOTHING };
  const end = HEADER + length + 2;
  if (bytes.length < end) return { frame: null, rest: bytes };
  const data = bytes.subarray(HEADER, HEADER + length);
  const isWhole = negativeSum(bytes.subarray(HEADER, end - 1)) === 0 && bytes[end - 1] === 0;
  const frame: HostFrame = isWhole ? { kind: 'data', data } : { kind: 'damaged' };
  return { frame, rest: bytes.subarray(end) };
}

function takeOne(received: Uint8Array): Taken {
  const bytes = fromStart(received);
  if (bytes.length < 5) return { frame: null, rest: bytes };
  const kind = toHex(bytes.subarray(3, 5));
  if (kind === 'ffff') return takeData(bytes);
  if (kind !== '00ff') return { frame: null, rest: NOTHING };
  if (bytes.length < ACK.length) return { frame: null, rest: bytes };
  return { frame: { kind: 'ack' }, rest: bytes.subarray(ACK.length) };
}

/** The whole frames at the beginning of what came, and what is left of it for later. */
export function takeFrames(received: Uint8Array): {
  readonly frames: readonly HostFrame[];
  readonly rest: Uint8Array;
} {
  const frames: HostFrame[] = [];
  let { frame, rest } = takeOne(received);
  while (frame) {
    frames.push(frame);
    ({ frame, rest } = takeOne(rest));
  }
  return { frames, rest };
}
