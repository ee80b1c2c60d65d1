import type { SimulatedHandset } from './android/handset.js';
import { type AdbServerDoor, TcpCarrier } from './android/tcp-carrier.js';
import type { UsbFace } from './android/usb-face.js';

interface Opening {
  /** What the bus shows here from now on; null: nothing. */
  onBus(face: UsbFace | null): void;
  /** The handset has booted. True: something else took its place. */
  cameBack(): boolean;
  cableDropped(forMs: number | null): void;
}

/** A handset with its cable in: keeps bus and adb server at what the handset shows. */
export class PluggedHandset {
  readonly handset: SimulatedHandset;
  readonly #opening: Opening;
  readonly #carrier: TcpCarrier;
  readonly #unwatch: () => void;
  #shown: string | null = null;
  #wanted = false;
  #carried = false;
  #work: Promise<void> = Promise.resolve();

  constructor(handset: SimulatedHandset, door: AdbServerDoor, opening: Opening) {
    this.handset = handset;
    this.#opening = opening;
    this.#carrier = new TcpCarrier(handset, door);
    this.#unwatch = handset.watch({
      faceChanged: () => this.refresh(),
      cableDropped: (forMs) => opening.cableDropped(forMs),
    });
  }

  get address(): string | null {
    return this.#carrier.address;
  }

  /** Brings what the others see up to date with the handset. */
  refresh(): void {
    const face = this.handset.face();
    const shown = face ? JSON.stringify(face) : null;
    if (shown === this.#shown) return;
    if (face && this.#shown === null && this.#opening.cameBack()) return;
    this.#shown = shown;
    this.#opening.onBus(face);
    this.#carry(face?.adb ?? false);
  }

  reconnect(): void {
    if (this.#carried) this.#carrier.reconnect();
  }

  /** Pulls the cable; resolves when the adb server was told. */
  leave(): Promise<void> {
    this.#unwatch();
    this.#shown = null;
    this.#opening.onBus(null);
    this.#carry(false);
    return this.#work;
  }

  /** Changes are made one after the other; what is wanted is looked at when its turn comes. */
  #carry(wanted: boolean): void {
    this.#wanted = wanted;
    this.#work = this.#work.then(async () => {
      if (this.#carried) await this.#carrier.stop();
      this.#carried = this.#wanted;
      if (this.#carried) await this.#carrier.start();
    });
  }
}
