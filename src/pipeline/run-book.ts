import path from 'node:path';
import { hasCode, SarachiError } from '../errors.js';
import type { LedgerEntry, NewEntry } from '../ledger/entry.js';
import { Ledger } from '../ledger/ledger.js';
import { LedgerIndex } from '../ledger/ledger-index.js';
import type { Log } from '../log.js';
import type { Clock } from '../wait.js';
import { grow, type RunRecord } from './run-record.js';

/** How long to leave a failed ledger alone before looking whether the disk is well again. */
const REOPEN_AFTER_MS = 1_000;

/** How many runs are kept in memory; open ones always are. */
const KEPT_RECORDS = 400;

interface Opened {
  readonly ledger: Ledger;
  readonly index: LedgerIndex;
}

/** The ledger with the open runs drawn from it: what is in here was on disk first. */
export class RunBook {
  readonly #state: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #records = new Map<string, RunRecord>();
  #opened: Opened;
  #early: LedgerEntry[] = [];
  #reopening: Promise<void> | null = null;
  #failedAt = 0;
  #failing: SarachiError | null = null;
  readonly #listeners = new Set<(entry: LedgerEntry) => void>();

  private constructor(parts: { state: string; clock: Clock; log: Log; opened: Opened }) {
    this.#state = parts.state;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#opened = parts.opened;
  }

  /** Opens the ledger of a state folder and reads every run that has not ended. Throws as `Ledger.open` does. */
  static async open(state: string, clock: Clock, log: Log): Promise<RunBook> {
    const opened = await openLedger(state, clock);
    const book = new RunBook({ state, clock, log, opened });
    book.#readOpenRuns();
    return book;
  }

  get index(): LedgerIndex {
    return this.#opened.index;
  }

  head(): { readonly seq: number; readonly hash: string } {
    return this.#opened.ledger.head();
  }

  /** Runs without a verdict, and runs whose certificate was not written before the daemon stopped. */
  unfinished(): readonly RunRecord[] {
    return [...this.#records.values()].filter((record) => !isFinished(record));
  }

  /** The newest run of each port. */
  lastRuns(): readonly RunRecord[] {
    return this.index.lastRuns().flatMap((run) => this.record(run) ?? []);
  }

  /** Ports that a person has put on hold. */
  heldPorts(): readonly string[] {
    return this.index.heldPorts();
  }

  record(run: string): RunRecord | null {
    return this.#records.get(run) ?? this.#readRun(run);
  }

  /** Writes one line; resolves when it is on disk and folded into its run. Throws ledger-unwritable. */
  async append(entry: NewEntry): Promise<LedgerEntry> {
    try {
      return await this.#write(entry);
    } catch (error) {
      if (!hasCode(error, 'ledger-unwritable')) throw error;
      this.#failing = error;
      await this.#reopen(error);
      return await this.#write(entry);
    }
  }

  /** Calls `listener` with each line from now on, once it is on disk and folded into its run; returns the end of it. */
  onWritten(listener: (entry: LedgerEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws ledger-unwritable while the last attempt to write failed. */
  assertWritable(): void {
    if (this.#failing) throw this.#failing;
  }

  async close(): Promise<void> {
    await this.#opened.ledger.close();
    this.#opened.index.close();
  }

  async #write(entry: NewEntry): Promise<LedgerEntry> {
    const written = await this.#opened.ledger.append(entry);
    this.#failing = null;
    return this.#fold(written);
  }

  #fold(entry: LedgerEntry): LedgerEntry {
    if (entry.run !== null) {
      const record = grow(this.#records.get(entry.run) ?? null, entry);
      if (record) this.#records.set(entry.run, record);
      if (this.#records.size > KEPT_RECORDS) this.#forgetOldest();
    }
    // Writers that waited together are woken in order, but nothing promises that they run in order.
    this.#early.push(entry);
    this.#early.sort((a, b) => a.seq - b.seq);
    this.#applyEarly();
    this.#tell(entry);
    return entry;
  }

  /** The line is on disk: whoever only listens cannot make the writing of it fail. */
  #tell(entry: LedgerEntry): void {
    for (const listener of this.#listeners) {
      try {
        listener(entry);
      } catch (error) {
        this.#log.error({ class: 'bug', err: error }, 'a listener of the ledger failed');
      }
    }
  }

  /** The line is on disk, and that counts: an index that cannot be written now takes it with a later one. */
  #applyEarly(): void {
    try {
      for (let next = this.#early[0]; next; next = this.#early[0]) {
        if (next.seq > this.index.head().seq + 1) return;
        if (next.seq === this.index.head().seq + 1) this.index.apply(next);
        this.#early.shift();
      }
    } catch (error) {
      this.#log.error({ class: 'host', err: error }, 'the index cannot be written');
    }
  }

  /** A finished run can be read again from the index. */
  #forgetOldest(): void {
    for (const [run, record] of this.#records) {
      if (this.#records.size <= KEPT_RECORDS) return;
      if (isFinished(record)) this.#records.delete(run);
    }
  }

  /** After a full or failing disk: opens the folder anew, so that the chain goes on from what really is there. */
  async #reopen(cause: SarachiError): Promise<void> {
    if (!this.#reopening && this.#clock() - this.#failedAt < REOPEN_AFTER_MS) throw cause;
    this.#reopening ??= this.#openAgain().finally(() => {
      this.#reopening = null;
    });
    await this.#reopening;
  }

  async #openAgain(): Promise<void> {
    this.#failedAt = this.#clock();
    this.#log.error(
      { code: 'ledger-unwritable', class: 'host' },
      'ledger failed; opening it again',
    );
    await this.close().catch((error) =>
      this.#log.warn({ err: error }, 'closing the failed ledger'),
    );
    this.#opened = await openLedger(this.#state, this.#clock);
    this.#early = [];
    for (const run of [...this.#records.keys()]) {
      const record = this.#readRun(run);
      if (record) this.#records.set(run, record);
      else this.#records.delete(run);
    }
  }

  #readOpenRuns(): void {
    for (const run of this.index.unfinishedRuns()) {
      const record = this.#readRun(run);
      if (record) this.#records.set(run, record);
    }
  }

  #readRun(run: string): RunRecord | null {
    let record: RunRecord | null = null;
    for (const entry of this.index.entriesOf(run)) record = grow(record, entry);
    return record;
  }
}

/** An identified run is finished when its certificate is written, any other when it has its verdict. */
function isFinished({ settled, certificate, identity }: RunRecord): boolean {
  return settled !== null && (identity === null || certificate !== null);
}

async function openLedger(state: string, clock: Clock): Promise<Opened> {
  const ledger = await Ledger.open(path.join(state, 'ledger'), { clock });
  try {
    return { ledger, index: await LedgerIndex.open(path.join(state, 'index.sqlite'), ledger) };
  } catch (cause) {
    await ledger.close();
    throw cause instanceof SarachiError
      ? cause
      : new SarachiError('ledger-unwritable', { what: 'index' }, { cause });
  }
}
