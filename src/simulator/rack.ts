import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { UsbAddress } from '../devices/apple/location.js';
import type { UsbBus, UsbDescription, UsbListener } from '../devices/sighting.js';
import { asSarachiError, SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import type { Faults } from './android/faults.js';
import { type HandsetOptions, SimulatedHandset } from './android/handset.js';
import type { HandsetSpec } from './android/handset-spec.js';
import { SystemRoots } from './android/system-root.js';
import { type AppleFaults, noAppleFaults } from './apple/faults.js';
import { type IphoneOptions, SimulatedIphone } from './apple/iphone.js';
import type { IphoneSpec } from './apple/iphone-spec.js';
import { SimulatedUsbmuxd, type UsbmuxdOptions } from './apple/usbmux/usbmuxd.js';
import type { Cable } from './cable.js';
import { MuxCable } from './mux-cable.js';
import type { Face, Pluggable } from './pluggable.js';
import { type Opening, PluggedHandset } from './plugged-handset.js';
import { UsbAddresses } from './usb-addresses.js';

export interface SimulatedRackOptions {
  /** A cable for this Android handset in this opening; asked for at each plugging in. */
  readonly cable: (handset: SimulatedHandset, usbPath: UsbPath) => Cable;
  /**
   * Handsets live in `handsets/<serial>` below it, their system partitions in `simulator`, iPhones in
   * `iphones/<serial>`. The socket of usbmuxd is `usbmuxd.sock`, its pair records are in `pair-records`.
   */
  readonly stateDir: string;
  /** Timing and privilege of every Android handset made here. */
  readonly handset?: Omit<HandsetOptions, 'folder' | 'systems' | 'onTrouble'>;
  /** Timing and keys of every iPhone made here. */
  readonly iphone?: Omit<IphoneOptions, 'folder' | 'onTrouble'>;
  readonly usbmuxd?: Pick<UsbmuxdOptions, 'pairsByItself' | 'exitsWhenIdle'>;
  /** Told what went wrong inside the simulator itself while nobody waited for it. */
  readonly onTrouble?: (error: SarachiError) => void;
}

/** A handset of either platform. */
export type AnyHandset = SimulatedHandset | SimulatedIphone;

interface Plugged {
  readonly handset: AnyHandset;
  readonly plug: Pick<PluggedHandset<Face>, 'refresh' | 'leave'>;
}

/** A handset on its way out, until the host was told. */
interface Leaving {
  readonly usbPath: UsbPath;
  readonly handset: AnyHandset;
  readonly left: Promise<void>;
}

interface OnBus {
  readonly device: UsbDescription;
  readonly address: UsbAddress;
}

/**
 * A rack whose openings hold simulated handsets of both platforms. It is a USB bus too, for a host that has none, with
 * the numbers that a kernel would give, and has one usbmuxd for all of its iPhones.
 */
export class SimulatedRack implements UsbBus {
  /** Its socket opens with the first iPhone that is made. */
  readonly usbmuxd: SimulatedUsbmuxd;
  readonly #options: SimulatedRackOptions;
  readonly #systems: SystemRoots;
  readonly #numbers = new UsbAddresses();
  readonly #plugged = new Map<UsbPath, Plugged>();
  readonly #swaps = new Map<UsbPath, AnyHandset>();
  readonly #onBus = new Map<UsbPath, OnBus>();
  readonly #made = new Set<AnyHandset>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #leaving = new Set<Leaving>();
  #listener: UsbListener | null = null;

  constructor(options: SimulatedRackOptions) {
    const { stateDir } = options;
    this.#options = options;
    this.#systems = new SystemRoots(join(stateDir, 'simulator'));
    this.usbmuxd = new SimulatedUsbmuxd({
      ...options.usbmuxd,
      ...this.#told(),
      socket: usbmuxdSocket(stateDir),
      records: join(stateDir, 'pair-records'),
    });
  }

  /** Makes an Android handset of this rack and switches it on, still without a cable. */
  async handset(spec: HandsetSpec, faults?: Faults): Promise<SimulatedHandset> {
    const { stateDir, handset } = this.#options;
    const made = new SimulatedHandset(
      spec,
      {
        ...this.#told(),
        ...handset,
        folder: join(stateDir, 'handsets'),
        systems: this.#systems,
      },
      faults,
    );
    this.#made.add(made);
    await made.switchOn();
    return made;
  }

  /** The same of an iPhone; one whose serial was here before is taken up as it was left. */
  async iphone(spec: IphoneSpec, faults?: Partial<AppleFaults>): Promise<SimulatedIphone> {
    const name = spec.identity?.serial ?? randomBytes(6).toString('hex');
    const folder = join(this.#options.stateDir, 'iphones', name);
    const options = { ...this.#told(), ...this.#options.iphone, folder };
    const made = new SimulatedIphone(spec, options, { ...noAppleFaults(), ...faults });
    this.#made.add(made);
    await Promise.all([made.switchOn(), this.usbmuxd.start()]);
    return made;
  }

  /** Puts a handset in. Throws `not-possible-now` where the opening or the handset is taken. */
  plug(usbPath: UsbPath, handset: AnyHandset): void {
    const taken = [...this.#plugged.values()].some((one) => one.handset === handset);
    if (taken || this.#plugged.has(usbPath))
      throw new SarachiError('not-possible-now', { usbPath });
    const plug =
      handset instanceof SimulatedIphone
        ? this.#put(handset, this.#muxCable(handset, usbPath), usbPath)
        : this.#put(handset, this.#options.cable(handset, usbPath), usbPath);
    this.#plugged.set(usbPath, { handset, plug });
    plug.refresh();
  }

  /** Pulls the cable. The handset runs on by its battery; it is returned. */
  unplug(usbPath: UsbPath): AnyHandset | null {
    const plugged = this.#plugged.get(usbPath);
    if (!plugged) return null;
    this.#plugged.delete(usbPath);
    const { handset, plug } = plugged;
    const leaving = { usbPath, handset, left: plug.leave() };
    this.#leaving.add(leaving);
    void leaving.left.then(() => this.#leaving.delete(leaving));
    return handset;
  }

  /** A hub loses its plug: all of its openings at once. */
  pull(usbPaths: readonly UsbPath[]): readonly AnyHandset[] {
    return usbPaths.flatMap((path) => this.unplug(path) ?? []);
  }

  at(usbPath: UsbPath): AnyHandset | null {
    return this.#plugged.get(usbPath)?.handset ?? null;
  }

  /** When the handset here comes back from its next boot, this other one stands in its place. */
  swapAtNextBoot(usbPath: UsbPath, other: AnyHandset): void {
    this.#swaps.set(usbPath, other);
  }

  /** What the bus shows now, as a kernel numbers it: a new number at each enumeration. */
  usbAddresses(): readonly UsbAddress[] {
    return [...this.#onBus.values()].map(({ address }) => address);
  }

  async start(listener: UsbListener): Promise<void> {
    this.#listener = listener;
    for (const { device } of this.#onBus.values()) listener.attached(device);
  }

  async stop(): Promise<void> {
    this.#listener = null;
  }

  /** Pulls every cable and switches every handset off. Nothing runs or is mounted afterwards. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.pull([...this.#plugged.keys()]);
    await this.#left(() => true);
    await this.usbmuxd.stop();
    await Promise.all([...this.#made].map((handset) => handset.switchOff()));
  }

  #put<F extends Face>(handset: Pluggable<F>, cable: Cable<F>, usbPath: UsbPath): Plugged['plug'] {
    const opening: Opening = {
      onBus: (face) => this.#bus(usbPath, face),
      cameBack: () => this.#swap(usbPath),
      cableDropped: (forMs) => this.#drop(usbPath, forMs),
      cableFailed: (error) => this.#options.onTrouble?.(asSarachiError(error)),
      free: this.#left((one) => one.usbPath === usbPath || one.handset === handset),
    };
    return new PluggedHandset(handset, cable, opening);
  }

  #muxCable(iphone: SimulatedIphone, usbPath: UsbPath): MuxCable {
    const address = () => {
      const known = this.#onBus.get(usbPath)?.address;
      return known ? { bus: known.bus, device: known.address } : null;
    };
    return new MuxCable({ iphone, usbmuxd: this.usbmuxd, address });
  }

  #bus(usbPath: UsbPath, face: Face | null): void {
    if (this.#onBus.delete(usbPath)) this.#listener?.detached(usbPath);
    if (!face) return;
    const { vendorId, productId, serial, interfaces } = face;
    const device = { usbPath, vendorId, productId, serial, interfaces };
    const { bus, device: number } = this.#numbers.next(Number.parseInt(usbPath, 10));
    this.#onBus.set(usbPath, { device, address: { usbPath, bus, address: number, serial } });
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

  #told(): Pick<SimulatedRackOptions, 'onTrouble'> {
    const { onTrouble } = this.#options;
    return onTrouble ? { onTrouble } : {};
  }
}

/** Where the usbmuxd of a rack with this state folder listens. */
export function usbmuxdSocket(stateDir: string): string {
  return join(stateDir, 'usbmuxd.sock');
}
