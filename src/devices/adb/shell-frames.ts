import { SarachiError } from '../../errors.js';

/** Frame ids of the shell protocol. Source: AOSP packages/modules/adb shell_protocol.h. */
export const FRAME = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  exit: 3,
  closeStdin: 4,
  windowSize: 5,
} as const;

export type ShellPiece =
  | { readonly type: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly type: 'exit'; readonly code: number };

interface OpenFrame {
  readonly id: number;
  readonly left: number;
}

/** Where the reading of a frame stream stands: a header not whole yet, or a frame whose data is still coming. */
export interface FrameState {
  readonly header: Uint8Array;
  readonly open: OpenFrame | null;
}

export const NO_FRAME: FrameState = { header: new Uint8Array(), open: null };

const HEADER_BYTES = 5;

/**
 * Takes the next bytes of a shell v2 stream, cut anywhere. Data is handed on as it comes, so a frame that announces
 * gigabytes is never stored. Pure. Error: adb-protocol for an unknown id or an exit frame that is not one byte.
 */
export function readFrames(
  state: FrameState,
  bytes: Uint8Array,
): { readonly state: FrameState; readonly pieces: readonly ShellPiece[] } {
  const pieces: ShellPiece[] = [];
  let { header, open } = state;
  let at = 0;
  while (at < bytes.length || open?.left === 0) {
    if (open === null) {
      const taken = bytes.subarray(at, at + HEADER_BYTES - header.length);
      header = Buffer.concat([header, taken]);
      at += taken.length;
      if (header.length === HEADER_BYTES) {
        open = openFrame(header);
        header = NO_FRAME.header;
      }
      continue;
    }
    const data = bytes.subarray(at, at + open.left);
    at += data.length;
    const piece = pieceOf(open.id, data);
    if (piece) pieces.push(piece);
    open = data.length === open.left ? null : { id: open.id, left: open.left - data.length };
  }
  return { state: { header, open }, pieces };
}

/** One frame to the handset. */
export function encodeFrame(id: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(id, 0);
  header.writeUInt32LE(data.length, 1);
  return Buffer.concat([header, data]);
}

function openFrame(header: Uint8Array): OpenFrame {
  const view = Buffer.from(header.buffer, header.byteOffset, header.length);
  const id = view.readUInt8(0);
  const left = view.readUInt32LE(1);
  if (id > FRAME.windowSize) throw new SarachiError('adb-protocol', { frame: id });
  if (id === FRAME.exit && left !== 1) throw new SarachiError('adb-protocol', { exitBytes: left });
  return { id, left };
}

function pieceOf(id: number, bytes: Uint8Array): ShellPiece | null {
  switch (id) {
    case FRAME.stdout:
      return bytes.length > 0 ? { type: 'stdout', bytes } : null;
    case FRAME.stderr:
      return bytes.length > 0 ? { type: 'stderr', bytes } : null;
    case FRAME.exit:
      return { type: 'exit', code: bytes[0] ?? 0 };
    default:
      // stdin, close stdin and window size only ever go to the handset; one that echoes them harms nobody.
      return null;
  }
}
