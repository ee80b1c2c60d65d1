import type { Readable, Writable } from 'node:stream';
import { raceAbort } from '../../../wait.js';
import type { HandsetOs, HandsetProcess } from '../handset-os.js';
import type { AdbStream, Service } from './adb-stream.js';
import { encodeShellFrame, SHELL_FRAME, ShellFrameParser } from './shell-frames.js';

/** `shell-v2` has frames, separate streams and an exit code; the other two mix raw output. */
export type ShellKind = 'shell-v1' | 'shell-v2' | 'exec';

/** Joins a command to one adb stream (AOSP packages/modules/adb, daemon/shell_service.cpp). */
export function shellService(os: HandsetOs, command: string, kind: ShellKind): Service {
  return async (stream) => {
    const child = os.run(command);
    const onClosed = () => hangUp(child, kind);
    stream.signal.addEventListener('abort', onClosed, { once: true });
    const fed = feed(stream, child.stdin, kind);
    try {
      await deliver(stream, child, kind);
      stream.signal.removeEventListener('abort', onClosed);
    } finally {
      stream.close();
      await fed;
    }
  };
}

async function deliver(stream: AdbStream, child: HandsetProcess, kind: ShellKind): Promise<void> {
  const framed = kind === 'shell-v2';
  const pump = async (output: Readable, id: number) => {
    for await (const chunk of output) {
      const data = Buffer.from(chunk);
      await stream.write(framed ? encodeShellFrame(id, data) : data);
    }
  };
  const [code] = await Promise.all([
    raceAbort(child.exit, stream.signal),
    pump(child.stdout, SHELL_FRAME.STDOUT),
    pump(child.stderr, SHELL_FRAME.STDERR),
  ]);
  if (framed) await stream.write(encodeShellFrame(SHELL_FRAME.EXIT, Buffer.of(code & 0xff)));
}

/** Carries the host's input to the command until the stream closes; never rejects. */
async function feed(stream: AdbStream, stdin: Writable, kind: ShellKind): Promise<void> {
  // A command may end without reading its input: what is left of it is nobody's fault and nobody's need.
  stdin.on('error', () => undefined);
  const frames = new ShellFrameParser();
  for (let data = await stream.read(); data !== null; data = await stream.read()) {
    const pieces = kind === 'shell-v2' ? frames.push(data) : [{ id: SHELL_FRAME.STDIN, data }];
    for (const piece of pieces) {
      if (piece.id === SHELL_FRAME.STDIN) await put(stdin, piece.data, stream.signal);
      if (piece.id === SHELL_FRAME.CLOSE_STDIN) stdin.end();
    }
  }
  stdin.end();
}

/** Writes and waits for room, or until the stream is closed. */
async function put(stdin: Writable, data: Buffer, signal: AbortSignal): Promise<void> {
  if (!stdin.writable || stdin.write(data) || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      stdin.off('drain', done).off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done);
    signal.addEventListener('abort', done, { once: true });
  });
}

/**
 * The host left. A shell gets its SIGHUP; `exec` runs without a controlling side, so that its command sees only
 * the end of its input and finishes what it was given.
 */
function hangUp(child: HandsetProcess, kind: ShellKind): void {
  if (kind !== 'exec') child.kill();
  child.stdout.destroy();
  child.stderr.destroy();
}
