import { join } from 'node:path';
import type { UsbBus, UsbDescription, UsbListener } from '../devices/sighting.js';
import { asSarachiError, SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import type { Faults } from './android/faults.js';
import { type HandsetOptions, SimulatedHandset } from './android/handset.js';
import type { HandsetSpec } from './android/handset-spec.js';
import { SystemRoots } from './android/system-root.js';
import type { Cable } from './cable.js';
import { PluggedHandset } from './plugged-handset.js';

export interface SimulatedRackOptions {
  /** A cable for this handset in this opening; asked for at each plugging in. */
  readonly cable: (handset: SimulatedHandset, usbPath: UsbPath) => Cable;
  /** Handsets live in `handsets/<serial>` below it, their system partitions in `simulator`. */
  readonly stateDir: string;
  /** Timing and privilege of every handset made here. */
  readonly handset?: Omit<HandsetOptions, 'folder' | 'systems' | 'onTrouble'>;
  /** Told what went wrong inside the simulator itself while nobody waited for it. */
  readonly onTrouble?: (error: SarachiError) => void;
}

/** A handset on its way out, until the host was told. */
interface Leaving {
  readonly usbPath: UsbPath;
  readonly handset: SimulatedHandset;
  readonly left: Promise<void>;
}

/** A rack whose openings hold simulated handsets. It is a USB bus too, for a host that has none. */
export class SimulatedRack implements UsbBus {
  readonly #options: SimulatedRackOptions;
  readonly #systems: SystemRoots;
  readonly #plugged = new Map<UsbPath, PluggedHandset>();
  readonly #swaps = new Map<UsbPath, SimulatedHandset>();
  readonly #onBus = new Map<UsbPath, UsbDescription>();
  readonly #made = new Set<SimulatedHandset>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #leaving = new Set<Leaving>();
  #listener: UsbListener | null = null;

  constructor(options: SimulatedRackOptions) {
    this.#options = options;
    this.#systems = new SystemRoots(join(options.stateDir, 'simulator'));
  }

  /** Makes a handset of this rack and switches it on, still without a cable. */
  async handset(spec: HandsetSpec, faults?: Faults): Promise<SimulatedHandset> {
    const { stateDir, onTrouble, handset } = this.#options;
    const options = { ...(onTrouble ? { onTrouble } : {}), ...handset };
    const made = new SimulatedHandset(
      spec,
      { ...options, folder: join(stateDir, 'handsets'), systems: this.#systems },
      faults,
    );
    this.#made.add(made);
    await made.switchOn();
    return made;
  }

  /** Puts a handset in. Throws `not-possible-now` where the opening or the handset is taken. */
  plug(usbPath: UsbPath, handset: SimulatedHandset): void {
    const taken = [...this.#plugged.values()].some((one) => one.handset === handset);
    if (taken || this.#plugged.has(usbPath))
      throw new SarachiError('not-possible-now', { usbPath });
    const plugged = new PluggedHandset(handset, this.#options.cable(handset, usbPath), {
      onBus: (face) => this.#bus(usbPath, face),
      cameBack: () => this.#swap(usbPath),
      cableDropped: (forMs) => this.#drop(usbPath, forMs),
      cableFailed: (error) => this.#options.onTrouble?.(asSarachiError(error)),
      free: this.#left((one) => one.usbPath === usbPath || one.handset === handset),
    });
    this.#plugged.set(usbPath, plugged);
    plugged.refresh();
  }

  /** Pulls the cable. The handset runs on by its battery; it is returned. */
  unplug(usbPath: UsbPath): SimulatedHandset | null {
    const plugged = this.#plugged.get(usbPath);
    if (!plugged) return null;
    this.#plugged.delete(usbPath);
    const { handset } = plugged;
    const leaving = { usbPath, handset, left: plugged.leave() };
    this.#leaving.add(leaving);
    void leaving.left.then(() => this.#leaving.delete(leaving));
    return handset;
  }

  /** A hub loses its plug: all of its openings at once. */
  pull(usbPaths: readonly UsbPath[]): readonly SimulatedHandset[] {
    return usbPaths.flatMap((path) => this.unplug(path) ?? []);
  }

  at(usbPath: UsbPath): SimulatedHandset | null {
    return this.#plugged.get(usbPath)?.handset ?? null;
  }

  /** When the handset here comes back from its next boot, this other one stands in its place. */
  swapAtNextBoot(usbPath: UsbPath, other: SimulatedHandset): void {
    this.#swaps.set(usbPath, other);
  }

  async start(listener: UsbListener): Promise<void> {
    this.#listener = listener;
    for (const device of this.#onBus.values()) listener.attached(device);
  }

  async stop(): Promise<void> {
    this.#listener = null;
  }

  /** Pulls every cable and switches every handset off. Nothing runs or is mounted afterwards. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.pull([...this.#plugged.keys()]);
    await this.#left(() => true);
    await Promise.all([...this.#made].map((handset) => handset.switchOff()));
  }

  #bus(usbPath: UsbPath, face: Omit<UsbDescription, 'usbPath'> | null): void {
    if (this.#onBus.delete(usbPath)) this.#listener?.detached(usbPath);
    if (!face) return;
    const { vendorId, productId, serial, interfaces } = face;
    const device = { usbPath, vendorId, productId, serial, interfaces };
    this.#onBus.set(usbPath, device);
    this.#listener?.attached(device);
  }

  #swap(usbPath: UsbPath): boolean {
    const other = this.#swaps.get(usbPath);
    if (!other) return false;
    this.#swaps.delete(usbPath);
    this.unplug(usbPath);
    this.plug(usbPath, other);
    return true;
  }

  #drop(usbPath: UsbPath, forMs: number | null): void {
    const handset = this.unplug(usbPath);
    if (!handset || forMs === null) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#plugged.has(usbPath)) this.plug(usbPath, handset);
    }, forMs);
    this.#timers.add(timer);
  }

  async #left(concerns: (one: Leaving) => boolean): Promise<void> {
    await Promise.all([...this.#leaving].filter(concerns).map(({ left }) => left));
  }
}
