import { SarachiError } from '../../errors.js';
import type { AdbSocket } from './adb-socket.js';
import type { ShellOptions, ShellResult } from './android-link.js';
import { encodeFrame, FRAME, NO_FRAME, readFrames, type ShellPiece } from './shell-frames.js';
import { type HandsetService, openTransport } from './smart-socket.js';

/** Cap on what one command may print, in bytes. */
export const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

const STDIN_CHUNK = 64 * 1024;
const NOTHING = new Uint8Array();

/** Where and what: a transport of a server, and the command line for its shell. */
export interface ShellCommand extends Omit<HandsetService, 'service'> {
  readonly command: string;
  /** Told of the payload bytes that went either way. */
  readonly onBytes: (count: number) => void;
}

/**
 * Runs one command line by the shell protocol (Android 7 and later), which alone has an exit code and a separate
 * stderr. A stream that ends without an exit code is `adb-closed`: silence is not success.
 * Source: AOSP packages/modules/adb docs/dev/services.md, shell_protocol.h. Other errors: those of `openTransport`,
 * handset-too-talkative.
 */
export function runShell(where: ShellCommand, options: ShellOptions): Promise<ShellResult> {
  const { endpoint, transportId, command, onBytes } = where;
  const service = `shell,v2,raw:${command}`;
  return openTransport({ endpoint, transportId, service }, options, async (socket) => {
    const feeding = feed(socket, options.stdin ?? NOTHING, onBytes);
    // A command may end without reading its input; what matters then is its exit code, which the reader gets.
    feeding.catch(() => undefined);
    return collect(socket, options, onBytes);
  });
}

async function feed(
  socket: AdbSocket,
  stdin: Uint8Array,
  onBytes: (count: number) => void,
): Promise<void> {
  for (let at = 0; at < stdin.length; at += STDIN_CHUNK) {
    const chunk = stdin.subarray(at, at + STDIN_CHUNK);
    await socket.write(encodeFrame(FRAME.stdin, chunk));
    onBytes(chunk.length);
  }
  await socket.write(encodeFrame(FRAME.closeStdin, NOTHING));
}

async function collect(
  socket: AdbSocket,
  options: ShellOptions,
  onBytes: (count: number) => void,
): Promise<ShellResult> {
  const limit = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const output = new ShellOutput(options.onStdout ?? (() => undefined));
  let state = NO_FRAME;
  let total = 0;
  for (;;) {
    const bytes = await socket.readSome();
    if (!bytes) throw new SarachiError('adb-closed', { reason: 'no exit code' });
    const step = readFrames(state, bytes);
    state = step.state;
    for (const piece of step.pieces) {
      if (piece.type === 'exit') return output.finish(piece.code);
      total += piece.bytes.length;
      onBytes(piece.bytes.length);
      if (total > limit) throw new SarachiError('handset-too-talkative', { maxBytes: limit });
      output.add(piece);
    }
  }
}

class ShellOutput {
  readonly #onStdout: (text: string) => void;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #texts = { stdout: '', stderr: '' };

  constructor(onStdout: (text: string) => void) {
    this.#onStdout = onStdout;
  }

  add(piece: Exclude<ShellPiece, { type: 'exit' }>): void {
    this.#append(piece.type, this.#decoders[piece.type].decode(piece.bytes, { stream: true }));
  }

  finish(exitCode: number): ShellResult {
    this.#append('stdout', this.#decoders.stdout.decode());
    this.#append('stderr', this.#decoders.stderr.decode());
    return { ...this.#texts, exitCode };
  }

  #append(stream: 'stdout' | 'stderr', text: string): void {
    this.#texts[stream] += text;
    if (stream === 'stdout' && text !== '') this.#onStdout(text);
  }
}
