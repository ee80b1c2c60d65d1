import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ledgerVerifyCommand } from '../../src/cli/ledger-verify.js';
import { writeCertificate } from '../../src/ledger/certificate-file.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { signedText } from '../../src/ledger/signing.js';
import { passedFacts, signed } from '../ledger/helpers/facts.js';
import { freshFolder, START } from '../ledger/helpers/ledgers.js';
import { desk, run } from './helpers/desk.js';

async function rackState(t: Test) {
  const state = await freshFolder(t);
  const ledger = await Ledger.open(join(state, 'ledger'), { clock: () => START });
  const facts = passedFacts();
  const at = { run: facts.run, port: facts.port };
  await ledger.append({ type: 'run-opened', ...at, body: { handset: 'android:X' } });
  const line = await ledger.append({
    type: 'run-settled',
    ...at,
    body: { verdict: 'passed', lane: 'release', reasons: [] },
  });
  const text = signedText(signed({ ...facts, ledger: { seq: line.seq, hash: line.hash } }));
  const sha256 = await writeCertificate(state, facts.run, text);
  await ledger.append({ type: 'certificate-issued', ...at, body: { sha256 } });
  await ledger.close();
  return { state, text, run: facts.run, segment: join(state, 'ledger', '2026-11-20.jsonl') };
}

t.test('the chain and the certificates are held against each other', async (t) => {
  const { check } = await desk(t);
  const { state, text, run: id, segment } = await rackState(t);
  const file = join(state, 'certificates', `${id}.json`);
  const audit = () => run(ledgerVerifyCommand, '--state', state);
  t.match(await audit(), {
    code: 0,
    out: /^HOLDS: 3 entries, 1 certificates\n {2}head 3 [0-9a-f]{64}\n$/,
  });
  t.match(await check(text, '--state', state), { code: 0, out: /entry 2 is in the chain/ });

  await writeFile(file, text.replace('Pixel 8', 'Pixel 9'));
  t.match(await audit(), { code: 1, out: /is not the file that the ledger issued/ });
  await rm(file);
  t.match(await audit(), { code: 1, out: /was issued by the ledger and is missing/ });
  await writeFile(file, text);
  await writeFile(join(state, 'certificates', 'other.json'), text);
  t.match(await audit(), { code: 1, out: /other\.json: is of another run than its name says/ });
  await rm(join(state, 'certificates', 'other.json'));

  const foreign = signedText(signed(passedFacts()));
  t.match(await check(foreign, '--state', state), {
    code: 1,
    out: /ledger: hangs on ledger entry 4711, which settles no run/,
  });
  const lines = (await readFile(segment, 'utf8')).split('\n');
  // The end of the chain cut off: the chain alone still holds, the certificate shows it.
  await writeFile(segment, `${lines[0]}\n`);
  t.match(await audit(), {
    code: 1,
    out: /1 entries.*hangs on ledger entry 2, which settles no run/s,
  });
  await writeFile(segment, lines.join('\n').replace('release', 'destroy'));
  t.match(await audit(), { code: 1, out: /2026-11-20\.jsonl line 2: does not match its hash/ });
  t.match(await check(text, '--state', state), {
    code: 1,
    out: /cannot be relied on: ledger 2026-11-20\.jsonl line 2/,
  });
  t.match(await check(text, '--state', '/nope'), { code: 1, out: /cannot be looked up/ });
});

t.test(
  'the recipes of docs/certificate.md and docs/ledger.md work with openssl and a shell alone',
  async (t) => {
    const { dir, file, key, check } = await desk(t);
    const { state, text } = await rackState(t);
    await check(text);
    const recipe = async (name: string) => {
      const document = await readFile(join('docs', name), 'utf8');
      return /```sh\n(.*?)```/s.exec(document)?.[1] ?? '';
    };
    const shell = async (name: string, ...args: string[]) => {
      const script = join(dir, 'recipe.sh');
      await writeFile(script, await recipe(name));
      await mkdir(join(dir, 'work'), { recursive: true });
      try {
        return execFileSync('sh', [script, ...args], {
          cwd: join(dir, 'work'),
          encoding: 'utf8',
          stdio: 'pipe',
        });
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        return `failed: ${stdout}${stderr}`;
      }
    };
    t.match(await shell('certificate.md', file, key), /Signature Verified Successfully/);
    await writeFile(file, text.replace('Pixel 8', 'Pixel 9'));
    t.match(await shell('certificate.md', file, key), /^failed: .*Signature Verification Failure/s);
    const segment = join(state, 'ledger', '2026-11-20.jsonl');
    t.match(await shell('ledger.md', segment), /3 lines hold/);
    await writeFile(segment, (await readFile(segment, 'utf8')).replace('release', 'destroy'));
    t.match(await shell('ledger.md', segment), /^failed: line 2/);
  },
);

t.test('wrong usage is exit 2 and says how', async (t) => {
  const dir = await freshFolder(t);
  for (const args of [[], ['--state', join(dir, 'nope')], ['x'], ['--y']]) {
    t.match(await run(ledgerVerifyCommand, ...args), { code: 2, err: /Usage:/ });
  }
  t.match(await run(ledgerVerifyCommand, '--help'), {
    code: 0,
    out: /^Usage: sarachi ledger verify/,
  });
});
