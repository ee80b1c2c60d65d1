import type Database from 'better-sqlite3';
import { SarachiError } from '../errors.js';
import type { LedgerEntry } from './entry.js';
import {
  type ChangePage,
  type ChangeQuery,
  type KnownAnswer,
  type MarkStanding,
  type RestrictionRecord,
  type RunOfImei,
  readChangeCursor,
  type StockItem,
  type StockPage,
  type StockQuery,
  writeChangeCursor,
} from './restriction-records.js';
import { COUNTS, utc } from './restriction-tables.js';

/** One carrier's mark for one IMEI. */
export interface Pair {
  readonly imei: string;
  readonly carrier: string;
}

const KNOWN = 'seq, mark, checked_at AS checkedAt, at';

/** The questions about what carriers said, asked of the ledger's index. */
export class RestrictionIndex {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Everything that was said about an IMEI, newest entry first. */
  answersOf(imei: string, limit: number): readonly RestrictionRecord[] {
    const sql = `${ANSWERS} WHERE r.imei = ? ORDER BY r.seq DESC LIMIT ?`;
    return this.#rows<AnswerRow>(sql, imei, limit).map(recordOf);
  }

  /** What was said in one entry; null where that entry is none of these. */
  answerAt(seq: number): RestrictionRecord | null {
    return this.#rows<AnswerRow>(`${ANSWERS} WHERE r.seq = ?`, seq).map(recordOf)[0] ?? null;
  }

  /** What counts now for an IMEI at a carrier, and what was told about it last. */
  standing({ imei, carrier }: Pair): MarkStanding {
    const counting = `SELECT ${KNOWN} FROM restrictions WHERE imei = ? AND carrier = ? AND ${COUNTS}`;
    const newest = `${counting} ORDER BY checked_at DESC, seq DESC LIMIT 1`;
    const first = `${counting} ORDER BY seq LIMIT 1`;
    const told = `SELECT c.mark FROM restriction_changes c JOIN restrictions r ON r.seq = c.answer
      WHERE c.imei = ? AND c.carrier = ? AND r.withdrawn IS NULL ORDER BY c.seq DESC LIMIT 1`;
    return {
      newest: this.#rows<KnownAnswer>(newest, imei, carrier)[0] ?? null,
      first: this.#rows<KnownAnswer>(first, imei, carrier)[0] ?? null,
      told: this.#rows<{ mark: string }>(told, imei, carrier)[0]?.mark ?? null,
    };
  }

  /** The newest mark that counts, of every IMEI and carrier. */
  newestMarks(): readonly (Pair & KnownAnswer)[] {
    return this.#rows(
      `SELECT imei, carrier, seq, mark, checkedAt, at FROM (SELECT imei, carrier, ${KNOWN}, row_number() OVER
         (PARTITION BY imei, carrier ORDER BY checked_at DESC, seq DESC) AS place
       FROM restrictions WHERE ${COUNTS}) WHERE place = 1 ORDER BY imei, carrier`,
    );
  }

  /** Where there may be something to tell: more than one mark, or a cross. */
  pairsWithNews(): readonly Pair[] {
    return this.#rows(
      `SELECT imei, carrier FROM restrictions WHERE ${COUNTS} GROUP BY imei, carrier
       HAVING count(DISTINCT mark) > 1 OR max(mark = 'cross') ORDER BY imei, carrier`,
    );
  }

  /** Whether exactly this was said before and was not taken back. */
  knows(said: Pair & { readonly mark: string; readonly checkedAt: string }): boolean {
    const { imei, carrier, mark, checkedAt } = said;
    const sql = `SELECT 1 FROM restrictions WHERE imei = ? AND carrier = ? AND checked_at = ? AND mark = ?
      AND withdrawn IS NULL`;
    return this.#rows(sql, imei, carrier, utc(checkedAt), mark).length > 0;
  }

  /** The marks that count and that a carrier itself gave until a time, the latest check first. */
  askedUntil({ imei, carrier }: Pair, until: string): readonly KnownAnswer[] {
    return this.#rows(
      `SELECT ${KNOWN} FROM restrictions WHERE imei = ? AND carrier = ? AND ${COUNTS} AND checked_at <= ?
       AND source IN ('web', 'api') ORDER BY checked_at DESC, seq DESC`,
      ...[imei, carrier, utc(until)],
    );
  }

  /** Whether the withdrawal of that time is written already. */
  isWithdrawn({ imei, carrier }: Pair, at: string): boolean {
    const sql = `SELECT 1 FROM restriction_withdrawals WHERE carrier = ? AND imei = ? AND at = ?`;
    return this.#rows(sql, carrier, imei, utc(at)).length > 0;
  }

  /** Changes of marks, oldest first. Throws `bad-request`. */
  changes({ since, cursor, limit }: ChangeQuery): ChangePage {
    if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw bad('limit');
    if (since !== undefined && Number.isNaN(Date.parse(since))) throw bad('since');
    const after = cursor === undefined ? 0 : readChangeCursor(cursor);
    const rows = this.#rows<ChangeRow>(
      `${CHANGES} WHERE c.seq > ? AND c.at >= ? ORDER BY c.seq LIMIT ?`,
      ...[after, since === undefined ? '' : utc(since), limit + 1],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1)?.seq ?? after;
    return {
      changes: shown.map(changeOf),
      nextCursor: last > 0 ? writeChangeCursor(last) : null,
      more: rows.length > shown.length,
    };
  }

  /** The changes of one IMEI, newest first. */
  changesOf(imei: string, limit: number): ChangePage['changes'] {
    const sql = `${CHANGES} WHERE c.imei = ? ORDER BY c.seq DESC LIMIT ?`;
    return this.#rows<ChangeRow>(sql, imei, limit).map(changeOf);
  }

  /** The runs of an IMEI, newest first. */
  runsOf(imei: string, limit: number): readonly RunOfImei[] {
    return this.#rows(
      `SELECT r.run, r.port, r.settled_at AS settledAt, r.verdict, r.lane, r.certificate FROM imeis i
       JOIN runs r ON r.run = i.run WHERE i.imei = ? ORDER BY r.opened_seq DESC LIMIT ?`,
      ...[imei, limit],
    );
  }

  /**
   * What left the rack, in pages, by the last settled run of each IMEI. Of a handset with two IMEIs those stand for it
   * about which anything was ever said; where nothing was, the first.
   */
  stock({ lanes, settledFrom, after, limit }: StockQuery): StockPage {
    const runs = this.#rows<StockRun>(
      `SELECT run, imeis, settled_at AS settledAt, opened_seq AS place FROM runs
       WHERE opened_seq > ? AND settled_at >= ? AND lane IN (SELECT value FROM json_each(?))
       ORDER BY opened_seq LIMIT ?`,
      ...[after, utc(settledFrom), JSON.stringify(lanes), limit],
    );
    const last = runs.length < limit ? null : runs.at(-1);
    return { items: runs.flatMap((run) => this.#itemsOf(run)), next: last?.place ?? null };
  }

  #itemsOf({ run, imeis, settledAt, place }: StockRun): StockItem[] {
    const items = (JSON.parse(imeis) as string[]).map((imei) => ({
      ...{ imei, run, settledAt },
      known: this.#rows<StockItem['known'][number]>(KNOWN_OF_IMEI, imei, imei),
    }));
    const asked = items.filter(({ known }) => known.length > 0);
    const standing = asked.length > 0 ? asked : items.slice(0, 1);
    return standing.filter(({ imei }) => this.#rows(LATER_RUN, imei, place).length === 0);
  }

  #rows<Row>(sql: string, ...values: (string | number)[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[];
  }
}

const ANSWERS = `SELECT l.line, w.line AS withdrawal FROM restrictions r JOIN lines l ON l.seq = r.seq
  LEFT JOIN lines w ON w.seq = r.withdrawn`;

const CHANGES = `SELECT c.seq, l.line, r.withdrawn FROM restriction_changes c JOIN lines l ON l.seq = c.seq
  LEFT JOIN restrictions r ON r.seq = c.answer`;

const LATER_RUN = `SELECT 1 FROM imeis i JOIN runs r ON r.run = i.run
  WHERE i.imei = ? AND r.opened_seq > ? AND r.settled_at IS NOT NULL LIMIT 1`;

// SQLite takes the other columns of a group from the row that max() found.
const KNOWN_OF_IMEI = `SELECT t.carrier, t.triedAt, n.mark, n.checkedAt
  FROM (SELECT carrier, max(checked_at) AS triedAt FROM restrictions
    WHERE imei = ? AND withdrawn IS NULL GROUP BY carrier) t
  LEFT JOIN (SELECT carrier, mark, max(checked_at) AS checkedAt FROM restrictions
    WHERE imei = ? AND ${COUNTS} GROUP BY carrier) n ON n.carrier = t.carrier ORDER BY t.carrier`;

interface AnswerRow {
  readonly line: string;
  readonly withdrawal: string | null;
}

interface ChangeRow {
  readonly seq: number;
  readonly line: string;
  readonly withdrawn: number | null;
}

interface StockRun {
  readonly run: string;
  readonly imeis: string;
  readonly settledAt: string;
  readonly place: number;
}

function recordOf({ line, withdrawal }: AnswerRow): RestrictionRecord {
  return {
    entry: entryOf(line),
    withdrawal: withdrawal === null ? null : entryOf(withdrawal),
  };
}

function changeOf({ line, withdrawn }: ChangeRow): ChangePage['changes'][number] {
  return { entry: entryOf(line), withdrawn: withdrawn !== null };
}

/** Cast, not checked: the line was verified when the ledger was opened. */
function entryOf(line: string): LedgerEntry {
  return JSON.parse(line) as LedgerEntry;
}

function bad(parameter: string): SarachiError {
  return new SarachiError('bad-request', { parameter });
}
