import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { createLog } from '../../../src/log.js';

const AT = Date.UTC(2026, 3, 1);
/** What a source needs; the clock stands still. */
export const DEPS = { clock: () => AT, log: createLog('fatal') };

/** A deadline that no test reaches unless it means to. */
export function options(timeoutMs = 10_000, signal = new AbortController().signal) {
  return { signal, timeoutMs };
}

/** One request as a site saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A site that answers as told and remembers what it was sent. */
export async function site(t: Test, answer: (seen: Seen, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    seen.push(one);
    answer(one, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

/** Answers with a page. */
export function html(response: ServerResponse, body: string | Buffer, headers = {}): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
}
