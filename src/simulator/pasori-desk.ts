import type { PasoriBus, PasoriDevice, UsbTransfers } from '../devices/pasori/usb-transfers.js';
import { SarachiError } from '../errors.js';
import { raceAbort, type WaitOptions } from '../wait.js';
import type { SimulatedReader } from './felica/reader/simulated-reader.js';
import { type ReaderTransfers, UsbFault } from './felica/reader/transfers.js';

function deviceOf(reader: SimulatedReader): PasoriDevice {
  const { vendorId, productId, usbPath, serialNumber } = reader.description;
  return { vendorId, productId, usbPath, serial: serialNumber };
}

/** The transfers of a simulated reader behind the seam that the daemon's readers stand on. */
class SimulatedTransfers implements UsbTransfers {
  readonly device: PasoriDevice;
  readonly #bulk: ReaderTransfers;
  /** A read that was given up still takes what comes: the next read gets it. */
  #pending: Promise<Uint8Array | null> | null = null;

  constructor(device: PasoriDevice, bulk: ReaderTransfers) {
    this.device = device;
    this.#bulk = bulk;
  }

  write(bytes: Uint8Array, { signal }: WaitOptions): Promise<void> {
    return raceAbort(this.#named(this.#bulk.out(bytes)), signal);
  }

  async read(maxLength: number, { signal, timeoutMs }: WaitOptions): Promise<Uint8Array> {
    const left = this.#pending;
    this.#pending = null;
    const given = left === null ? null : await raceAbort(this.#named(left), signal);
    const piece = given ?? (await this.#next(timeoutMs, signal));
    if (piece === null) throw new SarachiError('reader-timeout', { timeoutMs });
    if (piece.length > maxLength) throw new SarachiError('reader-protocol', { reason: 'overflow' });
    return piece;
  }

  async close(): Promise<void> {
    await this.#bulk.close();
  }

  async #next(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const coming = this.#bulk.in(timeoutMs);
    this.#pending = coming;
    const piece = await raceAbort(this.#named(coming), signal);
    this.#pending = null;
    return piece;
  }

  async #named<T>(transfer: Promise<T>): Promise<T> {
    try {
      return await transfer;
    } catch (cause) {
      this.#pending = null;
      throw usbError(cause, this.device.usbPath);
    }
  }
}

function usbError(cause: unknown, usbPath: string): SarachiError {
  if (!(cause instanceof UsbFault)) throw cause;
  const { reason } = cause;
  return new SarachiError(
    reason === 'busy' ? 'reader-busy' : 'reader-gone',
    { usbPath, reason },
    { cause },
  );
}

/** The simulated readers of a desk, as the bus of this host. */
export class SimulatedPasoriBus implements PasoriBus {
  readonly #readers: readonly SimulatedReader[];

  constructor(readers: readonly SimulatedReader[]) {
    this.#readers = readers;
  }

  async list(): Promise<readonly PasoriDevice[]> {
    return this.#readers.filter(({ isPlugged }) => isPlugged).map(deviceOf);
  }

  async open(usbPath: string): Promise<UsbTransfers> {
    const reader = this.#readers.find((one) => one.description.usbPath === usbPath);
    if (!reader) throw new SarachiError('reader-gone', { usbPath });
    try {
      return new SimulatedTransfers(deviceOf(reader), reader.transfers());
    } catch (cause) {
      throw usbError(cause, usbPath);
    }
  }
}
