import type { Duplex } from 'node:stream';
import type { HandsetOs, WireFaults } from '../handset-os.js';
import { HostConnection } from './connection.js';

/** The adb daemon of a simulated handset: what a real adb server finds at the other end of the cable. */
export class AdbDaemon {
  readonly #os: HandsetOs;
  readonly #faults: WireFaults;
  readonly #connections = new Set<HostConnection>();

  /** `faults` is looked at again for every packet, so it may be changed while hosts are connected. */
  constructor(os: HandsetOs, faults: WireFaults) {
    this.#os = os;
    this.#faults = faults;
  }

  /**
   * Serves one host over any byte stream, which it owns from here on. Resolves when the host left or the connection
   * was dropped; rejects with `adb-protocol` when the host broke the protocol, and with what the handset's system
   * threw when that failed. The stream is destroyed in every case.
   */
  async serve(stream: Duplex): Promise<void> {
    const connection = new HostConnection({ os: this.#os, faults: this.#faults, wire: stream });
    this.#connections.add(connection);
    try {
      await connection.run();
    } finally {
      this.#connections.delete(connection);
    }
  }

  /** Drops every connection at once, as a pulled cable or a restart of adbd does. A later `serve` starts afresh. */
  close(): void {
    for (const connection of this.#connections) connection.drop();
  }
}
