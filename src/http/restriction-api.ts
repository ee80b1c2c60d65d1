import type { CarrierView } from '../carrier-check/broker/carrier-view.js';
import type { CsvFault } from '../carrier-check/import/marks-csv.js';
import type { Carrier, PrintedMark } from '../carrier-check/marks.js';
import type {
  RestrictionChange,
  RestrictionHistory,
} from '../carrier-check/restrictions/restriction-history.js';

/** A mark that a person states. */
export interface StatedMark {
  readonly imei: string;
  readonly carrier: Carrier;
  readonly mark: PrintedMark;
  readonly by: string;
  readonly note: string | null;
}

export interface ImportReport {
  /** Lines below the heading. */
  readonly lines: number;
  readonly imported: number;
  /** Lines that say what was known already. */
  readonly known: number;
  readonly changed: number;
}

export interface ChangesQuery {
  readonly since?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface Changes {
  readonly changes: readonly (RestrictionChange & { readonly withdrawn: boolean })[];
  readonly nextCursor: string | null;
  readonly more: boolean;
}

/** What HTTP may know and do about network restriction. IMEIs are 15 digits and valid. */
export interface RestrictionApi {
  history(imei: string): RestrictionHistory;
  /** Throws bad-request for a cursor that is none. */
  changes(query: ChangesQuery): Changes;
  /** Has the carriers asked anew, in the background; resolves to which. Rejects with not-possible-now where none is asked here. */
  recheck(imei: string, by: string): Promise<readonly Carrier[]>;
  /** Writes a person's word down; resolves to how many changes it meant. Rejects with ledger-unwritable. */
  state(mark: StatedMark): Promise<number>;
  /** Takes every line of a CSV file or none. Rejects with ledger-unwritable. */
  importCsv(bytes: Uint8Array, charset: string | null): Promise<ImportReport | readonly CsvFault[]>;
  /** How each carrier that is asked here stands; empty where none is. Rejects with redis-gone. */
  carriers(): Promise<readonly CarrierView[]>;
  /** A person says that a carrier may be asked again. Rejects with not-found, redis-gone. */
  resume(carrier: Carrier, by: string): Promise<CarrierView>;
}
