import { asSarachiError } from '../../errors.js';
import type { WaitOptions } from '../../wait.js';
import { headerLines, type RecordedTransfer, transferLine } from './recording.js';
import type { PasoriDevice, UsbTransfers } from './usb-transfers.js';

/**
 * Transfers that are written down as they happen, one line at a time and in the order in which they were begun. What
 * is written identifies chips: keep it like the ledger, not like a log.
 */
export class RecordingTransfers implements UsbTransfers {
  readonly device: PasoriDevice;
  readonly #inner: UsbTransfers;
  readonly #write: (line: string) => void;
  /** Begun and not written yet; the first is the next line. */
  readonly #open: { line: string | null }[] = [];

  /** The header is written at the first transfer. */
  constructor(inner: UsbTransfers, write: (line: string) => void) {
    this.device = inner.device;
    this.#inner = inner;
    this.#write = write;
    this.#open.push({ line: headerLines(inner.device).join('\n') });
  }

  write(bytes: Uint8Array, options: WaitOptions): Promise<void> {
    const copy = Uint8Array.from(bytes);
    return this.#record('>', this.#inner.write(bytes, options), () => copy);
  }

  read(maxLength: number, options: WaitOptions): Promise<Uint8Array> {
    return this.#record('<', this.#inner.read(maxLength, options), (bytes) => bytes);
  }

  async close(): Promise<void> {
    await this.#inner.close();
    this.#flush();
  }

  async #record<T>(
    direction: RecordedTransfer['direction'],
    transfer: Promise<T>,
    bytesOf: (value: T) => Uint8Array,
  ): Promise<T> {
    const slot: { line: string | null } = { line: null };
    this.#open.push(slot);
    try {
      const value = await transfer;
      slot.line = transferLine({ direction, bytes: bytesOf(value) });
      return value;
    } catch (error) {
      slot.line = transferLine({ direction, failure: asSarachiError(error).code });
      throw error;
    } finally {
      this.#flush();
    }
  }

  #flush(): void {
    for (let next = this.#open[0]; next && next.line !== null; next = this.#open[0]) {
      this.#open.shift();
      this.#write(next.line);
    }
  }
}
