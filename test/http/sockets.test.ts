import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import t from 'tap';
import { createHttpServer, type HttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { MemoryRack } from './memory-rack.js';
import { PANEL } from './test-app.js';

interface Reply {
  readonly status: number;
  readonly body: string;
}

interface Ask {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

async function ask(
  url: string,
  { method = 'GET', body, headers = {}, agent }: Ask = {},
): Promise<Reply> {
  const sent = request(url, { method, headers, ...(agent ? { agent } : {}), timeout: 10_000 });
  sent.end(body);
  const [reply] = await once(sent, 'response');
  let text = '';
  for await (const chunk of reply) text += String(chunk);
  return { status: reply.statusCode, body: text };
}

function serverOn(host: string): { rack: MemoryRack; server: HttpServer } {
  const rack = new MemoryRack();
  const server = createHttpServer(rack, {
    host,
    port: 0,
    log: createLog('silent'),
    version: '0.1.0',
    panel: PANEL,
  });
  return { rack, server };
}

const ACTION: Ask = {
  method: 'POST',
  body: '{"action":"abort"}',
  headers: { 'content-type': 'application/json' },
};

const outside = Object.values(networkInterfaces())
  .flatMap((faces) => faces ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

t.test(
  'another machine may look but not act',
  { skip: outside ? false : 'no address but loopback' },
  async (t) => {
    const { rack, server } = serverOn('0.0.0.0');
    t.teardown(() => server.close());
    const { port, url } = await server.listen();
    t.match(url, /^http:\/\/127\.0\.0\.1:/, 'the address told can be opened here');
    const far = `http://${outside}:${port}`;
    t.equal((await ask(`${far}/api/v1/ports`)).status, 200);
    const refused = await ask(`${far}/api/v1/ports/P01/actions`, ACTION);
    t.equal(refused.status, 403);
    t.equal(JSON.parse(refused.body).code, 'forbidden');
    t.equal((await ask(`${far}/nowhere`, ACTION)).status, 403, 'on every path');
    t.same(rack.acts, []);
    t.equal((await ask(`${url}/api/v1/ports/P01/actions`, ACTION)).status, 202, 'this machine may');
    t.equal(rack.acts.length, 1);
    const rebound = { headers: { host: 'evil.example' } };
    t.equal((await ask(`${far}/api/v1/ports`, rebound)).status, 403);
  },
);

t.test('loopback alone is bound where nothing else is asked for', async (t) => {
  const { server } = serverOn('127.0.0.1');
  t.teardown(() => server.close());
  const { port, url } = await server.listen();
  t.equal(url, `http://127.0.0.1:${port}`);
  t.equal((await ask(`${url}/livez`)).status, 200);
  if (outside) await t.rejects(ask(`http://${outside}:${port}/livez`), { code: 'ECONNREFUSED' });
});

t.test('an address that cannot be bound is a fault of the configuration', async (t) => {
  const first = serverOn('127.0.0.1');
  t.teardown(() => first.server.close());
  const { port } = await first.server.listen();
  const second = createHttpServer(new MemoryRack(), {
    host: '127.0.0.1',
    port,
    log: createLog('silent'),
    version: '0.1.0',
    panel: PANEL,
  });
  t.teardown(() => second.close());
  await t.rejects(second.listen(), { code: 'config-invalid', detail: { reason: 'EADDRINUSE' } });
});

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

t.test('the end does not wait for clients that hold on', async (t) => {
  const { rack, server } = serverOn('127.0.0.1');
  const { port, url } = await server.listen();
  const agent = new Agent({ keepAlive: true });
  t.equal((await ask(`${url}/livez`, { agent })).status, 200);
  const silent = await opened(port);
  const halfway = await opened(port);
  halfway.write('POST /api/v1/ports/P01/actions HTTP/1.1\r\nhost: localhost\r\ncontent-le');
  rack.hang = true;
  const stuck = ask(`${url}/api/v1/ports/P01/actions`, ACTION);
  const failed = t.rejects(stuck, 'a request that never ends is cut off');
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('close hangs')), 8_000);
    server.close().then(() => {
      clearTimeout(timer);
      resolve();
    }, reject);
  });
  await failed;
  await server.close();
  await t.rejects(ask(`${url}/livez`), { code: 'ECONNREFUSED' });
  await t.rejects(server.listen(), { code: 'aborted' });
  agent.destroy();
  silent.destroy();
  halfway.destroy();
});

t.test('a server that never listened can be closed', async (t) => {
  await t.resolves(serverOn('127.0.0.1').server.close());
});

t.test('what is not HTTP is answered once and hung up on', async (t) => {
  const { server } = serverOn('127.0.0.1');
  t.teardown(() => server.close());
  const { port, url } = await server.listen();
  for (const [bytes, status] of [
    ['\x16\x03\x01\x02\x00garbage\r\n\r\n', '400'],
    ['GET / HTTP/1.1\r\n\r\n', '400'],
    [`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, '431'],
  ] as const) {
    const socket = await opened(port);
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    t.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
  }
  t.equal((await ask(`${url}/livez`)).status, 200, 'and the next caller is served');
});
