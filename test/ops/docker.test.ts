import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { VERSION } from '../../src/version.js';

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** The instructions of a Dockerfile, continued lines joined. */
function instructions(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const joined = lines
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim());
  return joined.map((line) => {
    const found = /^([A-Z]+)\s+(.*)$/.exec(line.trim());
    if (!found) throw new RangeError(`no instruction: ${line}`);
    return { word: found[1] ?? '', rest: found[2] ?? '' };
  });
}

const DOCKERFILE = readFileSync(path.join('docker', 'Dockerfile'), 'utf8');

t.test('the image is built in stages, runs as nobody special and says how it is', async (t) => {
  const all = instructions(DOCKERFILE);
  const starts = all.flatMap(({ word }, index) => (word === 'FROM' ? [index] : []));
  t.equal(starts.length, 2);
  const last = all.slice(starts.at(-1));
  const one = (word: string) => last.filter((each) => each.word === word).map(({ rest }) => rest);
  t.same(one('USER'), ['sarachi']);
  const order = last.map(({ word }) => word);
  t.ok(order.lastIndexOf('RUN') < order.indexOf('USER'), 'nothing is installed as sarachi');
  t.match(one('HEALTHCHECK').join(' '), /\/livez/);
  const entry = JSON.parse(one('ENTRYPOINT')[0] ?? '') as string[];
  const bin = (JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { sarachi: string } })
    .bin;
  t.equal(entry.at(-1), `/opt/sarachi/${bin.sarachi}`);
  t.match(JSON.parse(one('CMD')[0] ?? ''), ['start', '--config']);
  const copies = all.filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'));
  for (const { rest } of copies)
    for (const name of rest.split(' ').slice(0, -1))
      if (!name.includes('*')) t.ok(existsSync(name), `${name} is there to copy`);
  const check = one('HEALTHCHECK').join(' ');
  const args = JSON.parse(check.slice(check.indexOf('['))) as string[];
  t.doesNotThrow(() => new Function(args[2] ?? ''), 'the check is a script');
});

t.test('the compose file runs racks that share a Redis, and opens nothing else', async (t) => {
  const compose = parse(readFileSync(path.join('docker', 'compose.yaml'), 'utf8')) as {
    services: Record<string, Record<string, unknown>>;
    volumes: Record<string, unknown>;
  };
  const { redis = {}, rack = {} } = compose.services;
  const command = (redis['command'] as string[]).join(' ');
  for (const option of [
    '--appendonly yes',
    '--appendfsync always',
    '--maxmemory-policy noeviction',
  ])
    t.ok(command.includes(option), option);
  t.match(command, /--requirepass \$\{REDIS_PASSWORD:\?/, 'never without a password');
  t.match(
    String(redis['ports']),
    /^\$\{REDIS_BIND:-127\.0\.0\.1\}:6379:6379$/,
    'loopback as shipped',
  );
  t.equal(rack['network_mode'], 'host');
  t.same(rack['cap_drop'], ['ALL']);
  t.equal(rack['read_only'], true);
  t.equal(rack['privileged'], undefined);
  t.equal(rack['image'], `sarachi:${VERSION}`);
  const build = rack['build'] as { context: string; dockerfile: string };
  t.ok(existsSync(path.join('docker', build.context, build.dockerfile)));
  for (const service of [redis, rack])
    for (const mount of (service['volumes'] as string[]).map((one) => one.split(':')[0] ?? ''))
      t.ok(mount.startsWith('/') || mount in compose.volumes, mount);
});
