import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import type { LedgerEntry, NewEntry, Verdict } from '../../src/ledger/entry.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { LedgerIndex } from '../../src/ledger/ledger-index.js';
import type { RunQuery } from '../../src/ledger/run-index.js';
import { DAY, freshFolder, readEntries, START } from './helpers/ledgers.js';

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

function said(imei: string, mark: string, day: number, change: object = {}): NewEntry {
  const answer = {
    ...{ carrier: 'docomo', imei, mark, outcome: mark === 'unknown' ? 'captcha' : 'ok' },
    ...{ source: 'web', checkedAt: new Date(START + day * DAY).toISOString(), ...change },
  };
  return {
    ...{ type: 'restriction-answered', run: null, port: null },
    body: { answer, by: 'watch', reason: 'recheck' },
  };
}

function dump(index: LedgerIndex) {
  const { runs } = index.runs({ limit: 200 });
  const { restrictions } = index;
  const imeis = ['350', '351', '352', '353'];
  return {
    ...{ head: index.head(), runs, entries: runs.map(({ run }) => index.entriesOf(run)) },
    ...{ marks: restrictions.newestMarks(), changes: restrictions.changes({ limit: 200 }) },
    answers: imeis.map((imei) => restrictions.answersOf(imei, 100)),
  };
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

/** A changed mark, one that was taken back with what was told of it, and one that says no mark. */
const RESTRICTIONS: readonly NewEntry[] = [
  said('350', 'circle', 1),
  said('350', 'cross', 3),
  changed('350', 26),
  said('350', 'unknown', 4),
  said('351', 'circle', 1),
  said('351', 'cross', 2),
  changed('351', 30),
  {
    ...{ type: 'restriction-withdrawn', run: null, port: null },
    body: {
      ...{ carrier: 'docomo', imeis: ['351'], why: 'canary-wrong', answers: [30] },
      at: new Date(START + 2.5 * DAY).toISOString(),
    },
  },
];

function changed(imei: string, answer: number): NewEntry {
  const body = { carrier: 'docomo', imei, from: 'circle', to: 'cross', scope: 'carrier', answer };
  return {
    ...{ type: 'restriction-changed', run: null, port: null },
    body: { ...body, runs: [], certificates: [] },
  };
}

t.test('knows what carriers said, what counts of it and what was told', async (t) => {
  const { ledger, file, add } = await rack(t);
  const index = await LedgerIndex.open(file, ledger);
  const { restrictions } = index;
  for (const number of [0, 1, 2, 3, 4, 5])
    for (const entry of await add(entriesOfRun(number))) index.apply(entry);
  for (const entry of await add(RESTRICTIONS)) index.apply(entry);
  const docomo = (imei: string) => ({ imei, carrier: 'docomo' });
  t.match(restrictions.standing(docomo('350')), {
    ...{ newest: { seq: 26, mark: 'cross' }, first: { seq: 25 }, told: 'cross' },
  });
  t.match(
    restrictions.standing(docomo('351')),
    { newest: { seq: 29, mark: 'circle' }, told: null },
    'what was taken back counts no more, nor does what was told of it',
  );
  t.same(restrictions.standing({ imei: '350', carrier: 'kddi' }), {
    ...{ newest: null, first: null, told: null },
  });
  t.match(restrictions.newestMarks(), [
    { imei: '350', carrier: 'docomo', mark: 'cross' },
    { imei: '351', carrier: 'docomo', mark: 'circle' },
  ]);
  t.same(restrictions.pairsWithNews(), [docomo('350')]);
  t.match(restrictions.answersOf('351', 10), [
    { entry: { seq: 30 }, withdrawal: { seq: 32, body: { why: 'canary-wrong' } } },
    { entry: { seq: 29 }, withdrawal: null },
  ]);
  t.equal(restrictions.answersOf('350', 2).length, 2);
  const at = (day: number) => new Date(START + day * DAY).toISOString();
  t.ok(restrictions.isWithdrawn(docomo('351'), at(2.5)));
  t.notOk(restrictions.isWithdrawn(docomo('351'), at(2)));
  const jst = at(1).replace('Z', '+00:00');
  t.ok(restrictions.knows({ ...docomo('350'), mark: 'circle', checkedAt: jst }));
  t.notOk(restrictions.knows({ ...docomo('350'), mark: 'dash', checkedAt: jst }));
  t.notOk(restrictions.knows({ ...docomo('351'), mark: 'cross', checkedAt: at(2) }), 'taken back');
  t.match(restrictions.askedUntil(docomo('350'), at(3)), [{ seq: 26 }, { seq: 25 }]);
  t.match(restrictions.askedUntil(docomo('350'), at(2)), [{ seq: 25 }]);
  t.match(restrictions.runsOf('350', 10), [
    { run: 'run-0', lane: 'release', verdict: 'passed', certificate: null },
  ]);

  const first = restrictions.changes({ limit: 1 });
  t.match(first, { changes: [{ entry: { seq: 27 }, withdrawn: false }], more: true });
  const second = restrictions.changes({ limit: 1, cursor: first.nextCursor ?? '' });
  t.match(second, { changes: [{ entry: { seq: 31 }, withdrawn: true }], more: false });
  const none = restrictions.changes({ limit: 1, cursor: second.nextCursor ?? '' });
  t.same(none, { changes: [], nextCursor: second.nextCursor, more: false });
  t.equal(restrictions.changes({ limit: 9, since: '2199-01-01T00:00:00Z' }).changes.length, 0);
  for (const bad of [{ limit: 0 }, { limit: 1, cursor: 'x' }, { limit: 1, since: 'x' }])
    t.throws(() => restrictions.changes(bad), { code: 'bad-request' });
  index.close();
});

t.test('knows what left the rack by its last run', async (t) => {
  const { ledger, file, add } = await rack(t);
  const index = await LedgerIndex.open(file, ledger);
  const take = async (entries: readonly NewEntry[]) => {
    for (const entry of await add(entries)) index.apply(entry);
  };
  for (const number of [0, 1, 3, 6, 9]) await take(entriesOfRun(number));
  const pages = (changes: object = {}) => {
    const query = { lanes: ['release'], settledFrom: '2000-01-01T00:00:00Z', limit: 2, ...changes };
    const items = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: ReturnType<typeof index.restrictions.stock> = index.restrictions.stock({
        ...{ ...query, after },
      });
      items.push(...page.items);
      after = page.next;
    }
    return items;
  };
  t.match(pages(), [
    { imei: '350', run: 'run-0', known: [] },
    { imei: '353', run: 'run-3', known: [] },
    { imei: '356', run: 'run-6', known: [] },
  ]);
  t.same(pages({ lanes: [] }), []);
  t.equal(pages({ lanes: ['quarantine', 'release'] }).length, 4);
  t.same(pages({ settledFrom: '2199-01-01T00:00:00Z' }), []);
  await take([said('353', 'circle', 1), said('353', 'unknown', 2), said('999', 'dash', 1)]);
  t.match(
    pages(),
    [
      { imei: '353', known: [{ carrier: 'docomo', mark: 'circle', triedAt: /T/ }] },
      { imei: '999', run: 'run-6' },
    ],
    'the second IMEI stands for a handset only where something was said about it, and for its last run',
  );
  const [item] = pages();
  t.equal(item?.known[0]?.checkedAt, new Date(START + DAY).toISOString());
  t.equal(item?.known[0]?.triedAt, new Date(START + 2 * DAY).toISOString());
  index.close();
});

t.test('equals the ledger after every way of losing it', async (t) => {
  const { ledger, file, add } = await rack(t);
  const live = await LedgerIndex.open(file, ledger);
  for (let number = 0; number < 6; number += 1) {
    for (const entry of await add(entriesOfRun(number))) live.apply(entry);
  }
  const runs = await readEntries(ledger);
  for (const entry of await add(RESTRICTIONS)) live.apply(entry);
  const wanted = dump(live);
  t.same([...wanted.entries].reverse().flat(), runs);
  t.equal(wanted.marks.length, 2);
  t.equal(wanted.changes.changes.length, 2);
  const all = await readEntries(ledger);
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
