import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ConfigError, checkConfig, configJsonSchema, loadConfig } from '../src/config.js';

const EXAMPLE = 'config/sarachi.example.yaml';

function keysOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [prefix];
  return Object.entries(value).flatMap(([key, child]) =>
    keysOf(child, prefix ? `${prefix}.${key}` : key),
  );
}

/** `rack.ports.P07.usb` as config/README.md writes it. */
function generic(key: string): string {
  return key
    .replace(/^rack\.ports\.P\d\d\./, 'rack.ports.<P01…>.')
    .replace(/^rack\.controllers\.\w+\./, 'rack.controllers.<name>.')
    .replace(/^carrierCheck\.perCarrier\.\w+\./, 'carrierCheck.perCarrier.<name>.');
}

t.test('the example is a whole rack of 40 ports', async (t) => {
  const config = loadConfig(EXAMPLE, {});
  t.equal(Object.keys(config.rack.ports).length, 40);
  t.equal(Object.keys(config.rack.controllers).length, 4);
  t.throws(() => {
    (config.policy as { version: string }).version = '2';
  }, 'the configuration is frozen');
});

t.test(
  'every key of the configuration is explained in config/README.md, and nothing else is',
  async (t) => {
    const readme = readFileSync('config/README.md', 'utf8');
    const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
    const explained = new Set(
      rows.flatMap((line) => {
        const names = [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(
          (match) => match[1] ?? '',
        );
        const prefix = names[0]?.includes('.')
          ? names[0].slice(0, names[0].lastIndexOf('.') + 1)
          : '';
        return names.map((name, index) =>
          index === 0 || name.includes('.') ? name : prefix + name,
        );
      }),
    );
    const config = checkConfig({
      ...(parse(readFileSync(EXAMPLE, 'utf8')) as object),
      redis: { url: 'redis://x' },
    });
    const real = new Set(keysOf(config).map(generic));
    t.strictSame(
      [...real].filter((key) => !explained.has(key)),
      [],
      'all explained',
    );
    t.strictSame(
      [...explained].filter((key) => !real.has(key)),
      [],
      'nothing invented',
    );
  },
);

t.test('the committed JSON Schema is the one of the code', async (t) => {
  t.strictSame(
    JSON.parse(readFileSync('config/sarachi.schema.json', 'utf8')),
    JSON.parse(JSON.stringify(configJsonSchema())),
  );
});

t.test('a wrong file names every fault with its path', async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-config-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const file = path.join(dir, 'bad.yaml');
  const cases: [string, string[]][] = [
    [
      'rack: {controllers: {A: {}}, ports: {P01: {usb: ["1-1"], controller: B}}}',
      ['rack.ports.P01.controller'],
    ],
    [
      'rack: {controllers: {A: {}}, ports: {P01: {usb: ["1-1"], controller: A}, P02: {usb: ["1-1"], controller: A}}}',
      ['rack.ports.P02.usb'],
    ],
    [
      'rack: {controllers: {A: {concurrency: 0}}, ports: {X1: {usb: ["1:1"], controller: A}}}\ntypo: 1',
      ['rack.controllers.A.concurrency', 'rack.ports.X1', '(top)'],
    ],
    [
      'rack: {rows: 1, columns: 1, controllers: {A: {}}, ports: {P01: {usb: ["1-1"], controller: A}, P02: {usb: ["1-2"], controller: A}}}\npanel: {racks: [{name: b, url: "http://10.0.0.2:8374/x"}, {name: c, url: "javascript:alert(1)"}, {name: d, url: "http://u:p@10.0.0.2/"}]}',
      ['rack.rows', 'panel.racks.0.url', 'panel.racks.1.url', 'panel.racks.2.url'],
    ],
    ['rack: [', [file]],
    ['', ['rack']],
  ];
  for (const [text, paths] of cases) {
    await writeFile(file, text);
    try {
      loadConfig(file, {});
      t.fail(`accepted: ${text}`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const found = error.faults.map((fault) => fault.path);
      for (const wanted of paths)
        t.ok(
          found.some((at) => at.startsWith(wanted)),
          `${wanted} in ${found.join(', ')}`,
        );
    }
  }
  t.throws(() => loadConfig(path.join(dir, 'none.yaml'), {}), { code: 'config-invalid' });
});

t.test('its files are found from where it lies', async (t) => {
  const { carrierCheck } = loadConfig(EXAMPLE, {});
  t.equal(carrierCheck.file, path.resolve('config/carriers.yaml'));
  t.equal(carrierCheck.policyFile, path.resolve('config/carrier-policy.yaml'));
});

t.test('a canary must be a number that a carrier can be asked about', async (t) => {
  const document = parse(readFileSync(EXAMPLE, 'utf8')) as { carrierCheck: object };
  const withCanary = (imei: string) => {
    const docomo = { source: 'web', canaries: [{ imei, mark: 'circle' }] };
    return checkConfig({ ...document, carrierCheck: { perCarrier: { docomo } } });
  };
  t.doesNotThrow(() => withCanary('490154203237518'));
  for (const imei of ['490154203237517', '49015420323751', '001010123456780', ''])
    t.throws(() => withCanary(imei), { code: 'config-invalid' }, imei);
});

t.test('secrets come from the environment', async (t) => {
  t.equal(loadConfig(EXAMPLE, { SARACHI_REDIS_URL: 'redis://secret' }).redis.url, 'redis://secret');
});

t.test('a controller that is only a name of JavaScript is not there', async (t) => {
  const ports = { P01: { usb: ['1-1'], controller: 'constructor' } };
  t.throws(() => checkConfig({ rack: { controllers: { A: {} }, ports } }), {
    code: 'config-invalid',
  });
});

t.test('an opening of a hub is one port of the rack, and no port is at two', async (t) => {
  const rack = { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } };
  const withHubs = (...ports: string[][]) =>
    checkConfig({
      rack,
      hub: { cambrionix: { hubs: ports.map((row, n) => ({ serial: `DB000${n}`, ports: row })) } },
    });
  t.doesNotThrow(() => withHubs(['-', 'P01'], ['-']));
  t.throws(() => withHubs(['P01'], ['P01']), { code: 'config-invalid' });
  t.throws(() => withHubs(['P02']), { code: 'config-invalid' });
  t.throws(() => checkConfig({ rack, hub: { driver: 'cambrionix' } }), { code: 'config-invalid' });
});
t.test(
  'what clears FeliCa chips is one known method, and a program has an absolute path',
  async (t) => {
    const rack = parse('{controllers: {A: {}}, ports: {P01: {usb: ["1-1"], controller: A}}}');
    const faults = (felica: object): string[] => {
      try {
        checkConfig({ rack, felica });
        return [];
      } catch (error) {
        return (error as ConfigError).faults.map((fault) => fault.path);
      }
    };
    t.same(faults({}), []);
    t.same(faults({ readers: 'auto', clear: { method: 'carrier-shop' } }), []);
    t.same(faults({ clear: { method: 'by-magic' } }), ['felica.clear.method']);
    t.same(faults({ clear: { method: 'external-tool', command: 'tool; rm' } }), [
      'felica.clear.command',
    ]);
    t.same(faults({ readers: ['1-1', '1-1'] }), ['felica.readers']);
    t.same(
      faults({ clear: { method: 'external-tool', command: '/t', exitCodes: { '0': 'fine' } } }),
      ['felica.clear.exitCodes.0'],
    );
  },
);
