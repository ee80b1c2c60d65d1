import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { asSarachiError, type SarachiError } from '../../errors.js';
import { sleep } from '../../wait.js';
import type { HandsetWatcher, Pluggable } from '../pluggable.js';
import { wireLimits } from './adb-features.js';
import { FaultWatch } from './fault-watch.js';
import { type Faults, noFaults } from './faults.js';
import type { Effect } from './framework/command.js';
import { propertiesOf } from './framework/properties.js';
import type { Banner, HandsetFiles, HandsetOs, HandsetProcess } from './handset-os.js';
import { type HandsetSpec, newAndroidId } from './handset-spec.js';
import { Person } from './person.js';
import { AndroidSystem } from './system.js';
import type { SystemRoots } from './system-root.js';
import {
  afterReboot,
  factoryReset,
  type ResetBy,
  type SystemState,
  settingsOnlyReset,
} from './system-state.js';
import { type BootMode, type UsbFace, usbFace } from './usb-face.js';

export interface HandsetOptions {
  /** Holds one folder per serial. */
  readonly folder: string;
  readonly systems: SystemRoots;
  /** How long the handset is off the bus for a boot, default 700. */
  readonly bootMs?: number;
  /** From adb being there after a boot to sys.boot_completed, default 150. */
  readonly settleMs?: number;
  /** From the command that takes the handset down to its leaving the bus, default 60. */
  readonly leaveMs?: number;
  /** False: user namespace and memory instead of a mounted image. Default: whether this process is root. */
  readonly privileged?: boolean;
  /** Told what went wrong inside the simulator itself while nobody waited for it. */
  readonly onTrouble?: (error: SarachiError) => void;
}

const ADBD_RESTART_MS = 200;
const FOYER_SERVICE = /^shell[^:]*:tradeinmode(\s*|\s[A-Za-z0-9_\-\s]*)$/;
const BOOT_MODES: Readonly<Record<string, BootMode>> = {
  recovery: 'recovery',
  sideload: 'sideload',
  'sideload-auto-reboot': 'sideload',
  rescue: 'rescue',
  bootloader: 'bootloader',
  fastboot: 'bootloader',
};

/** One simulated handset: what stands behind the adb daemon, and what the bus sees of it. */
export class SimulatedHandset implements HandsetOs, Pluggable<UsbFace> {
  readonly serial: string;
  readonly spec: HandsetSpec;
  readonly faults: Faults;
  readonly person: Person;
  readonly #options: HandsetOptions;
  readonly #system: AndroidSystem;
  readonly #watch: FaultWatch;
  readonly #watchers = new Set<HandsetWatcher>();
  #power: 'off' | 'up' | 'between' = 'off';
  #mode: BootMode = 'system';
  #ordered = false;
  #told = 'null';
  readonly #off = new AbortController();
  #moving: Promise<void> = Promise.resolve();
  #resets = 0;

  constructor(spec: HandsetSpec, options: HandsetOptions, faults: Faults = noFaults()) {
    this.spec = spec;
    this.serial = spec.serial ?? randomBytes(6).toString('hex').toUpperCase();
    this.faults = faults;
    this.#options = options;
    this.#system = new AndroidSystem({
      spec,
      serial: this.serial,
      folder: join(options.folder, this.serial),
      systems: options.systems,
      privileged: options.privileged ?? process.getuid?.() === 0,
      faults,
      restart: (effect) => this.#restart(effect),
      changed: () => this.#tell(),
    });
    this.#watch = new FaultWatch(faults, {
      cableDrop: (forMs) => {
        for (const watcher of this.#watchers) watcher.cableDropped(forMs);
      },
      rebootByItself: () => this.#go(null, 'system'),
      takeStorage: () => this.#later(() => this.#system.takeStorage()),
    });
    this.person = new Person({
      state: () => this.state,
      update: (change) => this.#system.update(change),
      reset: () => this.#go('person', 'system'),
      reboot: () => this.#go(null, 'system'),
    });
  }

  get state(): SystemState {
    return this.#system.state;
  }

  /** How often the storage was really emptied, the seller's own reset not counted. */
  get resets(): number {
    return this.#resets;
  }

  get files(): HandsetFiles {
    return this.#system.files;
  }

  /** Where the host finds a file of the running system. */
  hostPath(path: string): string {
    return this.#system.machine.hostPath(path);
  }

  /** What the bus sees of it now; null while it is down. */
  face(): UsbFace | null {
    if (this.#power !== 'up') return null;
    const serial = this.spec.usbSerial === undefined ? this.serial : this.spec.usbSerial;
    return usbFace(this.state.profile, serial, {
      mode: this.#mode,
      adbEnabled: this.state.adbEnabled,
      open: this.#isOpen,
    });
  }

  /** Returns the function that ends the watching. */
  watch(watcher: HandsetWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Installs it in the condition of its spec, or takes up what an earlier process left, and lets it run. */
  async switchOn(): Promise<void> {
    const fresh = await this.#system.install();
    if (!fresh) {
      await this.#cycle(null);
    } else if (this.spec.condition === 'already-reset') {
      await this.#cycle('person');
      this.#resets = 0;
    }
    this.#system.update((state) => ({ ...state, bootCompleted: true }));
    await this.#system.save();
    this.#watch.start(() => (this.#power === 'up' ? this.hostPath('/data') : null));
    this.#setPower('up');
  }

  /** Takes the battery out: everything inside stops, and nothing of it is left on the host but its folder. */
  async switchOff(): Promise<void> {
    this.#watch.stop();
    this.#off.abort();
    this.#setPower('off');
    await this.#moving;
    await this.#system.halt(true);
  }

  banner(): Banner {
    const properties = propertiesOf(this.state);
    const names = ['ro.product.name', 'ro.product.model', 'ro.product.device'];
    return {
      state: this.#mode === 'system' ? 'device' : this.#mode,
      ...wireLimits(this.state.profile.android),
      properties: Object.fromEntries(names.map((name) => [name, properties.get(name) ?? ''])),
    };
  }

  trustedKeys(): 'open' | readonly string[] {
    return this.#isOpen ? 'open' : this.state.trustedKeys;
  }

  get #isOpen(): boolean {
    return this.#mode !== 'system' || this.state.mode !== 'normal';
  }

  offerKey(publicKeyBase64: string): Promise<void> {
    return this.person.asked(publicKeyBase64);
  }

  accepts(service: string): boolean {
    if (this.#power !== 'up') return false;
    if (this.#mode !== 'system') return service.startsWith('reboot:');
    return this.state.mode !== 'foyer' || FOYER_SERVICE.test(service);
  }

  run(command: string): HandsetProcess {
    this.#watch.command(command);
    this.#system.hookHashes();
    return this.#system.machine.start(['/system/bin/sh', '-c', command]);
  }

  reboot(target: string): void {
    this.#go(null, BOOT_MODES[target] ?? 'system');
  }

  #restart(effect: Effect): void {
    if (effect.type === 'reboot') this.reboot(effect.target);
    if (effect.type === 'evaluate') this.#later(() => this.#evaluate());
    if (effect.type === 'reset' && !this.faults.ignoresReset.includes(effect.by))
      this.#go(effect.by, 'system');
  }

  /** Off the bus and up again; with `by`, emptied in between. An order given while one is carried out is lost. */
  #go(by: ResetBy | null, mode: BootMode): void {
    if (this.#power !== 'up' || this.#ordered) return;
    this.#ordered = true;
    this.#later(async () => {
      await this.#pause(this.#options.leaveMs ?? 60);
      const downAt = Date.now();
      this.#setPower('between');
      const alive = await this.#cycle(by);
      if (!alive) return;
      const bootMs = this.faults.bootMs ?? this.#options.bootMs ?? 700;
      await this.#pause(Math.max(0, downAt + bootMs - Date.now()));
      this.#mode = mode;
      this.#ordered = false;
      this.#setPower('up');
      await this.#pause(this.#options.settleMs ?? 150);
      this.#system.update((state) => ({ ...state, bootCompleted: true }));
      await this.#system.save();
    });
  }

  /** Halts, empties where that was ordered and is not prevented, boots. False: it died on the way. */
  async #cycle(by: ResetBy | null): Promise<boolean> {
    // Leaving evaluation mode means being wiped, whatever took the handset down.
    const order = by ?? (this.state.mode === 'evaluation' ? 'trade-in' : null);
    const obeyed = order !== null && !this.faults.ignoresReset.includes(order);
    const keeps = this.faults.resetKeeps;
    await this.#system.halt(!obeyed || keeps !== 'nothing');
    if (order && this.faults.diesInReset) return false;
    const bootId = randomUUID();
    this.#system.update((state) => {
      if (!obeyed) {
        const mode = state.mode === 'evaluation' ? 'foyer' : state.mode;
        return { ...afterReboot(state, bootId), mode };
      }
      if (keeps === 'all-but-settings') return settingsOnlyReset(state, order, bootId);
      return factoryReset(state, order, { bootId, androidId: newAndroidId() });
    });
    if (obeyed && keeps === 'nothing') {
      await this.#system.format();
      this.#resets += 1;
    }
    await this.#system.boot();
    return true;
  }

  /** adbd restarts without its filter; the first-boot screens go away (AOSP packages/modules/adb, tradeinmode). */
  async #evaluate(): Promise<void> {
    await this.#pause(this.#options.leaveMs ?? 60);
    this.#setPower('between');
    this.#system.update((state) => ({ ...state, mode: 'evaluation', screen: 'launcher' }));
    await this.#system.save();
    await this.#pause(ADBD_RESTART_MS);
    this.#setPower('up');
  }

  /** One thing after the other: what is ordered while the handset still boots waits for the end of that. */
  #later(work: () => Promise<void>): void {
    this.#moving = this.#moving.then(work).catch((error: unknown) => {
      // Switched off meanwhile: there is nothing left to do.
      if (!this.#off.signal.aborted) this.#options.onTrouble?.(asSarachiError(error));
    });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, this.#off.signal);
  }

  #setPower(power: 'off' | 'up' | 'between'): void {
    this.#power = power;
    this.#tell();
  }

  /** Tells the watchers if what the bus sees has changed since they were told last. */
  #tell(): void {
    const face = JSON.stringify(this.face());
    if (face === this.#told) return;
    this.#told = face;
    for (const watcher of this.#watchers) watcher.faceChanged();
  }
}
