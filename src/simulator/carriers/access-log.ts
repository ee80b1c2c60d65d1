import { appendFileSync } from 'node:fs';
import type { SimulatedCarrier } from './site.js';

/** One request that reached a site. */
export interface Access {
  /** Milliseconds since the epoch, on arrival. */
  readonly at: number;
  readonly carrier: SimulatedCarrier;
  /** The number that was asked about; null where the request asks nothing. */
  readonly imei: string | null;
  readonly path: string;
}

/** What all sites saw, in the order of arrival; also one JSON line each in a file, when one is named. */
export class AccessLog {
  readonly #file: string | null;
  readonly #seen: Access[] = [];

  constructor(file: string | null) {
    this.#file = file;
  }

  add(access: Access): void {
    this.#seen.push(access);
    // Written before the answer is sent, so that no look-up can be known that the file does not have.
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify(access)}\n`);
  }

  all(): readonly Access[] {
    return [...this.#seen];
  }
}
