import { statfsSync } from 'node:fs';
import type { Faults, Trigger } from './faults.js';

const EVERY_MS = 20;

export interface FaultActions {
  cableDrop(forMs: number | null): void;
  rebootByItself(): void;
  takeStorage(): void;
}

/** Looks how full /data is, and lets the faults happen that wait for a fill or for a command. */
export class FaultWatch {
  readonly #faults: Faults;
  readonly #actions: FaultActions;
  readonly #lowest = new Map<Trigger, number>();
  #data: () => string | null = () => null;
  #timer: NodeJS.Timeout | null = null;

  constructor(faults: Faults, actions: FaultActions) {
    this.#faults = faults;
    this.#actions = actions;
  }

  /** `data` gives the host's path to /data of the running system, null while it is down. */
  start(data: () => string | null): void {
    this.#data = data;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** To be told of every command line before it runs. */
  command(line: string): void {
    // A fast fill must not be over before the storage was looked at for the first time.
    this.#look();
    this.#check((trigger) => trigger.command?.test(line) ?? false);
  }

  #look(): void {
    const path = this.#waitsForFill() ? this.#data() : null;
    if (path === null) return;
    const { blocks, bfree, bsize } = statfsSync(path);
    this.#check((trigger) => this.#filled(trigger, (blocks - bfree) * bsize));
  }

  #waitsForFill(): boolean {
    const { cableDrop, rebootsByItself, storageTaken } = this.#faults;
    return [cableDrop, rebootsByItself, storageTaken].some((one) => one?.fillBytes !== undefined);
  }

  #filled(trigger: Trigger, used: number): boolean {
    if (trigger.fillBytes === undefined) return false;
    const lowest = Math.min(used, this.#lowest.get(trigger) ?? used);
    this.#lowest.set(trigger, lowest);
    return used - lowest >= trigger.fillBytes;
  }

  #check(due: (trigger: Trigger) => boolean): void {
    const faults = this.#faults;
    const { cableDrop, rebootsByItself, storageTaken } = faults;
    if (cableDrop && due(cableDrop)) {
      delete faults.cableDrop;
      this.#actions.cableDrop(cableDrop.forMs);
    }
    if (rebootsByItself && due(rebootsByItself)) {
      delete faults.rebootsByItself;
      this.#actions.rebootByItself();
    }
    if (storageTaken && due(storageTaken)) {
      delete faults.storageTaken;
      this.#actions.takeStorage();
    }
  }
}
