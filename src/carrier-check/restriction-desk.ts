import { setImmediate as breathe } from 'node:timers/promises';
import { asSarachiError } from '../errors.js';
import type { JsonObject } from '../evidence.js';
import type { Log } from '../log.js';
import type { CarrierAnswer } from './answer.js';
import type { HeldFor } from './broker/plan.js';
import { CARRIERS, type Carrier } from './marks.js';
import { type LostAnswers, lostAnswers, type Revocation } from './restrictions/lost-answers.js';
import { markChange } from './restrictions/mark-change.js';
import type { Pair, RestrictionBook, RunOfImei } from './restrictions/restriction-book.js';
import {
  type NoteReason,
  type RestrictionChange,
  type RestrictionHistory,
  readHistory,
  readStated,
} from './restrictions/restriction-history.js';

/** Why and for whom an answer is written down. */
export interface Circumstances {
  /** The run that asked; null where none did. */
  readonly run: string | null;
  readonly port: string | null;
  /** Who asked or stated it. */
  readonly by: string;
  readonly reason: NoteReason;
}

/** An answer as the broker gives it, or as a person or file states it. One that was `held` says nothing. */
export type NotedAnswer = CarrierAnswer & { readonly held?: HeldFor | null };

export type ChangeListener = (change: RestrictionChange) => void;

export interface DeskParts {
  readonly book: RestrictionBook;
  readonly log: Log;
}

/** How many pairs are looked at before others get the processor. */
const PAIRS_IN_ONE_GO = 100;
/** A run names its handset to the operator; older ones than these do not help. */
const NAMED_RUNS = 100;

/**
 * Keeps what carriers say about IMEIs in the ledger, and tells when a mark is another one than was known. One thing at
 * a time: what is compared does not change meanwhile.
 */
export class RestrictionDesk {
  readonly #parts: DeskParts;
  readonly #listeners = new Set<ChangeListener>();
  /** When the answers about a pair last lost their trust; one that comes late must not slip in behind it. */
  readonly #revokedAt = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /**
   * Writes an answer down; resolves when it is on disk and a change of the mark has been told. Writes nothing for one that
   * was held, nor for one that a re-check only repeats. Rejects with ledger-unwritable.
   */
  async note(answer: NotedAnswer, circumstances: Circumstances): Promise<void> {
    await this.noteAll([{ answer, ...circumstances }]);
  }

  /** The same for many at once, in this order. Resolves to how many were written. */
  noteAll(
    notes: readonly (Circumstances & { readonly answer: NotedAnswer })[],
  ): Promise<{ readonly written: number; readonly changed: number }> {
    return this.#inTurn(async () => {
      const news = notes.filter(({ answer, reason }) => this.#isNews(answer, reason));
      const written = await Promise.all(
        news.map(({ answer, run, port, by, reason }) =>
          this.#parts.book.append({
            ...{ type: 'restriction-answered', run, port },
            body: { answer: statedPart(answer), by, reason },
          }),
        ),
      );
      for (const [index, { answer }] of news.entries())
        await this.#distrust(answer, written[index]?.seq ?? 0);
      const changed = await this.#tell(news.map(({ answer }) => answer));
      return { written: written.length, changed };
    });
  }

  /**
   * Takes back what a broker no longer trusts. Asked again with the same revocations it does nothing more. Rejects with
   * ledger-unwritable.
   */
  withdraw(carrier: Carrier, revocations: readonly Revocation[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const { imei, at } of revocations) {
        const key = keyOf({ imei, carrier });
        this.#revokedAt.set(key, Math.max(at, this.#revokedAt.get(key) ?? 0));
      }
      for (const lost of lostAnswers(this.#pages(), carrier, revocations))
        await this.#appendWithdrawal(carrier, lost);
    });
  }

  /** Tells what a daemon that died had written down and not yet told. Rejects with ledger-unwritable. */
  tellUntold(): Promise<void> {
    return this.#inTurn(async () => {
      const pairs = this.#pages().pairsWithNews();
      await this.#tell(pairs.flatMap(({ imei, carrier }) => knownPair(imei, carrier) ?? []));
    });
  }

  /** Everything that is known about an IMEI of 15 digits. */
  historyOf(imei: string): RestrictionHistory {
    return readHistory(this.#pages(), imei);
  }

  /** Whether exactly this is known already. */
  knows(answer: Pick<CarrierAnswer, 'imei' | 'carrier' | 'mark' | 'checkedAt'>): boolean {
    return this.#pages().knows(answer);
  }

  /** Calls `listener` with every change from now on, after it is on disk; returns how to end that. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when everything asked of it so far is done or refused. */
  async rest(): Promise<void> {
    await this.#turn.catch(() => undefined);
  }

  #isNews({ held, ...answer }: NotedAnswer, reason: NoteReason): boolean {
    if (held) return false;
    return reason === 'stage' || !this.#pages().knows(answer);
  }

  /** The broker's news can be quicker than the answer that they take back. */
  async #distrust(answer: CarrierAnswer, seq: number): Promise<void> {
    const { carrier, imei, source, outcome, checkedAt } = answer;
    const at = this.#revokedAt.get(keyOf(answer));
    const asked = source === 'web' || source === 'api';
    if (!asked || outcome !== 'ok' || at === undefined || Date.parse(checkedAt) > at) return;
    await this.#appendWithdrawal(carrier, { at, imeis: [imei], answers: [seq] });
  }

  async #appendWithdrawal(carrier: Carrier, { at, imeis, answers }: LostAnswers): Promise<void> {
    const { book, log } = this.#parts;
    const said = { carrier, imeis, answers, why: 'canary-wrong' };
    const body = { ...said, at: new Date(at).toISOString() };
    await book.append({ type: 'restriction-withdrawn', run: null, port: null, body });
    log.warn(
      { code: 'restriction-withdrawn', class: 'carrier', carrier, answers: answers.length },
      'carrier answers no longer count',
    );
  }

  /** Writes down and tells what is new about these pairs; resolves to how many changes there were. */
  async #tell(pairs: readonly Pair[]): Promise<number> {
    let told = 0;
    let seen = 0;
    for (const pair of new Map(pairs.map((one) => [keyOf(one), one])).values()) {
      if (await this.#tellOne(pair)) told += 1;
      seen += 1;
      if (seen % PAIRS_IN_ONE_GO === 0) await breathe();
    }
    return told;
  }

  async #tellOne({ imei, carrier }: Pair): Promise<boolean> {
    const pages = this.#pages();
    const standing = pages.standing({ imei, carrier });
    const runs = pages.runsOf(imei, NAMED_RUNS);
    const change = markChange(standing, earliestSettled(runs));
    const page = change && standing.newest && pages.answerAt(standing.newest.seq);
    const stated = page && readStated(page);
    if (!change || !stated) return false;
    const certificates = runs.flatMap(({ run, certificate }) =>
      certificate === null ? [] : [{ run, sha256: certificate }],
    );
    const about = { carrier, imei, ...change, scope: stated.answer.scope };
    const named = { runs: runs.map(({ run }) => run), certificates };
    const { seq, at } = await this.#parts.book.append({
      ...{ type: 'restriction-changed', run: null, port: null },
      body: { ...about, ...named, answer: stated.seq },
    });
    this.#publish({ seq, at, ...about, ...named });
    return true;
  }

  #publish(change: RestrictionChange): void {
    const { log } = this.#parts;
    const { carrier, imei, from, to, runs, certificates } = change;
    const named = { runs, certificates: certificates.map(({ sha256 }) => sha256) };
    log.warn(
      { code: 'restriction-changed', class: 'carrier', carrier, imei, from, to, ...named },
      'network restriction changed',
    );
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: asSarachiError(error) }, 'a listener to restriction changes failed');
      }
    }
  }

  #pages(): ReturnType<RestrictionBook['pages']> {
    return this.#parts.book.pages();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    mine.catch(() => undefined);
    return mine;
  }
}

/** The answer as the contract has it, without what the broker said around it. */
function statedPart(answer: CarrierAnswer): JsonObject {
  const { carrier, imei, mark, outcome, rawGlyph, rawText } = answer;
  const { source, checkedAt, evidence, scope } = answer;
  const found = evidence && { ...evidence };
  return {
    ...{ carrier, imei, mark, outcome, rawGlyph, rawText },
    ...{ source, checkedAt, evidence: found, scope },
  };
}

function keyOf({ carrier, imei }: Pair): string {
  return `${carrier} ${imei}`;
}

function knownPair(imei: string, carrier: string): Pair | null {
  const known = CARRIERS.find((name) => name === carrier);
  return known ? { imei, carrier: known } : null;
}

function earliestSettled(runs: readonly RunOfImei[]): string | null {
  const times = runs.flatMap(({ settledAt }) => settledAt ?? []).sort();
  return times[0] ?? null;
}
