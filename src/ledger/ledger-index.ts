import { rm } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { SarachiError } from '../errors.js';
import { canonicalJson } from './canonical-json.js';
import type { LedgerEntry } from './entry.js';
import { CHAIN_START, type ChainEnd } from './entry-line.js';
import type { Ledger } from './ledger.js';
import { RestrictionIndex } from './restriction-index.js';
import { RESTRICTION_TABLES, takeRestriction } from './restriction-tables.js';
import {
  conditionsOf,
  type RunPage,
  type RunQuery,
  type RunRow,
  type RunSummary,
  summaryOf,
  writeCursor,
} from './run-index.js';
import { unwritable } from './segment-writer.js';

/** Raised with every change of the tables: an index of another number is made anew. */
const SCHEMA = 4;
const TABLES = `
  CREATE TABLE runs (run TEXT PRIMARY KEY, port TEXT NOT NULL, opened_seq INTEGER NOT NULL UNIQUE,
    opened_at TEXT NOT NULL, settled_at TEXT, serial TEXT, imeis TEXT NOT NULL DEFAULT '[]', model TEXT,
    verdict TEXT, lane TEXT, identified INTEGER NOT NULL DEFAULT 0, certificate TEXT);
  CREATE INDEX runs_unfinished ON runs (opened_seq) WHERE settled_at IS NULL OR certificate IS NULL;
  CREATE INDEX runs_by_serial ON runs (serial, opened_seq);
  CREATE TABLE imeis (imei TEXT NOT NULL, run TEXT NOT NULL, PRIMARY KEY (imei, run)) WITHOUT ROWID;
  CREATE INDEX imeis_by_run ON imeis (run);
  CREATE TABLE lines (seq INTEGER PRIMARY KEY, run TEXT, line TEXT NOT NULL);
  CREATE INDEX lines_by_run ON lines (run, seq);
  CREATE INDEX lines_of_acts ON lines (seq) WHERE json_extract(line, '$.type') = 'operator-acted';
  ${RESTRICTION_TABLES}
  CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, at TEXT NOT NULL);
  PRAGMA user_version = ${SCHEMA};`;

// Only what the index itself needs; an entry that says less is kept as a line and shown with less.
const identityBody = z.object({
  evidence: z.object({
    kind: z.literal('identity'),
    value: z.object({
      identity: z.object({
        serial: z.string().nullable(),
        model: z.string().nullable(),
        imeis: z.array(z.string()),
      }),
    }),
  }),
});
const openedBody = z.object({ handset: z.string() });
const issuedBody = z.object({ sha256: z.string() });
const settledBody = z.object({
  verdict: z.enum(['passed', 'failed', 'inconclusive']),
  lane: z.enum(['release', 'attention', 'quarantine', 'destroy', 'return']),
});

/** A cache of the ledger for queries. Deleting its file loses nothing: it is read from the ledger again. */
export class LedgerIndex {
  /** What carriers said about IMEIs, by the same entries. */
  readonly restrictions: RestrictionIndex;
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
    this.restrictions = new RestrictionIndex(database);
  }

  /** Opens the index file and brings it level with the ledger: by the missing entries, or anew where it does not fit. */
  static async open(file: string, ledger: Pick<Ledger, 'head' | 'entries'>): Promise<LedgerIndex> {
    const found = openDatabase(file);
    if (found) {
      const index = new LedgerIndex(found);
      if (await index.#catchUp(ledger)) return index;
      index.close();
    }
    for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true });
    const fresh = openDatabase(file);
    if (!fresh) throw new SarachiError('internal', { reason: 'a new index cannot be read', file });
    const index = new LedgerIndex(fresh);
    if (await index.#catchUp(ledger)) return index;
    index.close();
    throw new SarachiError('ledger-corrupt', { what: 'the ledger changed while it was indexed' });
  }

  head(): ChainEnd {
    return readHead(this.#database);
  }

  /** Takes the next entry of the ledger. Throws `internal` for any other than the next one. */
  apply(entry: LedgerEntry): void {
    this.#database.transaction(() => this.#take(entry))();
  }

  /** Runs by filter, newest first. Throws `bad-request`. */
  runs(query: RunQuery): RunPage {
    const { where, values } = conditionsOf(query);
    const rows = this.#database
      .prepare(`SELECT * FROM runs r ${where} ORDER BY opened_seq DESC LIMIT ?`)
      .all(...values, query.limit + 1) as RunRow[];
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      runs: shown.map(summaryOf),
      nextCursor: rows.length > shown.length && last ? writeCursor(last.opened_seq) : null,
    };
  }

  run(id: string): RunSummary | null {
    const row = this.#database.prepare('SELECT * FROM runs WHERE run = ?').get(id);
    return row === undefined ? null : summaryOf(row as RunRow);
  }

  /** Runs without a verdict, and identified ones whose certificate is not written yet; oldest first. */
  unfinishedRuns(): readonly string[] {
    const rows = this.#database
      .prepare(
        `SELECT run FROM runs WHERE (settled_at IS NULL OR certificate IS NULL)
         AND (settled_at IS NULL OR identified = 1) ORDER BY opened_seq`,
      )
      .all() as { run: string }[];
    return rows.map(({ run }) => run);
  }

  /** The newest run of each port. */
  lastRuns(): readonly string[] {
    const rows = this.#database
      .prepare('SELECT run, max(opened_seq) FROM runs GROUP BY port ORDER BY port')
      .all() as { run: string }[];
    return rows.map(({ run }) => run);
  }

  /** Ports whose last hold was not released. */
  heldPorts(): readonly string[] {
    const rows = this.#database
      .prepare(
        `SELECT json_extract(line, '$.port') AS port, json_extract(line, '$.body.action') AS action, max(seq)
         FROM lines WHERE json_extract(line, '$.type') = 'operator-acted'
         AND json_extract(line, '$.body.action') IN ('hold', 'release') GROUP BY port ORDER BY port`,
      )
      .all() as { port: string; action: string }[];
    return rows.filter(({ action }) => action === 'hold').map(({ port }) => port);
  }

  /** The newest entry that put this port on hold; null where none did. */
  holdOf(port: string): LedgerEntry | null {
    const row = this.#database
      .prepare(
        `SELECT line FROM lines WHERE json_extract(line, '$.type') = 'operator-acted'
         AND json_extract(line, '$.body.action') = 'hold' AND json_extract(line, '$.port') = ?
         ORDER BY seq DESC LIMIT 1`,
      )
      .get(port) as { line: string } | undefined;
    return row === undefined ? null : (JSON.parse(row.line) as LedgerEntry);
  }

  /** Every entry of one run, oldest first. */
  entriesOf(run: string): readonly LedgerEntry[] {
    const rows = this.#database
      .prepare('SELECT line FROM lines WHERE run = ? ORDER BY seq')
      .all(run) as { line: string }[];
    return rows.map(({ line }) => JSON.parse(line) as LedgerEntry);
  }

  /** Entries after `seq` and not before `at`, oldest first; the newest `most` of them where there are more. */
  recent(after: number, at: string, most = 20_000): readonly LedgerEntry[] {
    const found: LedgerEntry[] = [];
    const rows = this.#database
      .prepare('SELECT line FROM lines WHERE seq > ? ORDER BY seq DESC LIMIT ?')
      .iterate(after, most) as IterableIterator<{ line: string }>;
    for (const { line } of rows) {
      const entry = JSON.parse(line) as LedgerEntry;
      if (entry.at < at) break;
      found.push(entry);
    }
    return found.reverse();
  }

  close(): void {
    this.#database.close();
  }

  /** False where what the index holds is not a beginning of this ledger. */
  async #catchUp(ledger: Pick<Ledger, 'head' | 'entries'>): Promise<boolean> {
    const [have, want] = [this.head(), ledger.head()];
    if (have.seq === want.seq) return have.hash === want.hash;
    if (have.seq > want.seq) return false;
    let batch: LedgerEntry[] = [];
    const flush = this.#database.transaction(() => {
      for (const entry of batch) this.#take(entry);
    });
    for await (const entry of ledger.entries()) {
      if (entry.seq === have.seq && entry.hash !== have.hash) return false;
      if (entry.seq <= have.seq) continue;
      if (batch.push(entry) < 1000) continue;
      flush();
      batch = [];
    }
    flush();
    return this.head().hash === want.hash;
  }

  #take(entry: LedgerEntry): void {
    const db = this.#database;
    const head = this.head();
    if (entry.seq !== head.seq + 1 || entry.prev !== head.hash) {
      throw new SarachiError('internal', {
        reason: 'not the next entry for the index',
        has: head.seq,
        given: entry.seq,
      });
    }
    db.prepare('INSERT INTO lines VALUES (?, ?, ?)').run(
      entry.seq,
      entry.run,
      canonicalJson(entry),
    );
    if (entry.run !== null) this.#fold(entry, entry.run);
    takeRestriction(db, entry);
    db.prepare('UPDATE head SET seq = ?, hash = ?, at = ?').run(entry.seq, entry.hash, entry.at);
  }

  #fold(entry: LedgerEntry, run: string): void {
    const db = this.#database;
    if (entry.type === 'run-opened') {
      const body = openedBody.safeParse(entry.body).data;
      const serial = body ? body.handset.slice(body.handset.indexOf(':') + 1) : null;
      db.prepare(
        'INSERT OR IGNORE INTO runs (run, port, opened_seq, opened_at, serial) VALUES (?, ?, ?, ?, ?)',
      ).run(run, entry.port ?? '', entry.seq, entry.at, serial);
    } else if (entry.type === 'run-settled') {
      const body = settledBody.safeParse(entry.body).data;
      if (!body) return;
      db.prepare('UPDATE runs SET settled_at = ?, verdict = ?, lane = ? WHERE run = ?').run(
        entry.at,
        body.verdict,
        body.lane,
        run,
      );
    } else if (entry.type === 'certificate-issued') {
      const sha256 = issuedBody.safeParse(entry.body).data?.sha256 ?? null;
      db.prepare('UPDATE runs SET certificate = ? WHERE run = ?').run(sha256, run);
    } else if (entry.type === 'evidence') {
      const identity = identityBody.safeParse(entry.body).data?.evidence.value.identity;
      if (!identity) return;
      db.prepare(
        'UPDATE runs SET serial = coalesce(?, serial), model = ?, imeis = ?, identified = 1 WHERE run = ?',
      ).run(identity.serial, identity.model, canonicalJson(identity.imeis), run);
      db.prepare('DELETE FROM imeis WHERE run = ?').run(run);
      const add = db.prepare('INSERT OR IGNORE INTO imeis VALUES (?, ?)');
      for (const imei of identity.imeis) add.run(imei, run);
    }
  }
}

/** Null where the file is no index of this schema. */
function openDatabase(file: string): Database.Database | null {
  let database: Database.Database | null = null;
  try {
    database = new Database(file);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    const version = database.pragma('user_version', { simple: true });
    const tables = database.prepare('SELECT count(*) AS n FROM sqlite_master').get() as {
      n: number;
    };
    if (version === 0 && tables.n === 0) {
      database.exec(`BEGIN; ${TABLES} COMMIT;`);
      database
        .prepare('INSERT INTO head VALUES (1, ?, ?, ?)')
        .run(CHAIN_START.seq, CHAIN_START.hash, CHAIN_START.at);
    }
    if (version !== SCHEMA && tables.n > 0) throw new Error(`schema ${version}`);
    readHead(database);
    return database;
  } catch (error) {
    database?.close();
    if (isHostTrouble(error)) throw unwritable(error, { file });
    return null;
  }
}

function readHead(database: Database.Database): ChainEnd {
  const row = database.prepare('SELECT seq, hash, at FROM head').get();
  if (row === undefined) throw new SarachiError('internal', { reason: 'the index has no head' });
  return row as ChainEnd;
}

function isHostTrouble(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    /^SQLITE_(BUSY|CANTOPEN|FULL|IOERR|READONLY)/.test(error.code)
  );
}
