import type { Cable } from './cable.js';
import type { Face, Pluggable } from './pluggable.js';

export interface Opening {
  /** What the bus shows here from now on; null: nothing. */
  onBus(face: Face | null): void;
  /** The handset has booted. True: something else took its place. */
  cameBack(): boolean;
  cableDropped(forMs: number | null): void;
  /** The cable failed to show what it was given. Later changes are shown all the same. */
  cableFailed(error: unknown): void;
  /** The host has forgotten who was here before; resolves always. */
  readonly free: Promise<void>;
}

/** A handset with its cable in: keeps the bus, and the host at the other end of the cable, at what the handset shows. */
export class PluggedHandset<F extends Face> {
  readonly #handset: Pluggable<F>;
  readonly #opening: Opening;
  readonly #cable: Cable<F>;
  readonly #unwatch: () => void;
  #shown: string | null = null;
  #wanted: F | null = null;
  #carried: F | null = null;
  #work: Promise<void>;

  constructor(handset: Pluggable<F>, cable: Cable<F>, opening: Opening) {
    this.#handset = handset;
    this.#opening = opening;
    this.#cable = cable;
    this.#work = opening.free;
    this.#unwatch = handset.watch({
      faceChanged: () => this.refresh(),
      cableDropped: (forMs) => opening.cableDropped(forMs),
    });
  }

  /** Brings what the others see up to date with the handset: the bus first, then the cable. */
  refresh(): void {
    const face = this.#handset.face();
    const shown = face ? JSON.stringify(face) : null;
    if (shown === this.#shown) return;
    if (face && this.#shown === null && this.#opening.cameBack()) return;
    this.#shown = shown;
    this.#opening.onBus(face);
    this.#carry(face);
  }

  /** Pulls the cable; resolves when the host was told. Never rejects. */
  leave(): Promise<void> {
    this.#unwatch();
    this.#shown = null;
    this.#opening.onBus(null);
    this.#carry(null);
    return this.#work;
  }

  #carry(face: F | null): void {
    this.#wanted = face;
    this.#work = this.#work
      .then(() => this.#bringUpToDate())
      .catch((error: unknown) => this.#opening.cableFailed(error));
  }

  /** What is wanted is looked at when its turn comes. Each face is an object of its own: a reboot is never missed. */
  async #bringUpToDate(): Promise<void> {
    if (this.#carried === this.#wanted) return;
    if (this.#carried) {
      this.#carried = null;
      await this.#cable.show(null);
    }
    this.#carried = this.#wanted;
    if (this.#carried) await this.#cable.show(this.#carried);
  }
}
