import { rmSync, writeFileSync } from 'node:fs';
import { chmod, type FileHandle, open, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Answer } from './framework/command.js';

/** A request longer than this is no command line that a shell could have passed on. */
const MAX_REQUEST = 4 * 1024 * 1024;

/**
 * The unix socket over which the commands of a running system reach the framework. Request: number of words, newline,
 * each word ended by NUL. Reply: exit code and number of stderr lines, a line each, the stderr lines, then stdout.
 */
export class FrameworkSocket {
  readonly #answer: (words: readonly string[]) => Promise<Answer>;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #folder: FileHandle | null = null;

  constructor(answer: (words: readonly string[]) => Promise<Answer>) {
    this.#answer = answer;
  }

  async listen(folder: string): Promise<void> {
    await rm(join(folder, 'framework'), { force: true });
    const handle = await open(folder, 'r');
    this.#folder = handle;
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    this.#server = server;
    // Through the descriptor, because a socket path may not be longer than 108 bytes and state folders are.
    const path = `/proc/self/fd/${handle.fd}/framework`;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(join(folder, 'framework'), 0o666);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = null;
    if (server) await new Promise((resolve) => server.close(resolve));
    await this.#folder?.close();
    this.#folder = null;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const chunks: Buffer[] = [];
    let size = 0;
    let taken = false;
    // The caller was killed: nobody is left to be told.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      if (taken) return;
      size += chunk.length;
      if (size > MAX_REQUEST) socket.destroy();
      chunks.push(chunk);
      const words = wordsOf(Buffer.concat(chunks));
      if (!words) return;
      taken = true;
      this.#answer(words).then(
        (answer) => socket.end(replyOf(answer)),
        () => socket.destroy(),
      );
    });
  }
}

function wordsOf(bytes: Buffer): readonly string[] | null {
  const head = bytes.indexOf(10);
  if (head < 0) return null;
  const count = Number(bytes.subarray(0, head).toString());
  const words = bytes
    .subarray(head + 1)
    .toString('utf8')
    .split('\0');
  return words.length > count ? words.slice(0, count) : null;
}

function replyOf(answer: Answer): Buffer {
  const lines = answer.stderr.flatMap((line) => line.split('\n'));
  const head = [String(answer.exit), String(lines.length), ...lines].join('\n');
  return Buffer.concat([Buffer.from(`${head}\n`), Buffer.from(answer.stdout)]);
}

/** Asks the hashing commands of the system to tell the framework before they read, or no longer to. */
export function armHashHook(folder: string, armed: boolean): void {
  const flag = join(folder, 'hash-hook');
  if (armed) writeFileSync(flag, '');
  else rmSync(flag, { force: true });
}
