import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import t, { type Test } from 'tap';
import type { RunSummary } from '../../src/http/rack-api.js';
import { World } from '../support/world.js';

const HTML = '<img src=x onerror=alert(1)>';
const CONTROLS = '\0\u001b[2J\u001b]0;owned\u0007\r\n\u007f\u009b31m\u0085';
const BIDI = '\u202egnp.exe\u2066\u200f\u061c';
const HIDDEN = '\u200b\u2060\ufeff\u3164\u{e0041}\ud800';
const TOWER = `a${'\u0300'.repeat(200)}`;
const HOSTILE = `${HTML}${CONTROLS}${BIDI}${HIDDEN}${TOWER}`;
const MEGABYTE = 1024 * 1024;

/** What no outlet may hold raw: it steers a terminal, reorders or hides, or is no text at all. */
const STEERS = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u3164]|\p{M}{4}/u;
/** The longest text that the daemon itself says anywhere. */
const LONGEST = 2_000;

/** Every text of a body with the way to it, keys too. */
function* textsIn(value: unknown, at = ''): Generator<readonly [at: string, text: string]> {
  if (typeof value === 'string') yield [at, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) {
      yield [`${at} key`, key];
      yield* textsIn(item, `${at}.${key}`);
    }
}

function faultsIn(body: unknown): string[] {
  return [...textsIn(body)]
    .filter(([at, text]) => {
      const said = at.endsWith('.publicKeyPem') ? text.replaceAll('\n', '') : text;
      return STEERS.test(said) || said.length > LONGEST;
    })
    .map(([at, text]) => `${at} (${text.length}): ${JSON.stringify(text.slice(0, 120))}`);
}

async function pdfText(world: World, run: string): Promise<string> {
  const file = path.join(world.state, `${run}.pdf`);
  const answer = await world.fetch(`/api/v1/runs/${run}/certificate?format=pdf`);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
}

async function plugHostile(world: World): Promise<void> {
  const android = { profile: 'google-pixel-7-android-16', condition: 'already-reset' } as const;
  await world.plug('P01', {
    spec: {
      ...android,
      profileChanges: {
        model: `=cmd|' /C calc'!A0${HOSTILE}`,
        manufacturer: `@SUM(1)${HOSTILE}${'F'.repeat(1_500)}`,
        brand: `+1${HOSTILE}`,
        device: HOSTILE,
        product: HOSTILE,
        buildId: HOSTILE,
      },
      oddProperties: { 'sys.boot.reason': HOSTILE, [`ro.odd.${HTML}${BIDI}`]: HOSTILE },
    },
  });
  await world.plug('P02', {
    spec: {
      ...android,
      oddProperties: {
        // An adb handshake takes no more than 4 KiB, the model among it.
        'ro.product.model': `-2+3${'M'.repeat(2_000)}${BIDI}`,
        'ro.product.manufacturer': `@${HTML}${'F'.repeat(MEGABYTE)}`,
        'ro.build.fingerprint': BIDI.repeat(MEGABYTE / 8),
        'ro.build.version.security_patch': TOWER.repeat(1_000),
        'ro.boot.serialno': HOSTILE,
      },
    },
  });
  const names = { buildVersion: HOSTILE, regionInfo: HOSTILE, modelNumber: HOSTILE };
  await world.plugIphone('P11', {
    trusted: true,
    iphone: {
      profile: 'iphone-12-ios-18',
      deviceName: `=1+1${HOSTILE}${'N'.repeat(MEGABYTE)}`,
      profileChanges: { ...names, productType: `+iPhone${HOSTILE.repeat(50)}` },
    },
  });
}

async function checkLogs(t: Test, world: World): Promise<void> {
  const text = await readFile(path.join(world.state, 'daemon.log'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  t.ok(lines.length > 20, 'something was logged');
  for (const line of lines) {
    t.doesNotThrow(() => JSON.parse(line), line.slice(0, 200));
    t.notMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    t.ok(line.length <= 65_536, `${line.length} characters`);
  }
}

t.test('hostile names come out of every outlet as short, printable text', async (t) => {
  const world = await World.start(t);
  await plugHostile(world);
  const shown = [];
  for (const port of ['P01', 'P02', 'P11']) shown.push(await world.atRest(port));
  const [first, second, iphone] = shown;
  t.match(first, { verdict: 'passed' }, 'a handset is not worse for its name');
  t.match(first?.handset?.model, /^=cmd\|' \/C calc'!A0<img src=x onerror=alert\(1\)>/);
  t.match(second, { handset: { model: null }, attention: { code: 'unsupported-handset' } });
  t.equal(await world.act('P02', 'abort'), 202);
  await world.settled('P02');
  t.match(iphone, { verdict: 'passed', handset: { model: /^\+iPhone<img/ } });

  const runs = (await world.get<{ runs: RunSummary[] }>('/api/v1/runs')).runs;
  t.equal(runs.length, 3);
  const places = runs.flatMap(({ run }) =>
    ['', '/evidence', '/certificate'].map((part) => `/api/v1/runs/${run}${part}`),
  );
  for (const place of ['/api/v1/ports', '/api/v1/runs', '/api/v1/queues', '/readyz', ...places])
    t.same(faultsIn(await world.get(place)), [], place);
  t.same(faultsIn(await world.ledger()), [], 'the ledger');

  await t.test('CSV: quoted, and no cell is a formula', async (t) => {
    const text = await (await world.fetch('/api/v1/runs?format=csv')).text();
    t.notMatch(text.replaceAll('\r\n', ''), STEERS);
    const rows: string[][] = parse(text, { bom: true });
    t.equal(rows.length, 4);
    t.same(new Set(rows.map(({ length }) => length)), new Set([9]));
    for (const cell of rows.flat()) t.notMatch(cell, /^[=+\-@＝＋－＠\t\r]/u);
    t.match(text, /"'=cmd\|' \/C calc'!A0<img src=x/);
    t.match(text, /"'\+iPhone<img src=x/);
  });

  for (const { run, port } of runs)
    await t.test(`PDF of ${port}`, async (t) => {
      const text = await pdfText(world, run);
      t.match(text, port === 'P01' ? /@SUM\(1\)<img src=…/ : port, 'cut to its column');
      t.notMatch(text.replaceAll(/[\n\f]/g, ''), STEERS);
      t.ok(text.length < 20_000, `${text.length} characters`);
    });

  await t.test('logs: one line of JSON each, nothing steers a terminal', (t) =>
    checkLogs(t, world),
  );
  t.equal((await world.fetch('/livez')).status, 200);
});
