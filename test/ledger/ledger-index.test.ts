import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import type { LedgerEntry, NewEntry, Verdict } from '../../src/ledger/entry.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { LedgerIndex } from '../../src/ledger/ledger-index.js';
import type { RunQuery } from '../../src/ledger/run-index.js';
import { freshFolder, readEntries, START } from './helpers/ledgers.js';

const VERDICTS: readonly Verdict[] = ['passed', 'failed', 'inconclusive'];

function entriesOfRun(number: number): NewEntry[] {
  const run = `run-${number}`;
  const at = { run, port: `P0${(number % 9) + 1}` };
  const identity = {
    serial: `SER${number % 4}`,
    model: `Model ${number}`,
    imeis: [`35${number}`, '999'],
  };
  const evidence = { kind: 'identity', value: { identity } };
  const lane = number % 3 === 0 ? 'release' : 'quarantine';
  return [
    { ...at, type: 'run-opened', body: { usbPath: '1-1', handset: `android:SER${number % 4}` } },
    { ...at, type: 'evidence', body: { evidence } },
    { ...at, type: 'evidence', body: { evidence: { kind: 'gates', value: {} } } },
    ...(number === 9
      ? []
      : [
          {
            ...at,
            type: 'run-settled' as const,
            body: { verdict: VERDICTS[number % 3] ?? 'failed', lane, reasons: [] },
          },
        ]),
  ];
}

async function rack(t: Test) {
  const dir = await freshFolder(t);
  let now = START;
  const ledger = await Ledger.open(join(dir, 'ledger'), { clock: () => (now += 1000) });
  t.teardown(() => ledger.close());
  const file = join(dir, 'index.sqlite');
  const add = async (entries: readonly NewEntry[]) => {
    const written: LedgerEntry[] = [];
    for (const entry of entries) written.push(await ledger.append(entry));
    return written;
  };
  return { ledger, file, add };
}

function dump(index: LedgerIndex) {
  const { runs } = index.runs({ limit: 200 });
  return { head: index.head(), runs, entries: runs.map(({ run }) => index.entriesOf(run)) };
}

t.test('answers by filter, newest first, in pages', async (t) => {
  const { ledger, file, add } = await rack(t);
  const index = await LedgerIndex.open(file, ledger);
  for (let number = 0; number < 10; number += 1) {
    for (const entry of await add(entriesOfRun(number))) index.apply(entry);
  }
  const ids = (query: Omit<RunQuery, 'limit'>) =>
    index.runs({ ...query, limit: 200 }).runs.map(({ run }) => Number(run.slice(4)));
  t.same(ids({}), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  t.same(ids({ serial: 'SER1' }), [9, 5, 1]);
  t.same(ids({ imei: '354' }), [4]);
  t.same(ids({ imei: '999', verdict: 'passed' }), [6, 3, 0]);
  t.same(ids({ verdict: 'failed', serial: 'SER0' }), [4]);
  const third = index.run('run-3');
  t.match(third, {
    port: 'P04',
    serial: 'SER3',
    model: 'Model 3',
    verdict: 'passed',
    lane: 'release',
  });
  t.same(third?.imeis, ['353', '999']);
  t.same(ids({ from: third?.openedAt ?? '', to: index.run('run-5')?.openedAt ?? '' }), [5, 4, 3]);
  t.same(ids({ to: (third?.openedAt ?? '').replace('Z', '+00:00') }), [3, 2, 1, 0]);
  t.match(index.run('run-9'), { settledAt: null, verdict: null, lane: null });
  t.equal(index.run('nope'), null);
  t.same(index.entriesOf('nope'), []);
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = index.runs({ limit: 4, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page.runs.map(({ run }) => run));
    cursor = page.nextCursor;
  }
  t.same(
    pages.map((page) => page.length),
    [4, 4, 2],
  );
  t.equal(new Set(pages.flat()).size, 10);
  for (const bad of [
    { limit: 0 },
    { limit: 201 },
    { limit: 1.5 },
    { limit: 1, cursor: 'x' },
    { limit: 1, from: 'x' },
    { limit: 1, to: '' },
  ]) {
    t.throws(() => index.runs(bad), { code: 'bad-request' });
  }
  index.close();
});

t.test('equals the ledger after every way of losing it', async (t) => {
  const { ledger, file, add } = await rack(t);
  const live = await LedgerIndex.open(file, ledger);
  for (let number = 0; number < 6; number += 1) {
    for (const entry of await add(entriesOfRun(number))) live.apply(entry);
  }
  const wanted = dump(live);
  const all = await readEntries(ledger);
  t.same(wanted.entries.flat().length, all.length);
  t.same([...wanted.entries].reverse().flat(), all);
  t.equal(wanted.head.hash, ledger.head().hash);
  t.throws(() => live.apply(all[3] as LedgerEntry), { code: 'internal' }, 'an old entry');
  live.close();
  const reopened = async (name: string) => {
    const index = await LedgerIndex.open(file, ledger);
    t.same(dump(index), wanted, name);
    index.close();
  };
  const edit = (sql: string) => {
    const database = new Database(file);
    database.exec(sql);
    database.close();
  };
  await reopened('as it was');
  await rm(file);
  await reopened('deleted');
  edit('PRAGMA user_version = 0');
  await reopened('of an older schema');
  edit(`UPDATE head SET hash = '${'f'.repeat(64)}'`);
  await reopened('of another ledger, same length');
  edit(`UPDATE head SET seq = seq + 5`);
  await reopened('ahead of the ledger');
  edit(`UPDATE head SET seq = 3, hash = '${'f'.repeat(64)}'; DELETE FROM lines WHERE seq > 3`);
  await reopened('behind, of another ledger');
  edit('DELETE FROM head');
  await reopened('without a head');
  await writeFile(file, 'this is no database, it is a text that is long enough to be read as one');
  await reopened('not a database');
  await writeFile(file, '');
  await reopened('empty file');
});

t.test('catches up with what was appended while it was away', async (t) => {
  const { ledger, file, add } = await rack(t);
  const first = await LedgerIndex.open(file, ledger);
  for (const entry of await add(entriesOfRun(1))) first.apply(entry);
  first.close();
  for (let number = 10; number < 300; number += 1) await add(entriesOfRun(number));
  const second = await LedgerIndex.open(file, ledger);
  t.equal(second.head().seq, ledger.head().seq);
  t.equal(second.run('run-299')?.model, 'Model 299');
  second.close();
});
