import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { canonicalJson } from '../../src/ledger/canonical-json.js';
import type { LedgerEntry } from '../../src/ledger/entry.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { sha256Hex } from '../../src/ledger/sha256.js';
import { verifyLedger } from '../../src/ledger/verify-ledger.js';
import { freshFolder, readEntries, START, segmentLines, writeLedger } from './helpers/ledgers.js';

t.test('tampering with any line is told with its segment and line', async (t) => {
  const dir = await freshFolder(t);
  await writeLedger(dir, 8);
  const segments = await segmentLines(dir);
  const places = segments.flatMap(({ segment, lines }) =>
    lines.map((line, at) => ({ segment, lines, line, at })),
  );
  t.equal(places.length, 8);
  for (const [number, { segment, lines, line, at }] of places.entries()) {
    const file = join(dir, segment);
    const put = async (...replacement: string[]) => {
      await writeFile(file, `${lines.toSpliced(at, 1, ...replacement).join('\n')}\n`);
      const report = await verifyLedger(dir);
      await writeFile(file, `${lines.join('\n')}\n`);
      return report.faults.map((fault) => [fault.segment, fault.line, fault.what]);
    };
    const changed = line.replace('"port":"P01"', '"port":"P02"');
    t.same(await put(changed), [[segment, at + 1, 'does not match its hash']]);
    const next = places[number + 1];
    const afterwards = next && [next.segment, next.at + 1];
    const { hash: _hash, ...rest } = JSON.parse(changed) as LedgerEntry;
    const forged = canonicalJson({ ...rest, hash: sha256Hex(canonicalJson(rest)) });
    // A forged last line cannot be seen in the chain alone; certificates and copies of the head show it.
    const broken = afterwards && [...afterwards, 'does not follow the line before it (prev)'];
    t.same(await put(forged), broken ? [broken] : []);
    const gap = afterwards && [segment === next?.segment ? [segment, at + 1] : afterwards].flat();
    const missing = `follows a gap: entries ${number + 1} to ${number + 1} are missing`;
    t.same(await put(), gap ? [[...gap, missing]] : []);
    const twice = await put(line, line);
    t.same(twice[0], [segment, at + 2, `has seq ${number + 1} where ${number + 2} must follow`]);
  }
});

t.test('missing segments, lines of another day and falling time are told', async (t) => {
  const dir = await freshFolder(t);
  await writeLedger(dir, 8);
  const [first, second] = await segmentLines(dir);
  const [a, b] = [join(dir, first?.segment ?? ''), join(dir, second?.segment ?? '')];
  const [aText, bText] = [await readFile(a, 'utf8'), await readFile(b, 'utf8')];
  await rm(a);
  t.match((await verifyLedger(dir)).faults, [
    { segment: second?.segment, line: 1, what: 'follows a gap: entries 1 to 3 are missing' },
  ]);
  await writeFile(a, aText + bText);
  await rm(b);
  const told = (await verifyLedger(dir)).faults;
  t.equal(told.length, 5);
  t.match(told[0], { segment: first?.segment, line: 4, what: /another day/ });
  const lines = aText.trimEnd().split('\n');
  const { hash: _hash, ...last } = JSON.parse(lines[2] ?? '') as LedgerEntry;
  const older = { ...last, at: new Date(START - 1000).toISOString() };
  const forged = canonicalJson({ ...older, hash: sha256Hex(canonicalJson(older)) });
  await writeFile(a, `${lines[0]}\n${lines[1]}\n${forged}\n`);
  t.match((await verifyLedger(dir)).faults, [{ line: 3, what: /is older/ }]);
});

const root = process.getuid?.() === 0;

t.test(
  'a full disk: nothing half is kept, nothing later succeeds, all comes back',
  { skip: root ? false : 'needs root for a small file system' },
  async (t) => {
    for (const [round, size] of [900, 3000, 9000, 40_000].entries()) {
      const dir = await freshFolder(t);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${96 + round * 4}k`, 'tmpfs', dir]);
      t.teardown(() => execFileSync('umount', ['-l', dir]));
      await writeFile(join(dir, 'ballast'), Buffer.alloc(16_384));
      const ledger = await Ledger.open(dir, { clock: () => START });
      const entry = (number: number) => ({
        type: 'intent' as const,
        run: 'run-1',
        port: 'P01',
        body: { number, filler: 'x'.repeat(size) },
      });
      const taken: number[] = [];
      let refused = 0;
      for (let number = 0; refused === 0; number += 3) {
        const three = [number, number + 1, number + 2];
        const results = await Promise.allSettled(three.map((one) => ledger.append(entry(one))));
        for (const [at, result] of results.entries()) {
          if (result.status === 'fulfilled') taken.push(number + at);
          else {
            refused += 1;
            t.match(result.reason, { code: 'ledger-unwritable' });
          }
        }
      }
      t.same(await readEntries(ledger).then((all) => all.map(({ body }) => body['number'])), taken);
      t.match(await verifyLedger(dir), { ok: true, entries: taken.length });
      await truncate(join(dir, 'ballast'), 0);
      await t.rejects(ledger.append(entry(1000)), { code: 'ledger-unwritable' }, 'stays failed');
      t.equal(ledger.head().seq, taken.length);
      await ledger.close();
      const again = await Ledger.open(dir, { clock: () => START });
      const small = await again.append({ ...entry(1001), body: { number: 1001 } });
      t.equal(small.seq, taken.length + 1);
      await again.close();
      t.match(await verifyLedger(dir), { ok: true, entries: taken.length + 1 });
      t.same(
        (await readdir(dir)).filter((name) => name.startsWith('torn')),
        [],
      );
    }
  },
);

t.test(
  'a folder that cannot be written is told at the opening',
  { skip: root ? false : 'needs root for a read-only file system' },
  async (t) => {
    const dir = await freshFolder(t);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,ro', 'tmpfs', dir]);
    t.teardown(() => execFileSync('umount', ['-l', dir]));
    for (const folder of [dir, join(dir, 'ledger')]) {
      await t.rejects(Ledger.open(folder, { clock: () => START }), { code: 'ledger-unwritable' });
    }
  },
);
