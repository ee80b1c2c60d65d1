import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../../devices/pasori/helpers/wire.js';
import type { PasoriAsks, PasoriTells } from './pasori-words.js';

type Question = PasoriAsks extends infer T ? (T extends unknown ? Omit<T, 'id'> : never) : never;

/** The process in which the readers part of the product runs on the emulated bus. */
export class PasoriHost {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (tells: PasoriTells) => void>();
  #asked = 0;

  constructor(env: Readonly<Record<string, string>>) {
    const main = fileURLToPath(new URL('./pasori-main.js', import.meta.url));
    const file = import.meta.url.endsWith('.ts') ? main.replace(/js$/, 'ts') : main;
    this.#child = fork(file, [], { env: { ...process.env, ...env } });
    this.#child.on('message', (tells: PasoriTells) => this.#waiting.get(tells.id)?.(tells));
  }

  /** Rejects with the code of the error as message. */
  async ask(question: Question): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const heard = new Promise<PasoriTells>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.#child.once('exit', () => reject(new Error('the host ended')));
    });
    this.#child.send({ ...question, id });
    const tells = await heard;
    this.#child.removeAllListeners('exit');
    if ('code' in tells) throw new Error(tells.code);
    return tells.value;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

/** How many bytes of what was written are the first command; 0 while it is not whole. */
export type Length = (bytes: Buffer) => number;

/**
 * The reader's end of its bulk pipes, on a socket: commands in, and for each the transfers of its answer. `unplug` is
 * no answer here: the bus does that.
 */
export function readerServer(length: Length, answer: (out: string) => Answer) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      for (let whole = length(bytes); whole > 0; whole = length(bytes)) {
        const out = bytes.subarray(0, whole).toString('hex');
        bytes = bytes.subarray(whole);
        heard.push(out);
        const parts = answer(out);
        for (const part of typeof parts === 'string' ? [] : parts) send(socket, part);
      }
    });
  });
  return {
    heard,
    listen: async (path: string) => {
      server.listen(path);
      await once(server, 'listening');
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(socket: Socket, part: string): void {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(part.length / 2);
  socket.write(Buffer.concat([head, Buffer.from(part, 'hex')]));
}
