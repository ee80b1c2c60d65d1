import { SarachiError } from '../errors.js';
import type { Lane, Verdict } from './entry.js';

export interface RunSummary {
  readonly run: string;
  readonly port: string;
  readonly openedAt: string;
  readonly settledAt: string | null;
  readonly serial: string | null;
  readonly imeis: readonly string[];
  readonly model: string | null;
  readonly verdict: Verdict | null;
  readonly lane: Lane | null;
}

export interface RunQuery {
  readonly imei?: string;
  readonly serial?: string;
  readonly verdict?: Verdict;
  /** ISO times, both inclusive, on `openedAt`. */
  readonly from?: string;
  readonly to?: string;
  /** Opaque; from the page before. */
  readonly cursor?: string;
  /** 1 to 200. */
  readonly limit: number;
}

export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** A run as the index stores it. */
export interface RunRow {
  readonly run: string;
  readonly port: string;
  readonly opened_seq: number;
  readonly opened_at: string;
  readonly settled_at: string | null;
  readonly serial: string | null;
  readonly imeis: string;
  readonly model: string | null;
  readonly verdict: Verdict | null;
  readonly lane: Lane | null;
}

export function summaryOf(row: RunRow): RunSummary {
  return {
    run: row.run,
    port: row.port,
    openedAt: row.opened_at,
    settledAt: row.settled_at,
    serial: row.serial,
    imeis: JSON.parse(row.imeis) as string[],
    model: row.model,
    verdict: row.verdict,
    lane: row.lane,
  };
}

/** A query as SQL conditions with their values. Throws `bad-request` naming the parameter. */
export function conditionsOf(query: RunQuery): {
  readonly where: string;
  readonly values: readonly (string | number)[];
} {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > 200) throw bad('limit');
  const parts: [string, string | number][] = [];
  if (query.imei !== undefined) {
    parts.push(['EXISTS (SELECT 1 FROM imeis i WHERE i.run = r.run AND i.imei = ?)', query.imei]);
  }
  if (query.serial !== undefined) parts.push(['serial = ?', query.serial]);
  if (query.verdict !== undefined) parts.push(['verdict = ?', query.verdict]);
  if (query.from !== undefined) parts.push(['opened_at >= ?', isoTime(query.from, 'from')]);
  if (query.to !== undefined) parts.push(['opened_at <= ?', isoTime(query.to, 'to')]);
  if (query.cursor !== undefined) parts.push(['opened_seq < ?', readCursor(query.cursor)]);
  return {
    where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
    values: parts.map(([, value]) => value),
  };
}

export function writeCursor(openedSeq: number): string {
  return Buffer.from(`before:${openedSeq}`).toString('base64url');
}

function readCursor(cursor: string): number {
  const said = /^before:([1-9][0-9]{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!said) throw bad('cursor');
  return Number(said[1]);
}

function isoTime(text: string, parameter: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw bad(parameter);
  // The one form that sorts as text in the order of time.
  return time.toISOString();
}

function bad(parameter: string): SarachiError {
  return new SarachiError('bad-request', { parameter });
}
