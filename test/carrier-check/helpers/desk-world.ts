import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { CarrierAnswer } from '../../../src/carrier-check/answer.js';
import type { Mark } from '../../../src/carrier-check/marks.js';
import { RestrictionDesk } from '../../../src/carrier-check/restriction-desk.js';
import type { RestrictionBook } from '../../../src/carrier-check/restrictions/restriction-book.js';
import type { RestrictionChange } from '../../../src/carrier-check/restrictions/restriction-history.js';
import type { Lane, LedgerEntry } from '../../../src/ledger/entry.js';
import { verifyLedger } from '../../../src/ledger/verify-ledger.js';
import { createLog, type Log } from '../../../src/log.js';
import { RunBook } from '../../../src/pipeline/run-book.js';
import { okAnswer } from './broker-world.js';

export const DAY_MS = 24 * 60 * 60 * 1000;
/** 2026-04-01T00:00:00Z. */
export const SPRING = Date.UTC(2026, 3, 1);

/** A rack's ledger and the desk over it, with a clock of the test's own. */
export class DeskWorld {
  now = SPRING;
  readonly state: string;
  readonly lines: string[];
  readonly log: Log;
  readonly told: RestrictionChange[] = [];
  book: RunBook;
  desk: RestrictionDesk;

  private constructor(state: string, log: { log: Log; lines: string[] }, book: RunBook) {
    this.state = state;
    this.log = log.log;
    this.lines = log.lines;
    this.book = book;
    this.desk = this.#newDesk();
  }

  static async open(t: Test): Promise<DeskWorld> {
    const state = await mkdtemp(path.join(tmpdir(), 'sarachi-desk-'));
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    let world: DeskWorld | null = null;
    const book = await RunBook.open(state, () => world?.now ?? SPRING, log);
    world = new DeskWorld(state, { log, lines }, book);
    t.teardown(async () => {
      await world?.book.close();
      await rm(state, { recursive: true, force: true });
    });
    return world;
  }

  /** As after a restart of the daemon. */
  async restart(): Promise<void> {
    await this.book.close();
    this.book = await RunBook.open(this.state, () => this.now, this.log);
    this.desk = this.#newDesk();
    await this.desk.tellUntold();
  }

  /** A handset that went through the rack. */
  async settle(run: string, imeis: readonly string[], lane: Lane = 'release'): Promise<void> {
    const at = { run, port: 'P01' };
    const identity = { serial: `SER-${run}`, model: 'Pixel 8', imeis };
    const body = { usbPath: '1-1', handset: `android:SER-${run}`, policyVersion: '1' };
    await this.book.append({ ...at, type: 'run-opened', body });
    const evidence = { kind: 'identity', holds: true, value: { identity } };
    await this.book.append({ ...at, type: 'evidence', body: { evidence } });
    const verdict = { verdict: 'passed', lane, reasons: [] };
    await this.book.append({ ...at, type: 'run-settled', body: verdict });
    const sha256 = `${run.replaceAll(/[^0-9a-f]/g, '0')}${'0'.repeat(64)}`.slice(0, 64);
    await this.book.append({ ...at, type: 'certificate-issued', body: { sha256 } });
  }

  /** What docomo said at this moment. */
  answer(imei: string, mark: Mark, changes: Partial<CarrierAnswer> = {}): CarrierAnswer {
    const source = { source: 'web', ...(mark === 'unknown' ? { outcome: 'http-error' } : {}) };
    return { ...okAnswer(imei, mark, new Date(this.now)), ...source, ...changes } as CarrierAnswer;
  }

  async note(answer: CarrierAnswer, run: string | null = null): Promise<void> {
    const reason = run === null ? 'recheck' : 'stage';
    await this.desk.note(answer, { run, port: run && 'P01', by: 'test', reason });
  }

  async entries(type: string): Promise<LedgerEntry[]> {
    const found: LedgerEntry[] = [];
    const report = await verifyLedger(path.join(this.state, 'ledger'), (entry) => {
      if (entry.type === type) found.push(entry);
    });
    if (!report.ok) throw new Error(JSON.stringify(report.faults));
    return found;
  }

  #newDesk(): RestrictionDesk {
    const book: RestrictionBook = {
      append: (entry) => this.book.append(entry),
      pages: () => this.book.index.restrictions,
    };
    const desk = new RestrictionDesk({ book, log: this.log });
    desk.subscribe((change) => this.told.push(change));
    return desk;
  }
}
