import type { Duplex } from 'node:stream';
import type { WireFaults } from '../handset-os.js';
import { encodeHeader, type Packet } from './packet.js';

/** The sending half of one host connection, with the wire faults that concern sent bytes. */
export class PacketWriter {
  readonly #wire: Duplex;
  readonly #faults: WireFaults;
  #cut = false;
  #flushed: Promise<void> = Promise.resolve();

  constructor(wire: Duplex, faults: WireFaults) {
    this.#wire = wire;
    this.#faults = faults;
  }

  /** Header and payload stay separate writes: on a USB cable they are separate transfers. */
  send(message: Packet, version: number): void {
    const header = encodeHeader(message, version);
    this.#wire.cork();
    this.sendRaw(header);
    if (message.payload.length > 0) this.sendRaw(message.payload);
    this.#wire.uncork();
  }

  /** Sends bytes as they are; does nothing once the wire is gone. */
  sendRaw(bytes: Buffer): void {
    if (this.#cut || !this.#wire.writable) return;
    const allowance = this.#faults.cutAfterBytes;
    if (allowance === undefined || allowance > bytes.length) {
      if (allowance !== undefined) this.#faults.cutAfterBytes = allowance - bytes.length;
      this.#flushed = this.#write(bytes);
      return;
    }
    delete this.#faults.cutAfterBytes;
    this.#cut = true;
    this.#flushed = this.#write(bytes.subarray(0, allowance)).then(() => {
      this.#wire.destroy();
    });
  }

  /** Resolves when all bytes sent so far left this process, or the wire is gone. */
  flushed(): Promise<void> {
    return this.#flushed;
  }

  /** Resolves when the wire takes more bytes, or is gone. */
  async drained(): Promise<void> {
    if (!this.#wire.writableNeedDrain || this.#wire.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#wire.off('drain', done).off('close', done);
        resolve();
      };
      this.#wire.on('drain', done).on('close', done);
    });
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wire.write(bytes, () => resolve());
    });
  }
}
