import { Duplex } from 'node:stream';
import { STATUS } from './layouts.js';
import type { PacketOf } from './packets.js';

export type Bulk = PacketOf<'bulk'>;
/** Ends a bulk request; `data` is what the host asked to read. */
export type AnswerBulk = (request: Bulk, status: number, data?: Buffer) => void;

/**
 * The handset's end of a pair of bulk endpoints. Each write is one transfer: it is handed over in as many answers as
 * the host's requests need, and no answer goes across its end. A write is done when the host has taken all of it.
 */
export class AdbPipe extends Duplex {
  readonly #answer: AnswerBulk;
  /** Requests that wait: for the handset to write, or for it to read what they carry. */
  #wanting: Bulk[] = [];
  #bringing: Bulk[] = [];
  #transfer: { rest: Buffer; readonly done: (error?: Error) => void } | null = null;
  #reads = false;

  constructor(answer: AnswerBulk) {
    super({ decodeStrings: true });
    this.#answer = answer;
  }

  get waiting(): number {
    return this.#wanting.length + this.#bringing.length;
  }

  /** The host asks to read `length` bytes. */
  want(request: Bulk): void {
    this.#wanting.push(request);
    this.#give();
  }

  /** The host writes. It is answered when the handset has room, which is what keeps a fast host back. */
  bring(request: Bulk): void {
    this.#bringing.push(request);
    this.#hand();
  }

  /** Ends a request that still waits; false when there is none of this id. Written bytes stay for the next one. */
  cancel(id: bigint): boolean {
    const found = [...this.#wanting, ...this.#bringing].find((request) => request.id === id);
    if (!found) return false;
    this.#wanting = this.#wanting.filter((request) => request !== found);
    this.#bringing = this.#bringing.filter((request) => request !== found);
    this.#answer(found, STATUS.cancelled);
    return true;
  }

  override _read(): void {
    this.#reads = true;
    this.#hand();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#transfer = { rest: bytes, done };
    this.#give();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const waiting = [...this.#wanting, ...this.#bringing];
    this.#wanting = [];
    this.#bringing = [];
    for (const request of waiting) this.#answer(request, STATUS.cancelled);
    this.#transfer?.done(new Error('the host is gone'));
    this.#transfer = null;
    done(error);
  }

  #give(): void {
    while (this.#transfer !== null) {
      const request = this.#wanting.shift();
      if (request === undefined) return;
      const { rest, done } = this.#transfer;
      const part = rest.subarray(0, bulkLength(request));
      this.#transfer.rest = rest.subarray(part.length);
      if (part.length === rest.length) this.#transfer = null;
      this.#answer(request, STATUS.success, part);
      if (part.length === rest.length) done();
    }
  }

  #hand(): void {
    while (this.#reads) {
      const request = this.#bringing.shift();
      if (request === undefined) return;
      if (request.data.length > 0) this.#reads = this.push(request.data);
      this.#answer(request, STATUS.success);
    }
  }
}

/** Bytes that a bulk packet carries, asks for, or tells to have moved. */
export function bulkLength({ fields }: Bulk): number {
  return fields.length + fields.lengthHigh * 0x10000;
}
