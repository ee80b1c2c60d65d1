import { joined } from '../bytes.js';
import type { FelicaFaults } from '../faults.js';
import type { SimulatedTime } from './simulated-time.js';
import type { UsbFault } from './transfers.js';

interface Waiter {
  resolve(bytes: Uint8Array | null): void;
  reject(fault: UsbFault): void;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

/** The bulk IN endpoint: what the reader sent and the host has not fetched yet. It outlives whoever opened the reader. */
export class InPipe {
  readonly #pieces: () => FelicaFaults['pieces'];
  readonly #time: SimulatedTime;
  readonly #waiters = new Set<Waiter>();
  #queue: Uint8Array[] = [];
  #unsent: Uint8Array = new Uint8Array();

  constructor(pieces: () => FelicaFaults['pieces'], time: SimulatedTime) {
    this.#pieces = pieces;
    this.#time = time;
  }

  /** Sends to the host. `soonMore`: something follows at once, so a reader that glues may keep this back. */
  push(bytes: Uint8Array, soonMore = false): void {
    const all = joined(this.#unsent, bytes);
    const pieces = this.#pieces();
    const isHeld = soonMore && pieces === 'glued';
    this.#unsent = isHeld ? all : new Uint8Array();
    if (isHeld) return;
    this.#queue.push(...(typeof pieces === 'number' ? cut(all, pieces) : [all]));
    this.#serve();
  }

  /** Sends what was kept back for an answer that does not come now. */
  flush(): void {
    if (this.#unsent.length > 0) this.push(new Uint8Array());
  }

  /** The next transfer; null when none came within the time. */
  take(timeoutMs: number): Promise<Uint8Array | null> {
    const next = this.#waiters.size === 0 ? this.#queue.shift() : undefined;
    if (next) return Promise.resolve(next);
    if (timeoutMs <= 0) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const stop = this.#time.after(timeoutMs, () => settle(() => resolve(null)));
      const settle = (how: () => void) => {
        stop();
        this.#waiters.delete(waiter);
        how();
      };
      const waiter: Waiter = {
        resolve: (bytes) => settle(() => resolve(bytes)),
        reject: (fault) => settle(() => reject(fault)),
      };
      this.#waiters.add(waiter);
    });
  }

  /** Everybody who waits hears this. */
  fail(fault: UsbFault): void {
    for (const waiter of [...this.#waiters]) waiter.reject(fault);
  }

  /** The reader lost its power: nothing is left in it. */
  empty(): void {
    this.#queue = [];
    this.#unsent = new Uint8Array();
  }

  #serve(): void {
    for (const waiter of [...this.#waiters]) {
      const next = this.#queue.shift();
      if (!next) return;
      waiter.resolve(next);
    }
  }
}
