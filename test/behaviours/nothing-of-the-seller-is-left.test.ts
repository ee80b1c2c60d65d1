import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { markersLeft } from '../simulator/apple/fixtures.js';

interface Signed {
  readonly certificate: {
    readonly verdict: string;
    readonly run: { readonly id: string };
    readonly device: { readonly platform: string; readonly serial: string };
    readonly evidence: readonly {
      readonly kind: string;
      readonly value: Record<string, unknown>;
    }[];
    readonly notProved: readonly object[];
  };
}

const BLOCK = 4096;

async function sarachi(...args: string[]): Promise<{ code: number; text: string }> {
  const own = /\.ts$/.test(import.meta.filename)
    ? ['--import', 'tsx', 'src/cli/sarachi.ts']
    : ['dist/src/cli/sarachi.js'];
  const child = spawn(process.execPath, [...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  const [code] = (await once(child, 'exit')) as [number];
  return { code, text };
}

/** Bytes of blocks in a raw storage image that hold any of the markers. */
async function markedBytes(folder: string): Promise<number> {
  const { markers } = JSON.parse(await readFile(path.join(folder, 'planted.json'), 'utf8')) as {
    markers: string[];
  };
  const image = await readFile(path.join(folder, 'data.img'));
  const blocks = new Set<number>();
  for (const marker of markers.map((hex) => Buffer.from(hex, 'hex'))) {
    for (let at = image.indexOf(marker); at >= 0; at = image.indexOf(marker, at + 1)) {
      blocks.add(Math.floor(at / BLOCK));
      // The rest of this block says nothing new.
      at = (Math.floor(at / BLOCK) + 1) * BLOCK - marker.length;
    }
  }
  return blocks.size * BLOCK;
}

/** What an Android handset keeps back on its file system is named in bytes, and nothing more may be left. */
async function noMoreThanNamedLeft(
  t: Test,
  state: string,
  { evidence, notProved, device: { serial } }: Signed['certificate'],
): Promise<void> {
  const named = evidence.findLast(({ kind }) => kind === 'not-covered')?.value ?? {};
  const reserved = Number(named['reservedBytes']);
  t.ok(
    JSON.stringify(notProved).includes(String(reserved)),
    'the reserve is among what was not proved',
  );
  const left = await markedBytes(path.join(state, 'handsets', serial));
  t.ok(left <= reserved, `${serial}: ${left} bytes are left, ${reserved} are named`);
}

/** The key of an iPhone's storage is gone: not one byte can be read again. */
async function nothingLeftOnIphone(
  t: Test,
  state: string,
  { device: { serial } }: Signed['certificate'],
): Promise<void> {
  t.equal(await markersLeft(path.join(state, 'iphones', serial)), 0, `${serial}: nothing is left`);
}

t.test(
  'eight handsets end as expected, and passed storage holds nothing of the seller beyond what its certificate names',
  { skip: process.getuid?.() === 0 ? false : 'raw images need root' },
  async (t) => {
    const state = await mkdtemp(path.join(tmpdir(), 'sarachi-left-'));
    t.teardown(() => rm(state, { recursive: true, force: true }));
    const demo = await sarachi(
      'demo',
      '--handsets',
      '8',
      '--until-settled',
      '--state',
      state,
      '--minutes',
      '3',
    );
    t.equal(demo.code, 0, demo.text);
    t.match(demo.text, /8 handsets, 8 as expected, 0 not/);

    const key = path.join(state, 'keys', 'certificate.public.pem');
    const verdicts = new Map<string, string>();
    for (const name of await readdir(path.join(state, 'certificates'))) {
      const file = path.join(state, 'certificates', name);
      const checked = await sarachi('verify', file, '--key', key, '--state', state);
      t.equal(checked.code, 0, `${name}: ${checked.text}`);
      const { certificate } = JSON.parse(await readFile(file, 'utf8')) as Signed;
      verdicts.set(certificate.device.serial, certificate.verdict);
      if (certificate.verdict !== 'passed') continue;
      const { platform } = certificate.device;
      if (platform === 'apple') await nothingLeftOnIphone(t, state, certificate);
      else await noMoreThanNamedLeft(t, state, certificate);
    }
    t.equal(
      (await readdir(path.join(state, 'iphones'))).length,
      1,
      'one of them was an iPhone, and its storage was searched',
    );
    t.equal([...verdicts.values()].filter((verdict) => verdict === 'passed').length, 6);
    t.equal(verdicts.get('DEMOP04'), 'failed');
    t.notOk(verdicts.has('DEMOP05'), 'no certificate where the run still waits for its person');
    t.ok(
      (await markedBytes(path.join(state, 'handsets', 'DEMOP05'))) > 40_000_000,
      'the search does find what was planted',
    );
    const ledger = await sarachi('ledger', 'verify', '--state', state);
    t.equal(ledger.code, 0, ledger.text);
  },
);
