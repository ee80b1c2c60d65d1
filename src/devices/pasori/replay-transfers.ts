import { SarachiError } from '../../errors.js';
import { abortError, type WaitOptions } from '../../wait.js';
import type { RecordedTransfer, Recording } from './recording.js';
import type { PasoriDevice, UsbTransfers } from './usb-transfers.js';

/**
 * A recorded exchange in place of a reader. Everything must happen as it was recorded, byte for byte and in order:
 * the first thing that differs is `recording-mismatch`, and so is everything after it, and a close before the end.
 */
export class ReplayTransfers implements UsbTransfers {
  readonly device: PasoriDevice;
  readonly #transfers: readonly RecordedTransfer[];
  #at = 0;
  #mismatch: SarachiError | null = null;
  #closed = false;

  constructor(recording: Recording) {
    this.device = recording.device;
    this.#transfers = recording.transfers;
  }

  /** How many recorded transfers have not happened yet. */
  get left(): number {
    return this.#transfers.length - this.#at;
  }

  async write(bytes: Uint8Array, { signal }: WaitOptions): Promise<void> {
    const recorded = this.#next('>', signal);
    if (!Buffer.from(recorded).equals(bytes)) throw this.#differs('other bytes were written');
  }

  async read(maxLength: number, { signal }: WaitOptions): Promise<Uint8Array> {
    const recorded = this.#next('<', signal);
    if (recorded.length > maxLength) throw this.#differs('less was asked for');
    return Uint8Array.from(recorded);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#mismatch) throw this.#mismatch;
    if (this.left > 0) throw this.#differs('closed before the end');
  }

  #next(direction: RecordedTransfer['direction'], signal: AbortSignal): Uint8Array {
    if (signal.aborted) throw abortError(signal);
    if (this.#mismatch) throw this.#mismatch;
    if (this.#closed) throw this.#differs('a transfer after the close');
    const recorded = this.#transfers[this.#at];
    if (!recorded) throw this.#differs('a transfer after the end');
    if (recorded.direction !== direction) throw this.#differs('the other direction');
    this.#at += 1;
    if ('failure' in recorded)
      throw new SarachiError(recorded.failure, { reason: 'as recorded', transfer: this.#at });
    return recorded.bytes;
  }

  #differs(reason: string): SarachiError {
    this.#mismatch ??= new SarachiError('recording-mismatch', { reason, transfer: this.#at });
    return this.#mismatch;
  }
}
