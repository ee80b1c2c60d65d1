import { hasCode, SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { type WaitOptions, withDeadline } from '../../wait.js';
import { Turnstile } from '../apple/turnstile.js';
import { lengthPrefixed, withoutLength } from '../felica/allowed-commands.js';
import type { CardWait, FelicaBitRate, FelicaReader } from '../felica/felica-reader.js';
import type { ReaderProtocol } from './reader-protocol.js';
import type { UsbTransfers } from './usb-transfers.js';

const CLOSE_MS = 3_000;
const BEAT_MS = 1_000;

export interface PasoriReaderParts {
  readonly transfers: UsbTransfers;
  readonly protocol: ReaderProtocol;
  readonly model: string;
  readonly firmware: string;
}

/** One opened reader: keeps its commands apart, and knows whether the field is up and the reader in step. */
export class PasoriReader implements FelicaReader {
  readonly name: string;
  readonly serial: string | null;
  readonly model: string;
  readonly firmware: string;
  readonly usbPath: UsbPath;
  readonly #transfers: UsbTransfers;
  readonly #protocol: ReaderProtocol;
  readonly #turnstile = new Turnstile(1);
  #rate: FelicaBitRate = 212;
  #up = false;
  /** A command did not end well: what comes next may be its answer, and the field may be up or down. */
  #astray = false;
  #over: SarachiError | null = null;
  #closed: Promise<void> | null = null;
  #beat: NodeJS.Timeout | undefined;

  constructor({ transfers, protocol, model, firmware }: PasoriReaderParts) {
    this.#transfers = transfers;
    this.#protocol = protocol;
    this.model = model;
    this.firmware = firmware;
    this.name = `${model} ${firmware}`;
    this.serial = transfers.device.serial;
    this.usbPath = transfers.device.usbPath;
  }

  async exchange(frame: Uint8Array, options: CardWait): Promise<Uint8Array | null> {
    const framed = lengthPrefixed(frame);
    const answer = await this.#turn(options, async (signal) => {
      await this.#raise(signal);
      return this.#protocol.exchange(framed, options.cardTimeoutMs, signal);
    });
    return answer === null ? null : withoutLength(answer);
  }

  field(on: boolean, options: WaitOptions): Promise<void> {
    return this.#turn(options, (signal) => (on ? this.#raise(signal) : this.#lower(signal)));
  }

  bitRate(kbps: FelicaBitRate, options: WaitOptions): Promise<void> {
    return this.#turn(options, async (signal) => {
      const same = this.#rate === kbps;
      this.#rate = kbps;
      if (this.#up && !same) await this.#protocol.tune(kbps, signal);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const options = { signal: new AbortController().signal, timeoutMs: CLOSE_MS };
    try {
      await this.#turn(options, async (signal) => {
        if (this.#up) await this.#lower(signal);
        await this.#protocol.stop(signal);
      });
    } catch (error) {
      if (!hasCode(error, 'reader-gone')) throw error;
    } finally {
      clearTimeout(this.#beat);
      this.#over ??= new SarachiError('reader-gone', { reason: 'closed' });
      await this.#transfers.close();
    }
  }

  async #raise(signal: AbortSignal): Promise<void> {
    if (this.#up) return;
    await this.#protocol.raise(this.#rate, signal);
    this.#up = true;
  }

  async #lower(signal: AbortSignal): Promise<void> {
    if (!this.#up) return;
    await this.#protocol.lower(signal);
    this.#up = false;
  }

  /** Alone on the wire until `work` has really ended, even where the caller's time ran out before. */
  #turn<T>(options: WaitOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(options, 'reader-timeout', async (signal) => {
      const leave = await this.#turnstile.enter(1, signal);
      clearTimeout(this.#beat);
      try {
        if (this.#over) throw this.#over;
        if (this.#astray) await this.#protocol.recover(signal);
        this.#astray = false;
        return await work(signal);
      } catch (error) {
        this.#note(error);
        throw error;
      } finally {
        this.#beatLater();
        leave();
      }
    });
  }

  #note(error: unknown): void {
    // The card or the air was at fault; reader and field are as they were.
    if (hasCode(error, 'rf-fault') && !`${error.detail['fault']}`.includes('rf off')) return;
    this.#up = false;
    this.#astray = true;
    if (hasCode(error, 'reader-gone')) this.#over = error;
  }

  #beatLater(): void {
    const { keepAlive } = this.#protocol;
    if (!keepAlive || !this.#up || this.#closed !== null) return;
    const options = { signal: new AbortController().signal, timeoutMs: BEAT_MS };
    this.#beat = setTimeout(() => {
      // A failure is kept by #note, and met by whoever asks next.
      this.#turn(options, (signal) => keepAlive.beat(signal)).catch(() => undefined);
    }, keepAlive.everyMs);
    this.#beat.unref();
  }
}
