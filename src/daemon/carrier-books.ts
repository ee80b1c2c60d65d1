import type { EarlierRun } from '../carrier-check/check-parts.js';
import type { RestrictionDesk } from '../carrier-check/restriction-desk.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { CarrierBooks } from './carrier-desk.js';

/** Earlier runs that are looked at; more of one IMEI say nothing new. */
const MOST_RUNS = 20;

/** Who says so where no person did. */
const BY_THE_DAEMON = 'daemon';

export interface BooksParts {
  readonly book: RunBook;
  readonly desk: RestrictionDesk;
  readonly onRevoked: CarrierBooks['onRevoked'];
}

/** What the ledger knows of handsets and of what carriers said about them. */
export function carrierBooks({ book, desk, onRevoked }: BooksParts): CarrierBooks {
  return {
    note: (answer, about) => desk.note(answer, { ...about, by: about.by ?? BY_THE_DAEMON }),
    imported: async (carrier, imei) => {
      const { carriers } = desk.historyOf(imei);
      const answers = carriers.find((one) => one.carrier === carrier)?.answers ?? [];
      return answers.find(({ answer }) => answer.source === 'csv')?.answer ?? null;
    },
    seenBefore: (imei, run) => earlierRuns(book, imei, run),
    onRevoked,
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
