import type { UsbPath } from '../handset.js';
import type { Log } from '../log.js';
import { rowKey } from './adb/tracked-rows.js';
import { diffSightings, joinSightings, type Locate, locateBySerial } from './join-sightings.js';
import type {
  AdbRow,
  MuxRow,
  Sighting,
  SightingBoard,
  SightingChange,
  UsbDescription,
  UsbListener,
} from './sighting.js';

type Listener = (change: SightingChange) => void;

export interface JoinedSightingsOptions {
  readonly log: Log;
  /** Default: by the row's own path, then by serial. */
  readonly locate?: Locate;
}

/**
 * The board: takes what the bus tells (`attached`, `detached`) and the whole lists of adb (`listed`) and of usbmuxd
 * (`muxListed`), and tells subscribers what that changes at each usb path, in order. Without a bus, the lists alone are
 * what there is.
 */
export class JoinedSightings implements SightingBoard, UsbListener {
  readonly #log: Log;
  readonly #locate: Locate;
  readonly #devices = new Map<UsbPath, UsbDescription>();
  readonly #listeners = new Set<Listener>();
  readonly #queue: { readonly change: SightingChange; readonly to: readonly Listener[] }[] = [];
  #rows: readonly AdbRow[] = [];
  /** Rows of devices that the bus saw leave and adb still lists, with the path they left from. */
  #left: readonly { readonly usbPath: UsbPath; readonly row: AdbRow }[] = [];
  #muxRows: readonly MuxRow[] = [];
  /** As `#left`, of usbmuxd. */
  #muxLeft: readonly { readonly usbPath: UsbPath; readonly row: MuxRow }[] = [];
  #sightings: readonly Sighting[] = [];
  #delivering = false;

  constructor({ log, locate = locateBySerial }: JoinedSightingsOptions) {
    this.#log = log;
    this.#locate = locate;
  }

  list(): readonly Sighting[] {
    return this.#sightings;
  }

  at(usbPath: UsbPath): Sighting | null {
    return this.#sightings.find((sighting) => sighting.usbPath === usbPath) ?? null;
  }

  subscribe(listener: Listener): () => void {
    // A wrapper of its own, so that the same function may subscribe twice.
    const own: Listener = (change) => listener(change);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** From the bus: a device was plugged in, or what is known of it changed. */
  attached(device: UsbDescription): void {
    this.#devices.set(device.usbPath, device);
    this.#left = this.#left.filter(({ usbPath }) => usbPath !== device.usbPath);
    this.#muxLeft = this.#muxLeft.filter(({ usbPath }) => usbPath !== device.usbPath);
    this.#update();
  }

  /** From the bus: whatever was at this path has left, even if adb still lists it. */
  detached(usbPath: UsbPath): void {
    const { adb, mux } = this.at(usbPath) ?? {};
    if (adb) this.#left = [...this.#left, { usbPath, row: adb }];
    if (mux) this.#muxLeft = [...this.#muxLeft, { usbPath, row: mux }];
    this.#devices.delete(usbPath);
    this.#update();
  }

  /** From adb: the whole list as it is now. */
  listed(rows: readonly AdbRow[]): void {
    this.#rows = rows;
    this.#left = this.#left.filter((left) => rows.some((row) => isLeft(left.row, row)));
    this.#update();
  }

  /** From usbmuxd: the whole list as it is now. */
  muxListed(rows: readonly MuxRow[]): void {
    this.#muxRows = rows;
    this.#muxLeft = this.#muxLeft.filter((left) => rows.some((row) => isMuxLeft(left.row, row)));
    this.#update();
  }

  #update(): void {
    const rows = this.#rows.filter((row) => !this.#left.some((left) => isLeft(left.row, row)));
    const mux = this.#muxRows.filter(
      (row) => !this.#muxLeft.some((left) => isMuxLeft(left.row, row)),
    );
    const after = joinSightings([...this.#devices.values()], rows, this.#locate, mux);
    const changes = diffSightings(this.#sightings, after);
    this.#sightings = after;
    const to = [...this.#listeners];
    this.#queue.push(...changes.map((change) => ({ change, to })));
    this.#deliver();
  }

  /** A listener that causes a change itself is told of it after the others heard of the present one. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      for (const listener of next.to) {
        if (this.#listeners.has(listener)) this.#tell(listener, next.change);
      }
    }
    this.#delivering = false;
  }

  #tell(listener: Listener, change: SightingChange): void {
    try {
      listener(change);
    } catch (err) {
      // One port's failure must not keep the others from seeing their handsets.
      this.#log.error({ err }, 'a listener of sightings failed');
    }
  }
}

/** Whether `row` is still the departed one: the same name, on the same transport or one that is not known. */
function isLeft(departed: AdbRow, row: AdbRow): boolean {
  if (rowKey(departed) !== rowKey(row)) return false;
  return row.transportId === null || row.transportId === departed.transportId;
}

/** As `isLeft`: usbmuxd numbers a handset anew when it comes back, to whichever path. */
function isMuxLeft(departed: MuxRow, row: MuxRow): boolean {
  if (departed.udid !== row.udid) return false;
  return row.deviceId === null || row.deviceId === departed.deviceId;
}
