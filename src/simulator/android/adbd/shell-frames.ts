/** Frame ids of the shell v2 protocol (AOSP packages/modules/adb, shell_protocol.h). */
export const SHELL_FRAME = { STDIN: 0, STDOUT: 1, STDERR: 2, EXIT: 3, CLOSE_STDIN: 4 } as const;

export const SHELL_HEADER_LENGTH = 5;

export interface ShellPiece {
  readonly id: number;
  readonly data: Buffer;
}

/** One frame: id, length, data. */
export function encodeShellFrame(id: number, data: Buffer): Buffer {
  const frame = Buffer.alloc(SHELL_HEADER_LENGTH + data.length);
  frame.writeUInt8(id, 0);
  frame.writeUInt32LE(data.length, 1);
  data.copy(frame, SHELL_HEADER_LENGTH);
  return frame;
}

/**
 * Follows frames through a byte stream cut anywhere. Keeps no data: a frame whose bytes come in parts is yielded in
 * parts, an empty frame as one empty piece.
 */
export class ShellFrameParser {
  readonly #header = Buffer.alloc(SHELL_HEADER_LENGTH);
  #fill = 0;
  #missing = 0;

  *push(chunk: Buffer): Generator<ShellPiece, void, undefined> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#fill < SHELL_HEADER_LENGTH) {
        const taken = rest.copy(this.#header, this.#fill);
        this.#fill += taken;
        rest = rest.subarray(taken);
        if (this.#fill < SHELL_HEADER_LENGTH) return;
        this.#missing = this.#header.readUInt32LE(1);
        if (this.#missing > 0) continue;
      }
      const data = rest.subarray(0, this.#missing);
      rest = rest.subarray(data.length);
      this.#missing -= data.length;
      if (this.#missing === 0) this.#fill = 0;
      yield { id: this.#header.readUInt8(0), data };
    }
  }
}
