import type { CarrierAnswer } from '../carrier-check/answer.js';
import type { CarrierBroker } from '../carrier-check/broker/carrier-broker.js';
import { type CsvFault, type CsvRow, readMarksCsv } from '../carrier-check/import/marks-csv.js';
import type { Carrier } from '../carrier-check/marks.js';
import type { RestrictionDesk } from '../carrier-check/restriction-desk.js';
import { readChange } from '../carrier-check/restrictions/restriction-history.js';
import { RestrictionWatch } from '../carrier-check/watch/restriction-watch.js';
import type { Config } from '../config.js';
import { asSarachiError, SarachiError } from '../errors.js';
import type { ImportReport, RestrictionApi, StatedMark } from '../http/restriction-api.js';
import type { Log } from '../log.js';
import type { RunBook } from '../pipeline/run-book.js';
import { type Clock, withDeadline } from '../wait.js';

/** How long a carrier's answer to a person's question is waited for; a later one is found by the watch. */
const RECHECK_MS = 10 * 60 * 1000;
/** A second press of the button is the same question. */
const SAME_QUESTION_MS = 60 * 1000;
/** A Redis that is away is waited for by the broker; whoever asks here is not kept so long. */
const REDIS_MS = 3_000;
/** Questions of persons that wait for their answer at the same time. */
const MOST_RECHECKS = 200;

export interface RestrictionParts {
  readonly desk: RestrictionDesk;
  readonly book: Pick<RunBook, 'index'>;
  /** null where no carrier is asked by this rack. */
  readonly broker: CarrierBroker | null;
  readonly settings: Config['restrictionWatch'];
  readonly clock: Clock;
  readonly log: Log;
}

/** What people, files and the watch do about network restriction, and what HTTP sees of it. */
export class RestrictionService implements RestrictionApi {
  readonly #parts: RestrictionParts;
  readonly #stop = new AbortController();
  readonly #watch: RestrictionWatch | null;
  readonly #rechecks = new Map<string, Promise<void>>();
  /** Files are read one after another: each must know what the one before brought. */
  #importing: Promise<unknown> = Promise.resolve();

  constructor(parts: RestrictionParts) {
    this.#parts = parts;
    const { broker, settings, desk, book, clock, log } = parts;
    const watched = settings.enabled ? broker : null;
    this.#watch =
      watched &&
      new RestrictionWatch({
        ...{ settings, desk, clock, log },
        stock: (query) => book.index.restrictions.stock(query),
        broker: {
          ask: (question, options) => watched.ask(question, options),
          // A look must not count what lost its trust while nobody listened.
          state: async () => {
            await this.#takeBack();
            return this.carriers();
          },
        },
      });
  }

  /** Tells what was left untold, then begins to watch. Rejects with ledger-unwritable. */
  async start(): Promise<void> {
    await this.#parts.desk.tellUntold();
    if (this.#watch) this.#watch.start();
    else this.#takeBackQuietly();
  }

  /** Ends what is under way; questions stay with the broker. */
  async stop(): Promise<void> {
    this.#stop.abort(new SarachiError('aborted', { what: 'restriction service' }));
    await this.#watch?.stop();
    await Promise.all(this.#rechecks.values());
    await this.#parts.desk.rest();
  }

  /** For `BrokerParts.onRevoked`: answers of a carrier lost their trust. */
  revoked(): void {
    this.#takeBackQuietly();
  }

  history(imei: string): ReturnType<RestrictionApi['history']> {
    return this.#parts.desk.historyOf(imei);
  }

  changes(query: Parameters<RestrictionApi['changes']>[0]): ReturnType<RestrictionApi['changes']> {
    const page = this.#parts.book.index.restrictions.changes(query);
    return { ...page, changes: page.changes.map(readChange) };
  }

  async recheck(imei: string, by: string): Promise<readonly Carrier[]> {
    const views = await this.carriers();
    if (views.length === 0)
      throw new SarachiError('not-possible-now', { detail: 'no carrier is asked by this rack' });
    const carriers = views.map(({ carrier }) => carrier);
    if (this.#rechecks.size + carriers.length > MOST_RECHECKS)
      throw new SarachiError('not-possible-now', { detail: 'too many questions wait already' });
    for (const carrier of carriers) {
      const key = `${carrier} ${imei}`;
      if (this.#rechecks.has(key)) continue;
      const asking = this.#ask(carrier, imei, by).finally(() => this.#rechecks.delete(key));
      this.#rechecks.set(key, asking);
    }
    return carriers;
  }

  async state({ imei, carrier, mark, by, note }: StatedMark): Promise<number> {
    const { desk, clock } = this.#parts;
    const answer: CarrierAnswer = {
      ...{ carrier, imei, mark, outcome: 'ok', rawGlyph: null, rawText: note },
      ...{ source: 'manual', checkedAt: new Date(clock()).toISOString(), evidence: null },
      scope: 'unknown',
    };
    const circumstances = { run: null, port: null, by, reason: 'manual' } as const;
    return (await desk.noteAll([{ answer, ...circumstances }])).changed;
  }

  importCsv(
    bytes: Uint8Array,
    charset: string | null,
  ): Promise<ImportReport | readonly CsvFault[]> {
    const mine = this.#importing.catch(() => undefined).then(() => this.#import(bytes, charset));
    this.#importing = mine;
    mine.catch(() => undefined);
    return mine;
  }

  async carriers(): ReturnType<RestrictionApi['carriers']> {
    const { broker } = this.#parts;
    return broker ? this.#soon(() => broker.state()) : [];
  }

  async resume(carrier: Carrier, by: string): ReturnType<RestrictionApi['resume']> {
    const { broker } = this.#parts;
    if (!broker) throw new SarachiError('not-found', { carrier });
    return this.#soon(() => broker.resume(carrier, by));
  }

  async #import(
    bytes: Uint8Array,
    charset: string | null,
  ): Promise<ImportReport | readonly CsvFault[]> {
    const { desk, clock, log } = this.#parts;
    const { rows, faults } = readMarksCsv(bytes, charset, clock());
    if (!rows) return faults;
    const news = onlyOnce(rows).filter(({ answer }) => !desk.knows(answer));
    const { written, changed } = await desk.noteAll(
      news.map(({ answer, by }) => ({
        ...{ answer, run: null, port: null, by, reason: 'import' as const },
      })),
    );
    const report = { lines: rows.length, imported: written, known: rows.length - written, changed };
    log.info(report, 'marks imported');
    return report;
  }

  /** Never rejects: nobody waits for it any more. */
  async #ask(carrier: Carrier, imei: string, by: string): Promise<void> {
    const { broker, desk, log } = this.#parts;
    const options = { signal: this.#stop.signal, timeoutMs: RECHECK_MS };
    try {
      const answer = await broker?.ask({ carrier, imei, maxAgeMs: SAME_QUESTION_MS }, options);
      if (!answer) return;
      if (answer.held)
        log.info({ carrier, imei, held: answer.held }, 'carrier may not be asked now');
      await desk.note(answer, { run: null, port: null, by, reason: 'recheck' });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.warn({ carrier, imei, err: asSarachiError(error) }, 'a re-check got no answer');
    }
  }

  #takeBackQuietly(): void {
    this.#takeBack().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      const { log } = this.#parts;
      log.error({ err: asSarachiError(error) }, 'carrier answers were not taken back yet');
    });
  }

  async #takeBack(): Promise<void> {
    const { broker, desk } = this.#parts;
    if (!broker) return;
    for (const { carrier } of await this.carriers())
      await desk.withdraw(carrier, await this.#soon(() => broker.revocations(carrier)));
  }

  #soon<T>(work: () => Promise<T>): Promise<T> {
    const limit = { signal: this.#stop.signal, timeoutMs: REDIS_MS };
    return withDeadline(limit, 'redis-gone', work);
  }
}

/** A line that a file says twice is one. */
function onlyOnce(rows: readonly CsvRow[]): readonly CsvRow[] {
  const keyed = rows.map((row): [string, CsvRow] => {
    const { imei, carrier, checkedAt } = row.answer;
    return [`${imei} ${carrier} ${checkedAt}`, row];
  });
  return [...new Map(keyed).values()];
}
