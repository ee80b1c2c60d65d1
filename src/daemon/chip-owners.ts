import type { RunBook } from '../pipeline/run-book.js';
import type { RunRecord } from '../pipeline/run-record.js';
import type { Clock } from '../wait.js';

/** A handset that was forgotten on a reader is found there the same day. */
const REMEMBERED_MS = 24 * 3_600_000;
const PAGE = 200;

/**
 * Which chip was found to be which handset's of late, over runs that have ended too: what still lies on a reader must
 * never be taken for the next handset's chip.
 */
export class ChipOwners {
  readonly #owners = new Map<string, { readonly owner: string; readonly at: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes up what the ledger knows of the last day. */
  readFrom(book: RunBook): void {
    const from = new Date(this.#clock() - REMEMBERED_MS).toISOString();
    let cursor: string | undefined;
    do {
      const page = book.index.runs({ from, limit: PAGE, ...(cursor ? { cursor } : {}) });
      for (const { run } of page.runs) {
        const record = book.record(run);
        if (record) this.learn(record);
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
  }

  learn(record: RunRecord): void {
    for (const { kind, holds, at, value } of record.evidence) {
      if (kind !== 'felica-identity-bound' || !holds) continue;
      for (const digest of [value['container'], value['management']]) {
        if (typeof digest !== 'string') continue;
        this.#owners.set(digest, { owner: ownerOf(record), at: Date.parse(at) });
      }
    }
  }

  /** Whether a chip with this digest was another handset's. */
  isAnothers(digest: string, record: RunRecord): boolean {
    const known = this.#owners.get(digest);
    if (!known || this.#clock() - known.at > REMEMBERED_MS) return false;
    return known.owner !== ownerOf(record);
  }
}

/** The handset, which may come back in another run; the run where nobody knows it. */
function ownerOf({ handset, run }: RunRecord): string {
  return handset ?? run;
}
