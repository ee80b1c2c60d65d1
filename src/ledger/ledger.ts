import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { asSarachiError, SarachiError } from '../errors.js';
import type { Clock } from '../wait.js';
import { writeDurably } from './durable-file.js';
import type { LedgerEntry, NewEntry } from './entry.js';
import { CHAIN_START, type ChainEnd, sealEntry, segmentOf } from './entry-line.js';
import { lockLedger } from './ledger-lock.js';
import { SegmentWriter, unwritable } from './segment-writer.js';
import { sha256Hex } from './sha256.js';
import { type WalkStep, walkLedger } from './walk.js';

interface Pending {
  readonly entry: LedgerEntry;
  readonly line: string;
  readonly resolve: (entry: LedgerEntry) => void;
  readonly reject: (error: SarachiError) => void;
}

interface LedgerParts {
  readonly dir: string;
  readonly clock: Clock;
  readonly lock: { release(): void };
  readonly end: ChainEnd;
}

/** The append-only, hash-chained history of a rack: what it says happened, and nothing else is true. */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #writer: SegmentWriter;
  /** The last line that is on disk. */
  #head: ChainEnd;
  /** The last line that has its place in the chain, on disk or not yet. */
  #tip: ChainEnd;
  #pending: Pending[] = [];
  #draining: Promise<void> | null = null;
  #failure: SarachiError | null = null;
  #closed = false;

  private constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.#writer = new SegmentWriter(parts.dir);
    this.#head = parts.end;
    this.#tip = parts.end;
  }

  /**
   * Opens a ledger folder, made if need be, for this process alone, and reads it whole. A line that a crash left
   * unfinished at the very end is set aside as `torn-<time>.bin` and told by a `ledger-healed` entry. Rejects with `state-in-use`,
   * `ledger-corrupt` (segment and line named) or `ledger-unwritable`.
   */
  static async open(dir: string, options: { readonly clock: Clock }): Promise<Ledger> {
    await orUnwritable(dir, () => mkdir(dir, { recursive: true, mode: 0o750 }));
    const lock = lockLedger(dir);
    try {
      const { end, torn } = await readAll(dir);
      if (torn) await orUnwritable(dir, () => cutOff(dir, torn, options.clock()));
      const ledger = new Ledger({ dir, lock, end, clock: options.clock });
      if (torn) {
        await ledger.append({
          type: 'ledger-healed',
          run: null,
          port: null,
          body: { bytes: torn.bytes.length, sha256: sha256Hex(torn.bytes) },
        });
      }
      return ledger;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The last line on disk; seq 0 and 64 zeros while there is none. */
  head(): ChainEnd {
    return this.#head;
  }

  /**
   * Adds one entry; resolves when it is on disk. Entries keep the order of the calls, and those that wait together
   * share one fsync. Rejects with `ledger-unwritable`, and then so does every later call until the folder is opened again.
   */
  async append(entry: NewEntry): Promise<LedgerEntry> {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw new SarachiError('ledger-unwritable', { reason: 'closed' });
    const sealed = sealEntry(entry, this.#tip, this.#parts.clock());
    this.#tip = sealed.entry;
    return await new Promise<LedgerEntry>((resolve, reject) => {
      this.#pending.push({ ...sealed, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Every entry that was on disk at the time of the call, oldest first. Throws `ledger-corrupt`. */
  async *entries(): AsyncGenerator<LedgerEntry> {
    const last = this.#head.seq;
    if (last === 0) return;
    for await (const step of walkLedger(this.#parts.dir)) {
      if (!step.entry || step.fault) throw corrupt(step);
      yield step.entry;
      if (step.entry.seq >= last) return;
    }
  }

  /** Waits for what is being written, then lets the folder go. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#writer.close();
    this.#parts.lock.release();
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0 && !this.#failure) {
      const batch = takeOneDay(this.#pending);
      this.#pending = this.#pending.slice(batch.length);
      await this.#commit(batch);
    }
    this.#draining = null;
  }

  async #commit(batch: readonly Pending[]): Promise<void> {
    const [first, last] = [batch.at(0), batch.at(-1)];
    if (!first || !last) return;
    try {
      const text = batch.map(({ line }) => `${line}\n`).join('');
      await this.#writer.write(segmentOf(first.entry.at), text);
    } catch (error) {
      this.#fail(asSarachiError(error), batch);
      return;
    }
    this.#head = { seq: last.entry.seq, hash: last.entry.hash, at: last.entry.at };
    for (const { entry, resolve } of batch) resolve(entry);
  }

  #fail(failure: SarachiError, batch: readonly Pending[]): void {
    this.#failure = failure;
    const rejected = [...batch, ...this.#pending];
    this.#pending = [];
    for (const { reject } of rejected) reject(failure);
  }
}

function takeOneDay(pending: readonly Pending[]): Pending[] {
  const segment = segmentOf(pending[0]?.entry.at ?? '');
  const other = pending.findIndex(({ entry }) => segmentOf(entry.at) !== segment);
  return other < 0 ? [...pending] : pending.slice(0, other);
}

async function readAll(dir: string): Promise<{ end: ChainEnd; torn: Torn | null }> {
  let end: ChainEnd = CHAIN_START;
  for await (const step of walkLedger(dir)) {
    if (step.torn) return { end, torn: { ...step.torn, segment: step.segment } };
    if (!step.entry || step.fault) throw corrupt(step);
    end = { seq: step.entry.seq, hash: step.entry.hash, at: step.entry.at };
  }
  return { end, torn: null };
}

interface Torn {
  readonly segment: string;
  readonly start: number;
  readonly bytes: Buffer;
}

async function cutOff(dir: string, torn: Torn, now: number): Promise<void> {
  // Kept first, cut second: a crash in between finds the same torn line again.
  const time = new Date(now).toISOString().replaceAll(':', '-');
  await writeDurably(join(dir, `torn-${time}.bin`), torn.bytes, { mode: 0o640, replace: true });
  const handle = await open(join(dir, torn.segment), 'r+');
  try {
    await handle.truncate(torn.start);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function corrupt(step: WalkStep): SarachiError {
  const { segment, line, fault } = step;
  return new SarachiError('ledger-corrupt', { segment, line, what: fault });
}

async function orUnwritable<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unwritable(error, { dir });
  }
}
