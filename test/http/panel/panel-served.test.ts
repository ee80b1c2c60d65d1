import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { checkConfig } from '../../../src/config.js';
import { buildApp } from '../../../src/http/app.js';
import { Fleet } from '../../../src/http/fleet.js';
import { floorPlanOf, panelSettingsOf } from '../../../src/http/floor-plan.js';
import { loadPanel } from '../../../src/http/panel-files.js';
import { createHttpServer } from '../../../src/http/server.js';
import { createLog } from '../../../src/log.js';
import { keyed } from '../keyed-app.js';
import { MemoryRack } from '../memory-rack.js';
import { PANEL, testApp } from '../test-app.js';

function rackOf(openings: number, floor: object) {
  const ports = Object.fromEntries(
    Array.from({ length: openings }, (_, n) => [
      `P${String(n + 1).padStart(2, '0')}`,
      { usb: [`1-${n + 1}`], controller: 'A' },
    ]),
  );
  return checkConfig({ rack: { controllers: { A: {} }, ports, ...floor } });
}

t.test('the openings stand as the configuration says', async (t) => {
  const at = (openings: number, floor: object, port: string) => {
    const { rows, columns, places } = floorPlanOf(rackOf(openings, floor).rack);
    const place = places.find((one) => one.port === port);
    return [rows, columns, place?.row, place?.column];
  };
  t.same(at(40, {}, 'P11'), [4, 10, 2, 1], 'ten in a row where nothing is said');
  t.same(at(40, { rows: 5 }, 'P09'), [5, 8, 2, 1]);
  t.same(at(40, { rows: 5, columns: 9, numbering: 'columns' }, 'P06'), [5, 9, 1, 2]);
  t.same(at(3, {}, 'P03'), [1, 3, 1, 3]);
  t.throws(() => rackOf(40, { rows: 3, columns: 10 }), { code: 'config-invalid' });
  const config = rackOf(2, {});
  t.match(
    panelSettingsOf(config, () => ''),
    { language: 'ja', racks: [], controllers: [{ name: 'A' }] },
  );
});

t.test('the page is served with a policy that lets nothing strange in', async (t) => {
  const { app } = await testApp();
  t.not(loadPanel(), null, 'it is built');
  const page = await app.inject('/');
  t.equal(page.statusCode, 200);
  t.match(page.headers['content-type'], /^text\/html/);
  const policy = String(page.headers['content-security-policy']);
  t.match(
    policy,
    /default-src 'none'.*script-src 'self'.*style-src 'self'.*frame-ancestors 'none'/,
  );
  t.notMatch(policy, /unsafe|https?:|\*|data:/);
  t.notMatch(
    page.body,
    /<script(?![^>]*\ssrc=)|<style|\son[a-z]+=|\sstyle=|https?:\/\//i,
    'nothing inline',
  );
  for (const [, file = ''] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const reply = await app.inject(file);
    t.equal(reply.statusCode, 200, file);
    t.equal(reply.headers['x-content-type-options'], 'nosniff');
    const known = { 'if-none-match': String(reply.headers['etag']) };
    t.equal((await app.inject({ url: file, headers: known })).statusCode, 304, file);
  }
  for (const file of ['panel.js', 'styles.css']) {
    const { body } = await app.inject(`/panel/${file}`);
    const strange = [...body.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([url]) => url);
    t.same(
      strange.filter((url) => !/^http:\/\/www\.w3\.org\//.test(url)),
      [],
      `${file} names nobody`,
    );
  }
  const font = await app.inject('/panel/biz-udpgothic-400.ttf');
  t.match(font.headers, { 'content-type': 'font/ttf', 'cache-control': /max-age/ });
  t.equal((await app.inject('/panel/../package.json')).statusCode, 404);
  t.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/',
        headers: { 'content-type': 'application/json' },
      })
    ).statusCode,
    405,
  );
});

t.test('only what belongs to it is read', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-panel-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'index.html'), '<p>');
  await writeFile(path.join(folder, 'notes.txt'), 'x');
  t.match(loadPanel(folder), [{ name: '', type: /html/ }]);
  t.equal(loadPanel(folder)?.length, 1);
  t.equal(loadPanel(null), null);
});

t.test('the other racks are told as they are, and dark as soon as they are silent', async (t) => {
  const rack = new MemoryRack();
  const server = createHttpServer(rack, {
    ...{ host: '127.0.0.1', port: 0, log: createLog('silent'), version: '0.1.0', panel: PANEL },
  });
  t.teardown(() => server.close());
  const { url } = await server.listen();
  let now = Date.now();
  const racks = [
    { name: '2号機', url: `${url}/`, key: null },
    { name: 'nobody', url: 'http://127.0.0.1:9/', key: null },
  ];
  const fleet = new Fleet({ racks, clock: () => now, log: createLog('silent') });
  const [first, second] = await fleet.look();
  t.match(first, { name: '2号機', state: 'answers', rack: 'rack-1', plan: { columns: 2 } });
  t.same(
    first?.lights.map(({ name }) => name),
    ['empty', 'act'],
  );
  t.match(second, { state: 'silent', rack: null, answeredAt: null, lights: [] });

  const asked = await Promise.all(Array.from({ length: 20 }, () => fleet.look()));
  t.equal(asked.length, 20, 'many who look cost one question');
  t.equal(asked[0]?.[0]?.answeredAt, first?.answeredAt);

  await server.close();
  t.equal((await fleet.look())[0]?.state, 'answers', 'a moment ago it answered');
  now += 1_000;
  const [silent] = await fleet.look();
  t.match(silent, { state: 'silent', rack: 'rack-1', answeredAt: first?.answeredAt });
  t.same(
    silent?.lights.map(({ port, name }) => [port, name]),
    [
      ['P01', 'stale'],
      ['P02', 'stale'],
    ],
  );
});

t.test(
  'a rack that asks for a key is shown to whoever has one, and the key to nobody',
  async (t) => {
    const { access, keys } = await keyed(t);
    const server = createHttpServer(new MemoryRack(), {
      ...{ host: '127.0.0.1', port: 0, log: createLog('silent'), version: '0.1.0', panel: PANEL },
      access,
    });
    t.teardown(() => server.close());
    const { url } = await server.listen();
    const racks = [
      { name: '2号機', url: `${url}/`, key: keys.viewer },
      { name: '3号機', url: `${url}/`, key: null },
    ];
    const app = await buildApp(new MemoryRack(), {
      ...{ host: '127.0.0.1', port: 0, log: createLog('silent'), version: '0.1.0' },
      panel: { ...PANEL, racks },
    });
    const fleet = await app.inject('/api/v1/fleet');
    t.match(fleet.json(), { racks: [{ state: 'answers' }, { state: 'refuses', lights: [] }] });
    const plan = await app.inject('/api/v1/rack');
    t.match(plan.json(), { racks: [{ name: '2号機' }, { name: '3号機' }] });
    t.notMatch(fleet.body + plan.body, /sarachi_|"key"/);
  },
);

t.test('an answer that is none, or too long, or from elsewhere, is not shown', async (t) => {
  const { createServer } = await import('node:http');
  const answers: readonly [string, (reply: import('node:http').ServerResponse) => void][] = [
    ['unreadable', (reply) => reply.end('<html>')],
    ['unreadable', (reply) => reply.end('{"leds":[]}')],
    ['unreadable', (reply) => reply.end(`"${'x'.repeat(300_000)}"`)],
    ['unreadable', (reply) => reply.writeHead(404).end('{}')],
    ['silent', (reply) => reply.writeHead(302, { location: '/elsewhere' }).end()],
  ];
  for (const [state, answer] of answers) {
    const server = createServer((_request, reply) => answer(reply));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as import('node:net').AddressInfo;
    const racks = [{ name: 'odd', url: `http://127.0.0.1:${port}/`, key: null }];
    const fleet = new Fleet({ racks, clock: Date.now, log: createLog('silent') });
    t.match(await fleet.look(), [{ state, lights: [] }]);
    server.closeAllConnections();
    server.close();
  }
});
