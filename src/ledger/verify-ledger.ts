import type { LedgerEntry } from './entry.js';
import { CHAIN_START, type ChainEnd } from './entry-line.js';
import { walkLedger } from './walk.js';

export interface LedgerFault {
  readonly segment: string;
  readonly line: number;
  readonly what: string;
}

export interface LedgerReport {
  readonly ok: boolean;
  /** Lines that could be read as entries. */
  readonly entries: number;
  /** The last entry that could be read. */
  readonly head: ChainEnd;
  readonly faults: readonly LedgerFault[];
}

/**
 * Checks a ledger folder from outside, without locking or changing it: form, hash, order, time and completeness of every
 * line. A cut at the very end leaves a shorter chain that holds: compare `head` with a copy kept elsewhere, or with certificates.
 * `visit` is shown each entry that holds. Rejects with the file system's error where the folder cannot be read.
 */
export async function verifyLedger(
  dir: string,
  visit: (entry: LedgerEntry) => void = () => undefined,
): Promise<LedgerReport> {
  const faults: LedgerFault[] = [];
  let entries = 0;
  let head: ChainEnd = CHAIN_START;
  for await (const { segment, line, entry, fault } of walkLedger(dir)) {
    if (fault) faults.push({ segment, line, what: fault });
    else if (entry) visit(entry);
    if (!entry) continue;
    entries += 1;
    head = { seq: entry.seq, hash: entry.hash, at: entry.at };
  }
  return { ok: faults.length === 0, entries, head, faults };
}
