import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SarachiError } from '../../src/errors.js';
import { AnswerReader } from './answer-reader.js';
import { measure } from './child.js';
import type { Answered } from './same-bytes.js';

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The only status that is right. */
  readonly status: number;
  readonly connections: number;
  readonly seconds: number;
}

export interface Loaded {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Part of one processor that those who ask took. */
  readonly cpu: number;
}

/**
 * Each of the connections asks again as soon as it has its answer whole. Written on the socket, because a client that
 * costs as much as the server would measure itself. Errors: internal, where an answer has another status.
 */
export async function loadHttp(load: Load): Promise<Loaded> {
  const question = questionOf(load);
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, () => opened(load.port)),
  );
  let requests = 0;
  let bytes = 0;
  let over = false;
  const cost = measure();
  const ends = sockets.map(
    (socket) =>
      new Promise<void>((resolve, reject) => {
        const reader = new AnswerReader();
        socket.on('error', reject);
        socket.on('close', () => reject(new Error('the server hung up')));
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          for (const status of reader.take(chunk)) {
            if (status !== load.status)
              return reject(new SarachiError('internal', { tag: 'bench-http-status', status }));
            requests += 1;
            if (over) resolve();
            else socket.write(question);
          }
        });
        socket.write(question);
      }),
  );
  const timer = setTimeout(() => {
    over = true;
  }, load.seconds * 1000);
  try {
    await Promise.all(ends);
  } finally {
    clearTimeout(timer);
    for (const socket of sockets) socket.removeAllListeners('close').destroy();
  }
  const { seconds, cpuSeconds } = cost();
  return { requests, seconds, bytes, cpu: cpuSeconds / seconds };
}

/** One answer, whole. Errors: internal, where the server hangs up before. */
export async function askOnce(load: Pick<Load, 'port' | 'path' | 'headers'>): Promise<Answered> {
  const socket = await opened(load.port);
  const reader = new AnswerReader();
  const chunks: Buffer[] = [];
  socket.write(questionOf(load));
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    const [status] = reader.take(chunk);
    if (status === undefined) continue;
    socket.destroy();
    const text = Buffer.concat(chunks).toString('utf8');
    const end = text.indexOf('\r\n\r\n');
    return { status, head: text.slice(text.indexOf('\r\n') + 2, end), body: text.slice(end + 4) };
  }
  throw new SarachiError('internal', { tag: 'bench-http-no-answer' });
}

function questionOf({ path, headers }: Pick<Load, 'path' | 'headers'>): string {
  const all = { host: 'localhost', connection: 'keep-alive', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}
