import { SILENCE, type Silence } from '../../devices/felica/card-values.js';
import { FelicaCard } from '../../devices/felica/felica-card.js';
import type { FelicaBitRate, FelicaReader } from '../../devices/felica/felica-reader.js';
import { hasCode, type SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import type { WaitOptions } from '../../wait.js';

/** Air, reader or answer failed at each try. Never evidence of anything. */
export const FAULT = Symbol('the exchange failed');
export type Fault = typeof FAULT;

const TRIES = 3;
const MAX_KINDS = 8;
/** One exchange with everything that a reader may need to come back in step. */
const COMMAND_MS = 10_000;

type Ask<T> = (card: FelicaCard, wait: WaitOptions) => Promise<T | Silence>;

/**
 * Asks a chip, and keeps count of what went wrong: a fault that another try mended is still a fault of this run. What
 * ends the survey, as a reader that was unplugged, is thrown.
 */
export class Asker {
  readonly #reader: FelicaReader;
  readonly #card: FelicaCard;
  readonly #signal: AbortSignal;
  readonly #kinds = new Set<string>();
  faults = 0;
  exchanges = 0;

  constructor(reader: FelicaReader, signal: AbortSignal) {
    this.#reader = reader;
    this.#card = new FelicaCard(reader);
    this.#signal = signal;
  }

  get faultKinds(): readonly string[] {
    return [...this.#kinds].sort();
  }

  /** Asks once, and again only after a fault. */
  async once<T>(ask: Ask<T>): Promise<T | Silence | Fault> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      try {
        this.exchanges += 1;
        return await ask(this.#card, this.#wait());
      } catch (error) {
        this.#note(error);
      }
    }
    return FAULT;
  }

  /** Asks for what the chip should know: silence is asked again, too. */
  async surely<T>(ask: Ask<T>): Promise<T | Silence | Fault> {
    let answer: T | Silence | Fault = SILENCE;
    for (let tries = 0; tries < TRIES && answer === SILENCE; tries += 1)
      answer = await this.once(ask);
    return answer;
  }

  /** The chip loses its power, and starts anew with the next question. What fails counts, and shows in the next answers. */
  cycleField(): Promise<void> {
    return this.#order((wait) => this.#reader.field(false, wait));
  }

  bitRate(kbps: FelicaBitRate): Promise<void> {
    return this.#order((wait) => this.#reader.bitRate(kbps, wait));
  }

  async #order(order: (wait: WaitOptions) => Promise<void>): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      try {
        return await order(this.#wait());
      } catch (error) {
        this.#note(error);
      }
    }
  }

  #wait(): WaitOptions {
    return { signal: this.#signal, timeoutMs: COMMAND_MS };
  }

  #note(error: unknown): void {
    if (this.#signal.aborted || !isPassing(error)) throw error;
    this.faults += 1;
    const said = error.detail['fault'] ?? error.detail['reason'] ?? error.detail['status'];
    const kind = cleanField(`${error.code}${said === undefined ? '' : `: ${said}`}`, 100);
    if (kind && this.#kinds.size < MAX_KINDS) this.#kinds.add(kind);
  }
}

function isPassing(error: unknown): error is SarachiError {
  return hasCode(
    error,
    'rf-fault',
    'card-protocol',
    'reader-timeout',
    'reader-protocol',
    'reader-refused',
  );
}
