import { setTimeout as delay } from 'node:timers/promises';
import { SarachiError } from '../../errors.js';
import { abortError, type WaitOptions } from '../../wait.js';
import {
  errnoOf,
  LIBUSB,
  type LibusbEndpoint,
  type LibusbInterface,
  type LibusbTransfer,
} from './libusb-device.js';
import type { PasoriDevice, UsbTransfers } from './usb-transfers.js';

const CLOSE_MS = 1_000;

export interface LibusbTransfersParts {
  readonly device: PasoriDevice;
  readonly face: LibusbInterface;
  readonly output: LibusbEndpoint;
  readonly input: LibusbEndpoint;
  /** Whether the kernel still shows the reader: a transfer to one that left may only be late, and never fail. */
  readonly isThere: () => boolean;
  /** Closes the device, after the interface was released. */
  readonly closeDevice: () => void;
}

/** A transfer that libusb has not ended yet. */
interface Pending {
  readonly ended: Promise<void>;
  readonly giveUp: () => void;
}

/** Bulk transfers by the `usb` package 2.x, with an interface that is claimed. */
export class LibusbTransfers implements UsbTransfers {
  readonly device: PasoriDevice;
  readonly #parts: LibusbTransfersParts;
  readonly #pending = new Map<LibusbTransfer, Pending>();
  #closed: Promise<void> | null = null;

  constructor(parts: LibusbTransfersParts) {
    this.#parts = parts;
    this.device = parts.device;
  }

  async write(bytes: Uint8Array, options: WaitOptions): Promise<void> {
    const { output } = this.#parts;
    const written = await this.#transfer(output, Buffer.from(bytes), options);
    if (written !== bytes.length)
      throw new SarachiError('reader-protocol', {
        reason: 'short write',
        bytes: bytes.length,
        written,
      });
    // Nothing else tells the device that a whole number of packets was all.
    if (bytes.length % output.descriptor.wMaxPacketSize === 0)
      await this.#transfer(output, Buffer.alloc(0), options);
  }

  async read(maxLength: number, options: WaitOptions): Promise<Uint8Array> {
    const buffer = Buffer.alloc(maxLength);
    return buffer.subarray(0, await this.#transfer(this.#parts.input, buffer, options));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The device itself is closed when its last transfer has ended, which on a broken bus may be never. */
  async #close(): Promise<void> {
    for (const { giveUp } of this.#pending.values()) giveUp();
    const closing = this.#release();
    const patience = new AbortController();
    const bored = delay(CLOSE_MS, undefined, { signal: patience.signal });
    await Promise.race([closing, bored.catch(() => undefined)]);
    patience.abort();
  }

  async #release(): Promise<void> {
    // libusb releases nothing that has transfers under way.
    await Promise.all([...this.#pending.values()].map(({ ended }) => ended));
    await new Promise<void>((resolve) => {
      // A device that left cannot be released, and need not be.
      this.#parts.face.release(() => resolve());
    });
    this.#parts.closeDevice();
  }

  /** How many bytes went. A transfer that is cancelled or late ends by its callback, once. */
  #transfer(endpoint: LibusbEndpoint, buffer: Buffer, options: WaitOptions): Promise<number> {
    const { signal, timeoutMs } = options;
    if (signal.aborted) return Promise.reject(abortError(signal));
    if (this.#closed !== null) return Promise.reject(this.#gone('closed'));
    const { promise, resolve, reject } = deferred<number>();
    const ended = deferred<void>();
    // Without the device libusb may never end the transfer; nobody should wait for that.
    const giveUp = () => {
      const failure = cancel(transfer);
      if (failure || !this.#parts.isThere()) reject(this.#gone('unplugged', failure));
    };
    // To libusb 0 is for ever.
    const limit = Math.max(1, Math.ceil(timeoutMs));
    const transfer = endpoint.makeTransfer(limit, (error, _buffer, length) => {
      const end = () => {
        this.#pending.delete(transfer);
        signal.removeEventListener('abort', giveUp);
        ended.resolve();
        if (!error) resolve(length);
        else if (errnoOf(error) === LIBUSB.transferTimedOut && length > 0) resolve(length);
        else if (signal.aborted && this.#parts.isThere()) reject(abortError(signal));
        else reject(this.#fault(error));
      };
      if (errnoOf(error) === LIBUSB.transferStall) endpoint.clearHalt(end);
      else end();
    });
    try {
      transfer.submit(buffer);
    } catch (error) {
      return Promise.reject(this.#unsubmitted(error));
    }
    this.#pending.set(transfer, { ended: ended.promise, giveUp });
    signal.addEventListener('abort', giveUp, { once: true });
    return promise;
  }

  #fault(cause: Error): SarachiError {
    const { usbPath } = this.device;
    switch (errnoOf(cause)) {
      case LIBUSB.transferTimedOut:
        return this.#parts.isThere()
          ? new SarachiError('reader-timeout', { usbPath }, { cause })
          : this.#gone('unplugged', cause);
      case LIBUSB.transferNoDevice:
        return this.#gone('unplugged', cause);
      case LIBUSB.transferCancelled:
        return this.#gone('closed', cause);
      case LIBUSB.transferStall:
        return new SarachiError('reader-protocol', { usbPath, reason: 'stall' }, { cause });
      default:
        return new SarachiError('reader-protocol', { usbPath, reason: cause.message }, { cause });
    }
  }

  #unsubmitted(cause: unknown): SarachiError {
    const errno = errnoOf(cause);
    // Without a number it is the package itself: the device is not open any more.
    if (errno === null || errno === LIBUSB.errorNoDevice) return this.#gone('unplugged', cause);
    return new SarachiError('reader-protocol', { usbPath: this.device.usbPath, errno }, { cause });
  }

  #gone(reason: string, cause?: unknown): SarachiError {
    return new SarachiError('reader-gone', { usbPath: this.device.usbPath, reason }, { cause });
  }
}

/** Null, or why the transfer could not be cancelled: its device is gone. */
function cancel(transfer: LibusbTransfer): Error | null {
  try {
    transfer.cancel();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // Whoever waits sees it; a transfer that nobody waits for any more must not end the program.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
