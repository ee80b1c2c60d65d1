import { SarachiError } from '../errors.js';
import type { Lane, LedgerEntry, Verdict } from './entry.js';

/** What was said about an IMEI, with the entry that took it back, if one did. */
export interface RestrictionRecord {
  readonly entry: LedgerEntry;
  readonly withdrawal: LedgerEntry | null;
}

/** A mark that counts: a carrier, or somebody in its name, said it, and nobody took it back. Times are ISO, UTC. */
export interface KnownAnswer {
  readonly seq: number;
  readonly mark: string;
  /** When it was true. */
  readonly checkedAt: string;
  /** When it came into the ledger. */
  readonly at: string;
}

/** How one carrier's mark for one IMEI stands. */
export interface MarkStanding {
  /** The one of the latest check. */
  readonly newest: KnownAnswer | null;
  /** The one that came into the ledger first. */
  readonly first: KnownAnswer | null;
  /** The mark that the last `restriction-changed` told, where what it rests on still counts. */
  readonly told: string | null;
}

export interface RunOfImei {
  readonly run: string;
  readonly port: string;
  readonly settledAt: string | null;
  readonly verdict: Verdict | null;
  readonly lane: Lane | null;
  /** SHA-256 of the certificate; null while there is none. */
  readonly certificate: string | null;
}

export interface ChangeQuery {
  /** ISO time: changes of that time and later. */
  readonly since?: string;
  /** Opaque; from the page before. */
  readonly cursor?: string;
  /** 1 to 200. */
  readonly limit: number;
}

export interface ChangePage {
  /** Oldest first; `withdrawn` where what it rests on was taken back. */
  readonly changes: readonly { readonly entry: LedgerEntry; readonly withdrawn: boolean }[];
  /** Where the next page begins, also where it is still empty; null while there never was a change. */
  readonly nextCursor: string | null;
  readonly more: boolean;
}

export interface StockQuery {
  readonly lanes: readonly string[];
  /** ISO time: runs that settled then or later. */
  readonly settledFrom: string;
  /** The place of the page before; 0 for the first. */
  readonly after: number;
  /** How many runs to look at. */
  readonly limit: number;
}

/** One IMEI that left the rack, and what is known about it. */
export interface StockItem {
  readonly imei: string;
  readonly run: string;
  /** ISO time of the verdict of its last run. */
  readonly settledAt: string;
  /** By carrier: the mark that counts and when it was true, and when the carrier was asked last, whatever it said. */
  readonly known: readonly {
    readonly carrier: string;
    readonly mark: string | null;
    readonly checkedAt: string | null;
    readonly triedAt: string;
  }[];
}

export interface StockPage {
  readonly items: readonly StockItem[];
  /** null on the last page. */
  readonly next: number | null;
}

export function writeChangeCursor(seq: number): string {
  return Buffer.from(`after:${seq}`).toString('base64url');
}

/** Throws `bad-request`. */
export function readChangeCursor(cursor: string): number {
  const said = /^after:(0|[1-9][0-9]{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!said) throw new SarachiError('bad-request', { parameter: 'cursor' });
  return Number(said[1]);
}
