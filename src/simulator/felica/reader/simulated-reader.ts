import { type FelicaFaults, noFelicaFaults } from '../faults.js';
import { RfField } from '../rf-field.js';
import type { RfTarget } from '../target.js';
import { type Firmware, ReaderAir } from './firmware.js';
import { InPipe } from './in-pipe.js';
import { READER_MODELS, type ReaderModelName } from './models.js';
import { AirPace, realTime, type SimulatedTime } from './simulated-time.js';
import { type ReaderDescription, type ReaderTransfers, UsbFault } from './transfers.js';

const SONY = 0x054c;

export interface SimulatedReaderOptions {
  readonly model: ReaderModelName;
  readonly serialNumber: string;
  readonly usbPath: string;
  /** How long the air takes: 1 is as long as in the world, 0 no time at all. Default 0. */
  readonly pace?: number;
  readonly time?: SimulatedTime;
}

/** A PaSoRi on the desk: bytes of bulk transfers in and out, a field above it in which handsets and cards can lie. */
export class SimulatedReader {
  readonly faults: FelicaFaults = noFelicaFaults();
  readonly #options: SimulatedReaderOptions;
  readonly #field = new RfField();
  readonly #air: ReaderAir;
  readonly #pace: AirPace;
  readonly #pipe: InPipe;
  readonly #firmware: Firmware;
  readonly #watchers = new Set<() => void>();
  #isPlugged = true;
  #address = 1;
  #open: object | null = null;

  constructor(options: SimulatedReaderOptions) {
    const time = options.time ?? realTime();
    this.#options = options;
    this.#air = new ReaderAir(this.#field, this.faults);
    this.#pace = new AirPace(options.pace ?? 0, time);
    this.#pipe = new InPipe(() => this.faults.pieces, time);
    this.#firmware = READER_MODELS[options.model].firmware({
      field: this.#field,
      faults: this.faults,
      pipe: this.#pipe,
      pace: this.#pace,
      time,
      air: this.#air,
      product: READER_MODELS[options.model].product,
      serialNumber: options.serialNumber,
    });
  }

  get description(): ReaderDescription {
    const { model, serialNumber, usbPath } = this.#options;
    const { productId, product, interfaces } = READER_MODELS[model];
    return {
      vendorId: SONY,
      productId,
      manufacturer: 'SONY',
      product,
      serialNumber,
      usbPath,
      address: this.#address,
      interfaces,
    };
  }

  get isPlugged(): boolean {
    return this.#isPlugged;
  }

  /** Whether the field is on, for those who look at the reader's light. */
  get isFieldOn(): boolean {
    return this.#field.isOn;
  }

  /** What lies on the reader. */
  get targets(): readonly RfTarget[] {
    return this.#field.targets;
  }

  /** Exchanges with a card since the reader was made. */
  get exchanges(): number {
    return this.#air.exchanges;
  }

  /** Milliseconds that everything on the air so far takes in the world, whatever the pace. */
  get airMs(): number {
    return this.#pace.airMs;
  }

  put(target: RfTarget): void {
    this.#field.put(target);
  }

  take(target: RfTarget): void {
    this.#field.take(target);
  }

  /** Calls back whenever the reader is plugged in or out. Returns what ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Pulls the cable: every transfer fails from now on, also after the reader came back, until it is opened again. */
  unplug(): void {
    if (!this.#isPlugged) return;
    this.#isPlugged = false;
    this.#open = null;
    this.#firmware.reset();
    this.#pipe.empty();
    this.#pipe.fail(new UsbFault('no-device'));
    for (const watcher of [...this.#watchers]) watcher();
  }

  plug(): void {
    if (this.#isPlugged) return;
    this.#isPlugged = true;
    this.#address += 1;
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Leaves bytes in the reader that an earlier program never fetched. */
  leaveUnread(bytes: Uint8Array): void {
    this.#pipe.push(bytes);
  }

  /**
   * Opens the reader's vendor interface. Throws a `UsbFault`: `no-device` when it is not plugged in, `busy` when it is
   * open already or another driver holds it.
   */
  transfers(): ReaderTransfers {
    if (!this.#isPlugged) throw new UsbFault('no-device');
    if (this.faults.heldByOther || this.#open) throw new UsbFault('busy');
    const handle = {};
    this.#open = handle;
    this.#firmware.opened();
    let isClosed = false;
    const check = () => {
      if (isClosed) throw new UsbFault('closed');
      if (this.#open !== handle) throw new UsbFault('no-device');
    };
    return {
      out: async (bytes) => {
        check();
        this.#firmware.receive(Uint8Array.from(bytes));
      },
      in: async (timeoutMs) => {
        check();
        return await this.#pipe.take(timeoutMs);
      },
      close: async () => {
        if (this.#open === handle) {
          this.#open = null;
          this.#pipe.fail(new UsbFault('closed'));
        }
        isClosed = true;
      },
    };
  }
}
