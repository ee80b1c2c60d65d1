import type { EarlierRun } from '../carrier-check/check-parts.js';
import type { Log } from '../log.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { CarrierBooks } from './carrier-desk.js';

/** Earlier runs that are looked at; more of one IMEI say nothing new. */
const MOST_RUNS = 20;

/** What the rack itself remembers of handsets, and its log for what carriers answer. */
export function carrierBooks(book: RunBook, log: Log): CarrierBooks {
  return {
    note: async ({ carrier, imei, mark, outcome, source }, { run, port, reason }) =>
      log.info({ carrier, imei, mark, outcome, source, run, port, reason }, 'carrier mark'),
    imported: async () => null,
    seenBefore: (imei, run) => earlierRuns(book, imei, run),
    onRevoked: (carrier, imeis) =>
      log.warn({ carrier, imeis, class: 'carrier' }, 'carrier answers lost their trust'),
  };
}

function earlierRuns(book: RunBook, imei: string, run: string): EarlierRun[] {
  return book.index
    .runs({ imei, limit: MOST_RUNS })
    .runs.filter((other) => other.run !== run)
    .map(({ run: id, port, openedAt, serial, settledAt }) => ({
      ...{ run: id, port, openedAt, serial },
      open: settledAt === null,
    }));
}
