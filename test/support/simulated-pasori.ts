import { startReader } from '../../src/devices/pasori/open-reader.js';
import type { PasoriReader } from '../../src/devices/pasori/pasori-reader.js';
import type {
  PasoriBus,
  PasoriDevice,
  UsbTransfers,
} from '../../src/devices/pasori/usb-transfers.js';
import { SarachiError } from '../../src/errors.js';
import type { ReaderModelName } from '../../src/simulator/felica/reader/models.js';
import { SimulatedReader } from '../../src/simulator/felica/reader/simulated-reader.js';
import type { SimulatedTime } from '../../src/simulator/felica/reader/simulated-time.js';
import { type ReaderTransfers, UsbFault } from '../../src/simulator/felica/reader/transfers.js';
import { raceAbort, type WaitOptions } from '../../src/wait.js';

/** Both families of readers. */
export const MODELS = ['RC-S380/P', 'RC-S300/S'] as const satisfies readonly ReaderModelName[];

/**
 * A clock for an air that takes no time: whoever waits on it has waited long enough at the next turn of the event loop,
 * because nothing else is on its way then.
 */
export function noTime(): SimulatedTime {
  return {
    now: () => performance.now(),
    after: (_ms, then) => {
      const turn = setImmediate(then);
      return () => clearImmediate(turn);
    },
  };
}

/** A reader on whose air nothing takes time. */
export function quickReader(model: ReaderModelName, usbPath = '1-4.2'): SimulatedReader {
  return new SimulatedReader({ model, serialNumber: '0123456', usbPath, time: noTime() });
}

export const noPause = async (_ms: number, signal: AbortSignal) => signal.throwIfAborted();
export const wait = (timeoutMs = 10_000) => ({ signal: new AbortController().signal, timeoutMs });

function deviceOf(reader: SimulatedReader): PasoriDevice {
  const { vendorId, productId, usbPath, serialNumber } = reader.description;
  return { vendorId, productId, usbPath, serial: serialNumber };
}

/** The transfers of a simulated reader behind the seam that the daemon's readers stand on. */
export class SimulatedTransfers implements UsbTransfers {
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
    const given = left ? await raceAbort(this.#named(left), signal) : null;
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

/** The daemon's own reader on a simulated one. Its pauses take no time unless they are said to. */
export async function openSimulated(
  reader: SimulatedReader,
  pause = noPause,
): Promise<PasoriReader> {
  const bus = new SimulatedPasoriBus([reader]);
  const transfers = await bus.open(reader.description.usbPath);
  return startReader(transfers, { ...wait(), pause });
}
