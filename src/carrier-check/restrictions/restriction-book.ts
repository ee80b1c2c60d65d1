import type { JsonObject } from '../../evidence.js';
import type { Carrier } from '../marks.js';

/** One carrier's mark for one IMEI. */
export interface Pair {
  readonly imei: string;
  readonly carrier: Carrier;
}

/** A mark that counts. Times are ISO, UTC; `at` is when it came into the ledger. */
export interface KnownMark {
  readonly seq: number;
  readonly mark: string;
  readonly checkedAt: string;
  readonly at: string;
}

/** What counts for one pair: the mark of the latest check, the one that was written first, and the one that was told last. */
export interface Standing {
  readonly newest: KnownMark | null;
  readonly first: KnownMark | null;
  readonly told: string | null;
}

export interface BookEntry {
  readonly seq: number;
  readonly at: string;
  readonly run: string | null;
  readonly body: JsonObject;
}

/** A run of an IMEI; `certificate` is the SHA-256 of its certificate. */
export interface RunOfImei {
  readonly run: string;
  readonly port: string;
  readonly settledAt: string | null;
  readonly verdict: 'passed' | 'failed' | 'inconclusive' | null;
  readonly lane: 'release' | 'attention' | 'quarantine' | 'destroy' | 'return' | null;
  readonly certificate: string | null;
}

/** The questions of the desk to what is written. Every one is answered from the entries written so far. */
export interface RestrictionPages {
  standing(pair: Pair): Standing;
  knows(said: Pair & { readonly mark: string; readonly checkedAt: string }): boolean;
  askedUntil(pair: Pair, until: string): readonly KnownMark[];
  isWithdrawn(pair: Pair, at: string): boolean;
  pairsWithNews(): readonly { readonly imei: string; readonly carrier: string }[];
  answersOf(imei: string, limit: number): readonly AnswerPage[];
  answerAt(seq: number): AnswerPage | null;
  changesOf(imei: string, limit: number): readonly ChangeEntry[];
  runsOf(imei: string, limit: number): readonly RunOfImei[];
}

export interface AnswerPage {
  readonly entry: BookEntry;
  /** What took it back. */
  readonly withdrawal: BookEntry | null;
}

export interface ChangeEntry {
  readonly entry: BookEntry;
  /** What it rests on was taken back. */
  readonly withdrawn: boolean;
}

/** What the desk writes, and how it reads it again: the ledger, handed in. */
export interface RestrictionBook {
  /** Resolves when it is on disk. Rejects with ledger-unwritable. */
  append(entry: NewRestrictionEntry): Promise<BookEntry>;
  /** Anew for each look: the index can be opened again. */
  pages(): RestrictionPages;
}

export interface NewRestrictionEntry {
  readonly type: 'restriction-answered' | 'restriction-changed' | 'restriction-withdrawn';
  readonly run: string | null;
  readonly port: string | null;
  readonly body: JsonObject;
}
