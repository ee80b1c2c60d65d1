import type { AttentionCode } from '../../../attention.js';
import type { FelicaReader } from '../../../devices/felica/felica-reader.js';
import { type ErrorCode, hasCode } from '../../../errors.js';
import { sleep } from '../../../wait.js';
import type { StageContext, StageOutcome } from '../../engine.js';
import { attention } from '../../outcome.js';
import { probeTransit } from '../probe-transit.js';
import { survey } from '../survey.js';
import type { SurveyReport, TransitReport } from '../survey-report.js';
import type { Bench } from './bench.js';
import { type Lying, lookOnce } from './look.js';

const LOOK_AGAIN_MS = 400;
const OPEN_MS = 10_000;
const LOOK_MS = 10_000;
/** Long enough to carry an iPhone over and lay it down. */
const LISTEN_MS = 30_000;

/** Trouble of the reader itself, which a person at the bench can mend. */
const READER_TROUBLE: readonly ErrorCode[] = [
  'reader-gone',
  'reader-busy',
  'reader-unusable',
  'reader-timeout',
  'reader-protocol',
  'reader-refused',
  'usb-unavailable',
];

const ASKED_FOR: Readonly<Record<Exclude<Lying['kind'], 'handset'>, AttentionCode>> = {
  nothing: 'felica-place-on-reader',
  card: 'felica-card-on-reader',
  several: 'felica-several-on-reader',
};

/** One attempt of one port at the bench: the reader, what is asked of a person, and how long anybody waits. */
export class BenchSession {
  readonly bench: Bench;
  readonly context: StageContext;
  /** Digests of chips that turned out not to be this handset's. */
  readonly rejected = new Set<string>();
  #reader: FelicaReader | null = null;
  #asked: AttentionCode | null = null;
  #sawEmpty = false;

  constructor(context: StageContext, bench: Bench) {
    this.context = context;
    this.bench = bench;
  }

  /** Says at the port what a person has to do; null: nothing any more. */
  async ask(code: AttentionCode | null): Promise<void> {
    if (code === this.#asked) return;
    this.#asked = code;
    await this.context.ask(code);
  }

  /** What was asked last was not done in time: others get the reader. */
  gaveUp(): StageOutcome {
    return attention(this.#asked ?? 'felica-place-on-reader', { reader: this.bench.reader });
  }

  /** Gives the reader back, to whoever needs it. */
  async release(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.close().catch((error: unknown) => {
      // It was given back all the same; who opens it next meets what is wrong with it.
      if (!hasCode(error, ...READER_TROUBLE)) throw error;
    });
  }

  /** Until a handset lies on the reader alone whose chip is not known to be another's. False when the time ran out. */
  async placed(known: string | null): Promise<boolean> {
    return this.#until(this.bench.config.placeSeconds * 1000, async (reader) => {
      const lying = await this.#look(reader);
      if (lying.kind !== 'handset') {
        await this.ask(ASKED_FOR[lying.kind]);
        return false;
      }
      if (this.#isStranger(lying, known)) {
        await this.ask('felica-wrong-handset');
        return false;
      }
      await this.ask(null);
      return true;
    });
  }

  /** Until the handset was away from the reader and something lies there again. What is asked stays as it is. */
  async awayAndBack(timeoutMs: number): Promise<boolean> {
    const until = this.context.clock() + timeoutMs;
    const left = () => Math.max(0, until - this.context.clock());
    const sees = (wanted: boolean) => async (reader: FelicaReader) =>
      ((await this.#look(reader)).kind !== 'nothing') === wanted;
    return (await this.#until(left(), sees(false))) && (await this.#until(left(), sees(true)));
  }

  /** Looks at the chip; whatever disturbs it stands in the report. */
  async survey(before: SurveyReport | null): Promise<SurveyReport> {
    const { clock, signal } = this.context;
    const { hashId, config, pause } = this.bench;
    const timeoutMs = config.surveySeconds * 1000;
    const report = await survey(await this.#open(), {
      ...{ clock, signal, hashId, before, timeoutMs },
      ...(pause ? { pause } : {}),
      // Where the reader was seen empty first, what answered later is what was laid there.
      preflight: this.#sawEmpty ? { emptyField: 'silent', reference: 'not-tried' } : null,
      onRun: (run) => this.context.progress({ done: (run - 1) / 2, step: 'felica-survey' }),
    });
    if (report.cutShortBy !== null) await this.release();
    return report;
  }

  /**
   * Polls for a transit card until one answers or the time for placing is over: nobody can see an iPhone that is silent.
   * Null where the reader did not work.
   */
  async transit(): Promise<TransitReport | null> {
    const { clock, signal } = this.context;
    const { pause, config } = this.bench;
    const listenMs = Math.min(config.placeSeconds * 1000, LISTEN_MS);
    const until = clock() + listenMs;
    let last: TransitReport | null = null;
    await this.#until(listenMs, async (reader) => {
      last = await probeTransit(reader, {
        ...{ clock, signal, timeoutMs: LOOK_MS },
        ...(pause ? { pause } : {}),
      });
      return last.transit === 'answered' || clock() >= until;
    });
    return last;
  }

  #isStranger({ management }: Extract<Lying, { kind: 'handset' }>, known: string | null): boolean {
    if (management === null) return false;
    const digest = this.bench.hashId(management);
    if (this.rejected.has(digest) || this.bench.boundElsewhere(digest)) return true;
    return known !== null && known !== digest;
  }

  async #look(reader: FelicaReader): Promise<Lying> {
    const lying = await lookOnce(reader, { signal: this.context.signal, timeoutMs: LOOK_MS });
    if (lying.kind === 'nothing') this.#sawEmpty = true;
    return lying;
  }

  async #open(): Promise<FelicaReader> {
    const { signal } = this.context;
    this.#reader ??= await this.bench.open({ signal, timeoutMs: OPEN_MS });
    return this.#reader;
  }

  /** Asks `isSo` again and again, with the reader opened anew after each trouble of its own. */
  async #until(timeoutMs: number, isSo: (reader: FelicaReader) => Promise<boolean>) {
    const { clock, signal } = this.context;
    const pause = this.bench.pause ?? sleep;
    const until = clock() + timeoutMs;
    let wanted = this.#asked;
    for (;;) {
      if (this.#asked !== 'felica-reader-trouble') wanted = this.#asked;
      try {
        const reader = await this.#open();
        // What was asked before the trouble is what is still to be done.
        if (this.#asked === 'felica-reader-trouble') await this.ask(wanted);
        if (await isSo(reader)) return true;
      } catch (error) {
        if (!hasCode(error, ...READER_TROUBLE)) throw error;
        await this.release();
        await this.ask('felica-reader-trouble');
      }
      if (clock() >= until) return false;
      await pause(LOOK_AGAIN_MS, signal);
      await sleep(1, signal);
    }
  }
}
