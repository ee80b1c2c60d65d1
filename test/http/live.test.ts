import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { createHttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { ViewFeed } from '../../src/ports/view-feed.js';
import { EventClient, until } from './event-client.js';
import { MemoryRack } from './memory-rack.js';
import { PANEL, testApp } from './test-app.js';

async function serving(t: { teardown(fn: () => Promise<void>): void }) {
  const rack = new MemoryRack();
  const lines: string[] = [];
  const log = createLog('warn', { write: (line) => void lines.push(line) });
  const server = createHttpServer(rack, {
    host: '127.0.0.1',
    port: 0,
    log,
    version: '0.1.0',
    panel: PANEL,
  });
  t.teardown(() => server.close());
  const { url, port } = await server.listen();
  return { rack, server, url, port, lines };
}

t.test('a long poll is answered by the change it waited for', async (t) => {
  const { app, rack } = await testApp();
  rack.staleAfter = 60;
  const first = await app.inject('/api/v1/ports');
  const etag = String(first.headers['etag']);
  for (const [url, headers] of [
    ['/api/v1/ports?wait=20', { 'if-none-match': etag }],
    [`/api/v1/ports?since=${rack.seq}&wait=20`, {}],
    [`/api/v1/leds?since=${rack.seq}&wait=20`, {}],
  ] as const) {
    const began = Date.now();
    const before = rack.seq;
    const asked = app.inject({ url, headers });
    setTimeout(() => rack.show('P01', { held: before % 2 === 0 }), 100);
    const reply = await asked;
    t.equal(reply.statusCode, 200, url);
    t.equal(reply.json().seq, before + 1);
    t.ok(Date.now() - began >= 95, 'not before the change');
    t.ok(Date.now() - began < 12_000, 'not when the wait was over');
    rack.seq = before;
    rack.view();
  }
});

t.test(
  'a long poll that has something else already, or asks for no wait, does not wait',
  async (t) => {
    const { app, rack } = await testApp();
    rack.staleAfter = 60;
    const etag = String((await app.inject('/api/v1/ports')).headers['etag']);
    const began = Date.now();
    for (const [url, headers, status] of [
      ['/api/v1/ports?since=3&wait=20', {}, 200],
      ['/api/v1/ports?wait=20', {}, 200],
      ['/api/v1/ports?wait=20', { 'if-none-match': '"another-boot.7"' }, 200],
      // The seq of another start may be the same number; the validator tells them apart.
      [`/api/v1/ports?since=${rack.seq}&wait=20`, { 'if-none-match': '"another-boot.7"' }, 200],
      ['/api/v1/ports?wait=0', { 'if-none-match': etag }, 304],
      [`/api/v1/ports?since=${rack.seq}`, {}, 200],
    ] as const)
      t.equal((await app.inject({ url, headers })).statusCode, status, url);
    t.ok(Date.now() - began < 15_000, 'none of them waited');
    for (const bad of ['wait=26', 'wait=-1', 'since=x', 'since=1.5', 'sinse=3'])
      t.equal((await app.inject(`/api/v1/ports?${bad}`)).statusCode, 400, bad);
  },
);

t.test('nobody goes stale by waiting', async (t) => {
  const { app, rack } = await testApp();
  rack.staleAfter = 0.4;
  const etag = String((await app.inject('/api/v1/ports')).headers['etag']);
  const began = Date.now();
  const url = '/api/v1/ports?wait=20';
  const nothing = await app.inject({ url, headers: { 'if-none-match': etag } });
  t.equal(nothing.statusCode, 304);
  t.ok(Date.now() - began >= 195, 'it did wait');
  t.ok(Date.now() - began < 12_000, 'and not for what it asked');
  const told = await app.inject(`/api/v1/ports?since=${rack.seq}&wait=20`);
  t.match(told.json(), { seq: rack.seq, staleAfter: 0.4 }, 'without a validator, in full');
});

const isP01 = ({ port }: { port: string }) => port === 'P01';

t.test('an event stream tells everything first, then each change once and in order', async (t) => {
  const { rack, url } = await serving(t);
  const client = new EventClient(url);
  await client.until((frames) => frames.length > 0);
  t.match(client.head?.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const [first] = client.frames;
  t.match(first, { event: 'rack', id: `${rack.bootId}.7`, data: { rack: 'rack-1', seq: 7 } });
  t.same(first?.data['ports'], rack.ports);
  for (let n = 0; n < 30; n += 1) {
    rack.show('P01', { reasons: [`change ${n}`] });
    await delay(n % 3);
  }
  await client.until((frames) => frames.some(({ data }) => data['seq'] === 37));
  const changes = client.frames.filter(({ event }) => event === 'change');
  let seq = 7;
  // How many there are depends on the machine: changes of one moment are told as one.
  const breaks = changes.filter(({ id, data }) => {
    const follows = data['after'] === seq && id === `${rack.bootId}.${data['seq']}`;
    seq = Number(data['seq']);
    return !follows;
  });
  t.same(breaks, [], 'each follows the one before');
  t.ok(
    changes.every(({ data }) => (data['ports'] as { port: string }[]).every(isP01)),
    'only what changed',
  );
  t.equal(seq, 37);
  t.same(changes.at(-1)?.data['ports'], [rack.ports[0]]);
  client.raw.destroy();
});

t.test('a quiet rack is heard of three times within staleAfter', async (t) => {
  const { rack, url } = await serving(t);
  rack.staleAfter = 0.6;
  const client = new EventClient(url);
  const began = Date.now();
  await client.until((frames) => frames.filter(({ event }) => event === 'beat').length >= 3);
  const beat = client.frames.at(-1);
  t.match(beat, { id: null, data: { rack: 'rack-1', seq: 7, staleAfter: 0.6, serverTime: /Z$/ } });
  const told = Date.parse(String(beat?.data['serverTime']));
  t.ok(told >= began && told <= Date.now(), 'and it is of now, not of the last change');
  client.raw.destroy();
});

t.test('who comes back gets what it missed, or is told that this cannot be', async (t) => {
  const { rack, url } = await serving(t);
  const id = (seq: number) => `${rack.bootId}.${seq}`;
  for (const held of [true, false, true]) {
    rack.show('P01', { held });
    rack.view();
  }
  t.equal(rack.seq, 10);
  const back = new EventClient(url, id(8));
  await back.until((frames) => frames.some(({ event }) => event === 'beat'));
  t.same(
    back.frames.map(({ event, data }) => [event, data['seq']]),
    [
      ['change', 9],
      ['change', 10],
      ['beat', 10],
    ],
  );
  const same = new EventClient(url, id(10));
  await same.until((frames) => frames.length > 0);
  t.equal(same.frames[0]?.event, 'beat', 'nothing was missed');

  rack.show('P01', { held: false });
  rack.view();
  rack.show('P01', { held: true });
  rack.view();
  // Four changes are kept here: 9 to 12.
  for (const lost of [id(7), id(999), 'another-boot.11', 'nonsense', id(8.5)]) {
    const client = new EventClient(url, lost);
    await client.until((frames) => frames.length > 1);
    t.match(client.frames[0], { event: 'gap', id: null, data: { lastEventId: lost, seq: 12 } });
    t.match(client.frames[1], { event: 'rack', id: id(12) });
    client.raw.destroy();
  }
  back.raw.destroy();
  same.raw.destroy();
});

t.test('a client that does not read is dropped, and nobody else notices', async (t) => {
  const { rack, url, port, lines } = await serving(t);
  const deaf = connect(port, '127.0.0.1');
  deaf.on('error', () => undefined);
  await once(deaf, 'connect');
  deaf.write('GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  deaf.pause();
  const good = new EventClient(url);
  await good.until((frames) => frames.length > 0);
  const reasons = Array.from({ length: 40 }, (_, n) => `${n}-${'x'.repeat(4_000)}`);
  let n = 0;
  await until(
    () => {
      n += 1;
      rack.show('P02', { reasons: [...reasons, String(n)] });
      rack.view();
      return lines.some((line) => line.includes('does not read'));
    },
    20,
    () => `${n} changes`,
  );
  await good.until((frames) => frames.at(-1)?.data['seq'] === rack.seq, 20);
  t.equal(good.ended, false);
  good.raw.destroy();
  deaf.destroy();
});

t.test('the end of the daemon ends the streams at once', async (t) => {
  const { server, url } = await serving(t);
  const client = new EventClient(url);
  await client.until((frames) => frames.length > 0);
  const began = Date.now();
  await server.close();
  await until(() => client.ended);
  t.ok(Date.now() - began < 8_000);
});

t.test('a stranger cannot hold every stream', async (t) => {
  const { url } = await serving(t);
  const clients = Array.from({ length: 256 }, () => new EventClient(url));
  await until(() => clients.every(({ frames }) => frames.length > 0), 20);
  const refused = await fetch(`${url}/api/v1/events`);
  t.equal(refused.status, 429);
  t.match(await refused.json(), { status: 429, detail: /too many/ });
  for (const { raw } of clients) raw.destroy();
  await until(() => clients.every(({ ended }) => ended));
  const again = new EventClient(url);
  await again.until((frames) => frames.length > 0, 5).catch(() => undefined);
  t.equal(again.head?.statusCode, 200, 'places are free again');
  again.raw.destroy();
});

t.test('the rack is looked at once for all who ask, and anew when something changed', async (t) => {
  const { ports } = new MemoryRack();
  let looks = 0;
  let seq = 1;
  let now = 1_000;
  let say: () => void = () => undefined;
  const feed = new ViewFeed({
    rack: {
      view: () => {
        looks += 1;
        return {
          rack: 'r',
          seq,
          serverTime: new Date(now).toISOString(),
          staleAfter: 5,
          ports: [...ports],
        };
      },
      onChange: (listener) => {
        say = listener;
        return () => undefined;
      },
    },
    clock: () => now,
  });
  feed.start();
  t.teardown(() => feed.stop());
  const first = feed.current();
  for (let n = 0; n < 50; n += 1) t.equal(feed.current(), first);
  t.equal(looks, 1);
  now += 100;
  t.equal(feed.current().ports, first.ports, 'the same array while nothing changed');
  t.equal(looks, 2, 'an old view is not handed out');
  now -= 50_000;
  t.equal(feed.current().serverTime, new Date(now).toISOString(), 'nor one from the future');
  seq = 2;
  t.equal(feed.current().seq, 1);
  say();
  t.equal(feed.current().seq, 2, 'what was announced is seen at once');
});
