import { SarachiError } from '../../../errors.js';
import { COMMAND, type Packet, packet } from './packet.js';

export interface StreamEnds {
  readonly localId: number;
  readonly remoteId: number;
  /** The most bytes one WRTE to the host may carry. */
  readonly maxPayload: number;
  readonly send: (message: Packet) => void;
}

/** Serves one accepted stream until it has nothing more to say. Rejects with `adb-closed` when the host left first. */
export type Service = (stream: AdbStream) => Promise<void>;

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: SarachiError) => void;
}

/**
 * One multiplexed stream, seen from the handset. Flow control is the protocol's own: one WRTE each way until the
 * other side says OKAY, so at most one payload waits here.
 */
export class AdbStream {
  readonly ends: StreamEnds;
  readonly #gone = new AbortController();
  #arrived: Buffer | null = null;
  #reader: ((data: Buffer | null) => void) | null = null;
  #unacknowledged: Waiter<void> | null = null;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(ends: StreamEnds) {
    this.ends = ends;
  }

  /** Fires when either side closed the stream or the host left; its reason is an `adb-closed` error. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * The next bytes from the host, acknowledged as they are taken; `null` once the stream is closed and all that came
   * before is read. One reader only.
   */
  read(): Promise<Buffer | null> {
    const data = this.#arrived;
    if (data !== null) {
      this.#arrived = null;
      if (!this.signal.aborted) this.#say(COMMAND.OKAY);
      return Promise.resolve(data);
    }
    if (this.signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /**
   * Sends bytes in as many WRTE packets as they need; resolves when the host acknowledged the last one. Several
   * writers take turns, each with all its bytes. Rejects with `adb-closed`.
   */
  write(bytes: Buffer): Promise<void> {
    const turn = this.#lastWrite.then(() => this.#writeAll(bytes));
    this.#lastWrite = turn.catch(() => undefined);
    return turn;
  }

  /** Closes from the handset's side. */
  close(): void {
    if (this.signal.aborted) return;
    this.#say(COMMAND.CLSE);
    this.hostClosed();
  }

  /** The host acknowledged the outstanding WRTE. */
  acknowledged(): void {
    const waiter = this.#unacknowledged;
    this.#unacknowledged = null;
    waiter?.resolve();
  }

  /** The host sent data. Throws `adb-protocol` when it did not wait for the last acknowledgement. */
  arrived(data: Buffer): void {
    if (this.#arrived !== null) {
      throw new SarachiError('adb-protocol', { fault: 'WRTE before OKAY' });
    }
    const reader = this.#reader;
    this.#reader = null;
    if (reader === null) {
      this.#arrived = data;
      return;
    }
    this.#say(COMMAND.OKAY);
    reader(data);
  }

  /** The host closed the stream or is gone: everyone who waits here is told. */
  hostClosed(): void {
    if (this.signal.aborted) return;
    const closed = new SarachiError('adb-closed');
    this.#gone.abort(closed);
    this.#reader?.(null);
    this.#reader = null;
    this.#unacknowledged?.reject(closed);
    this.#unacknowledged = null;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += this.ends.maxPayload) {
      this.signal.throwIfAborted();
      const part = bytes.subarray(offset, offset + this.ends.maxPayload);
      const okay = new Promise<void>((resolve, reject) => {
        this.#unacknowledged = { resolve, reject };
      });
      this.#say(COMMAND.WRTE, part);
      await okay;
    }
  }

  #say(command: number, payload?: Buffer): void {
    const { localId, remoteId, send } = this.ends;
    send(packet(command, localId, remoteId, payload));
  }
}
