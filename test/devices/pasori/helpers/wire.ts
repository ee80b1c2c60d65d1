import { setImmediate as turn } from 'node:timers/promises';
import type { PasoriDevice, UsbTransfers } from '../../../../src/devices/pasori/usb-transfers.js';
import { SarachiError } from '../../../../src/errors.js';
import { abortError, type WaitOptions } from '../../../../src/wait.js';

/** How what the reader sends is cut into transfers. */
export type Cut = (parts: readonly Buffer[]) => readonly Buffer[];
export const apart: Cut = (parts) => parts;
export const glued: Cut = (parts) => [Buffer.concat(parts)];
export const everyByte: Cut = (parts) => [...Buffer.concat(parts)].map((byte) => Buffer.of(byte));
/** In two pieces, wherever that is. */
export const cutAt =
  (at: number): Cut =>
  (parts) => {
    const whole = Buffer.concat(parts);
    return [whole.subarray(0, at), whole.subarray(at)].filter(({ length }) => length > 0);
  };

/** Reads of the quiet after a command are short, and end by themselves. */
const QUIET_MS = 50;

/** What comes back for what was written: transfers in hex, or what the device does instead. */
export type Answer = readonly string[] | 'hang' | 'unplug';

/**
 * The wire to a reader that a test answers for. Time passes only by what is asked: a read finds what is there, or
 * times out at once. `hang` lets reads wait until they are given up.
 */
export class Wire implements UsbTransfers {
  readonly device: PasoriDevice;
  readonly written: string[] = [];
  readonly waits: number[] = [];
  answer: (out: string) => Answer;
  cut: Cut = apart;
  closes = 0;
  #input: Buffer[] = [];
  #state: 'here' | 'hang' | 'unplug' = 'here';
  #reading = false;

  constructor(productId: number, answer: (out: string) => Answer) {
    this.device = { usbPath: '1-4.2', vendorId: 0x054c, productId, serial: '0123456' };
    this.answer = answer;
  }

  /** What is in the pipe before anybody asks. */
  leave(...pieces: readonly string[]): void {
    this.#input.push(...pieces.map((piece) => Buffer.from(piece, 'hex')));
  }

  /** Nothing is left in the pipe. */
  empty(): void {
    this.#input = [];
  }

  unplug(): void {
    this.#state = 'unplug';
  }

  async write(bytes: Uint8Array, { signal }: WaitOptions): Promise<void> {
    await this.#step(signal);
    const out = Buffer.from(bytes).toString('hex');
    this.written.push(out);
    const answer = this.answer(out);
    this.#state = typeof answer === 'string' ? answer : 'here';
    if (typeof answer !== 'string')
      this.#input.push(...this.cut(answer.map((piece) => Buffer.from(piece, 'hex'))));
  }

  async read(maxLength: number, { signal, timeoutMs }: WaitOptions): Promise<Uint8Array> {
    if (this.#reading) throw new Error('two reads at a time');
    this.#reading = true;
    try {
      await this.#step(signal);
      const piece = this.#input.shift();
      if (piece && piece.length > maxLength) throw new Error('overflow');
      if (piece) return piece;
      if (this.#state === 'hang' && timeoutMs > QUIET_MS)
        await new Promise((end) => signal.addEventListener('abort', end));
      if (signal.aborted) throw abortError(signal);
      this.waits.push(timeoutMs);
      throw new SarachiError('reader-timeout', { timeoutMs });
    } finally {
      this.#reading = false;
    }
  }

  async close(): Promise<void> {
    this.closes += 1;
  }

  async #step(signal: AbortSignal): Promise<void> {
    await turn();
    if (signal.aborted) throw abortError(signal);
    if (this.#state === 'unplug' || this.closes > 0)
      throw new SarachiError('reader-gone', { usbPath: this.device.usbPath });
  }
}

export const wait = (timeoutMs = 10_000) => ({ signal: new AbortController().signal, timeoutMs });

export function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

export function hex(of: Uint8Array | null): string | null {
  return of === null ? null : Buffer.from(of).toString('hex');
}

/** A card frame without the length byte in front, as readers take and give it. */
export function payload(frame: string): Uint8Array {
  return bytes(frame.slice(2));
}
