import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { UsbInterface } from '../../devices/sighting.js';
import { asSarachiError, type SarachiError } from '../../errors.js';
import { sleep } from '../../wait.js';
import type { Face, HandsetWatcher, Pluggable } from '../pluggable.js';
import { type AppleFaults, noAppleFaults } from './faults.js';
import { firstState, type IphoneSpec } from './iphone-spec.js';
import { afterRestart, erasedState, type IphoneState, type TrustedHost } from './iphone-state.js';
import { LOCKDOWN_PORT, roleFor, serveLockdown } from './lockdown/lockdown.js';
import type { LockdownPhone } from './lockdown/lockdown-phone.js';
import { erasedNvram } from './nvram.js';
import { Person } from './person.js';
import { newRsaKey } from './rsa-key.js';
import { SERVICES, type Service } from './services/service.js';
import { StateFile } from './state-file.js';
import { Storage } from './storage.js';
import { secure } from './wire/secure.js';

export interface IphoneOptions {
  /** This phone's own folder: its state and its files. */
  readonly folder: string;
  /** How long the phone is off the bus for a restart or an erase, default 700. */
  readonly bootMs?: number;
  /** From the command that takes the phone down to its leaving the bus, default 60. */
  readonly leaveMs?: number;
  /** Where its RSA keys come from, as PEM; by default each is made when it is needed, which costs a core its while. */
  readonly newKey?: () => Promise<string>;
  /** Told what went wrong inside the simulator itself while nobody waited for it. */
  readonly onTrouble?: (error: SarachiError) => void;
}

/** What the descriptors of a plugged iPhone say. */
export type IphoneFace = Face & { readonly serial: string };

/** What whoever watches an iPhone is told. */
export interface IphoneWatcher extends HandsetWatcher {
  /** The person tapped Trust. */
  trusted?(): void;
}

interface OpenPort {
  readonly service: Service;
  readonly host: TrustedHost | null;
}

const MIB = 1024 * 1024;
const FIRST_PORT = 49152;
const INTERFACES: readonly UsbInterface[] = [
  { classCode: 6, subclass: 1, protocol: 1 },
  { classCode: 0xff, subclass: 0xfe, protocol: 2 },
];

/** One simulated iPhone: what answers behind its usbmux ports, and what the bus sees of it. */
export class SimulatedIphone implements LockdownPhone, Pluggable<IphoneFace> {
  readonly spec: IphoneSpec;
  readonly faults: AppleFaults;
  readonly storage: Storage;
  readonly person: Person;
  readonly #options: IphoneOptions;
  readonly #newKey: () => Promise<string>;
  readonly #file: StateFile;
  readonly #watchers = new Set<IphoneWatcher>();
  readonly #ports = new Map<number, OpenPort>();
  readonly #off = new AbortController();
  #state: IphoneState | null = null;
  #power: 'off' | 'up' | 'between' = 'off';
  #ordered = false;
  #nextPort = FIRST_PORT;
  #moving: Promise<void> = Promise.resolve();
  #afcBytes = 0;
  #erases = 0;

  constructor(spec: IphoneSpec, options: IphoneOptions, faults: AppleFaults = noAppleFaults()) {
    this.spec = spec;
    this.faults = faults;
    this.#options = options;
    this.#newKey = options.newKey ?? newRsaKey;
    this.#file = new StateFile(join(options.folder, 'state.json'));
    this.storage = new Storage({
      folder: options.folder,
      capacity: spec.storageBytes ?? 96 * MIB,
      reserved: spec.reservedBytes ?? MIB,
      filesInMemory: spec.filesInMemory ?? false,
    });
    const self = this;
    this.person = new Person({
      faults,
      get state() {
        return self.state;
      },
      update: (change) => this.update(change),
      erase: (keepsEsim) => this.erase(keepsEsim),
      restart: () => this.restart(),
      trusted: () => {
        for (const watcher of this.#watchers) watcher.trusted?.();
      },
    });
  }

  /** Only while it is switched on, or after. */
  get state(): IphoneState {
    if (!this.#state) throw asSarachiError(new Error('this iPhone was never switched on'));
    return this.#state;
  }

  /** How often the storage was really emptied. */
  get erases(): number {
    return this.#erases;
  }

  get afcInSetup(): boolean {
    return this.spec.afcInSetup ?? true;
  }

  update(change: (state: IphoneState) => IphoneState): void {
    this.#state = change(this.state);
    this.#file.save(this.#state).catch((error: unknown) => this.#trouble(error));
  }

  /** Puts it into the condition of its spec, or takes up what an earlier process left in the folder, and lets it run. */
  async switchOn(): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true });
    const left = await this.#file.read();
    if (left) {
      this.#state = afterRestart(left);
      await this.storage.load();
    } else {
      this.#state = firstState(this.spec, await this.#newKey());
      const share = this.spec.condition === 'already-erased' ? 0 : (this.spec.plantedShare ?? 0.4);
      const markers = await this.storage.install(this.storage.capacity * share);
      await writeFile(join(this.#options.folder, 'planted.json'), JSON.stringify(markers));
    }
    await this.#file.save(this.#state);
    this.#setPower('up');
  }

  /** Takes the battery out. Nothing of it is left on the host but its folder. */
  async switchOff(): Promise<void> {
    this.#off.abort();
    this.#setPower('off');
    await this.#moving;
    if (this.#state) await this.#file.save(this.#state);
  }

  /** What the bus sees of it now; null while it is down. */
  face(): IphoneFace | null {
    if (this.#power !== 'up') return null;
    const serial = this.state.identity.udid.replace('-', '');
    return { vendorId: 0x05ac, productId: 0x12a8, serial, interfaces: INTERFACES };
  }

  /** Returns the function that ends the watching. */
  watch(watcher: IphoneWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Whether something listens on this port. */
  accepts(port: number): boolean {
    return this.#power === 'up' && (port === LOCKDOWN_PORT || this.#ports.has(port));
  }

  /** Serves one connection to a port that accepts. Resolves when it is over; the stream is closed then. */
  async serve(port: number, stream: Duplex): Promise<void> {
    try {
      if (port === LOCKDOWN_PORT) await serveLockdown(stream, this);
      else await this.#serveService(port, stream);
    } finally {
      // What was answered last still goes out.
      stream.end();
    }
  }

  openPort(service: string, host: TrustedHost | null): number {
    const known = SERVICES[service];
    const port = this.#nextPort;
    this.#nextPort = port === 0xffff ? FIRST_PORT : port + 1;
    if (known) this.#ports.set(port, { service: known, host });
    return port;
  }

  afcWrote(bytes: number): number {
    this.#afcBytes += bytes;
    const drop = this.faults.cableDrop;
    if (drop && this.#afcBytes >= drop.afterAfcBytes) {
      this.faults.cableDrop = null;
      for (const watcher of this.#watchers) watcher.cableDropped(drop.forMs);
    }
    return this.#afcBytes;
  }

  erase(keepsEsim: boolean): void {
    const does = this.faults.eraseDoes;
    if (does === 'nothing') return;
    if (does === 'restarts') this.restart();
    else this.#go(() => this.#erase(keepsEsim));
  }

  restart(): void {
    this.#go(async () => {
      this.update(afterRestart);
      return true;
    });
  }

  shutDown(): void {
    this.#go(async () => false);
  }

  async #serveService(port: number, stream: Duplex): Promise<void> {
    const open = this.#ports.get(port);
    this.#ports.delete(port);
    if (!open) return;
    const { service, host } = open;
    const secured = host ? await secure(stream, roleFor(this, host)) : stream;
    if (!secured) return;
    await service.serve(secured, this);
    // The plain socket must not end before TLS has said its last.
    await new Promise<void>((resolve) => {
      secured.once('close', resolve);
      secured.end(() => resolve());
    });
  }

  /** False: it does not come back. */
  async #erase(keepsEsim: boolean): Promise<boolean> {
    if (this.faults.diesInErase) return false;
    const deviceKey = await this.#newKey();
    if (this.faults.eraseDoes === 'all') {
      await this.storage.erase();
      this.#erases += 1;
    }
    this.update((state) => {
      const nvram = erasedNvram(state, Date.now(), this.faults.nvram);
      if (!this.faults.eraseKeepsHosts) return erasedState(state, { deviceKey, nvram, keepsEsim });
      const kept = { deviceKey: state.deviceKey, nvram, keepsEsim };
      return { ...erasedState(state, kept), hosts: state.hosts };
    });
    return true;
  }

  /** Off the bus and up again. An order given while one is carried out is lost. */
  #go(work: () => Promise<boolean>): void {
    if (this.#power !== 'up' || this.#ordered) return;
    this.#ordered = true;
    this.#moving = this.#cycle(work).catch((error: unknown) => {
      // Switched off meanwhile: there is nothing left to do.
      if (!this.#off.signal.aborted) this.#trouble(error);
    });
  }

  async #cycle(work: () => Promise<boolean>): Promise<void> {
    await sleep(this.#options.leaveMs ?? 60, this.#off.signal);
    const downAt = Date.now();
    this.#setPower('between');
    if (!(await work())) return;
    const other = this.faults.returnsAs;
    this.faults.returnsAs = null;
    if (other) this.update((state) => ({ ...state, identity: other }));
    const bootMs = this.faults.bootMs ?? this.#options.bootMs ?? 700;
    await sleep(Math.max(0, downAt + bootMs - Date.now()), this.#off.signal);
    this.#ordered = false;
    this.#setPower('up');
  }

  #setPower(power: 'off' | 'up' | 'between'): void {
    this.#power = power;
    if (power !== 'up') {
      this.#ports.clear();
      this.person.cableOut();
    }
    for (const watcher of this.#watchers) watcher.faceChanged();
  }

  #trouble(error: unknown): void {
    this.#options.onTrouble?.(asSarachiError(error));
  }
}
