import type { WaitOptions } from '../../wait.js';

/** Bit rates of FeliCa in kbps. Source: JIS X 6319-4. */
export type FelicaBitRate = 212 | 424;

export interface CardWait extends WaitOptions {
  /** How long the card may take to begin its answer, in milliseconds. 0 leaves it to the reader. */
  readonly cardTimeoutMs: number;
}

/**
 * A contactless reader with one field. One command is on the wire at a time; concurrent calls wait for their turn.
 * After `reader-gone` it is over: open the reader again.
 */
export interface FelicaReader {
  /** Model and firmware, for people and evidence. */
  readonly name: string;
  readonly serial: string | null;
  /**
   * Sends one card command without its length byte and CRC, and answers with the card's frame likewise. Raises the
   * field first when it is down. Null: the card was silent, which proves nothing. Errors: rf-fault for anything on
   * the air that is neither an answer nor silence, card-protocol, reader-*, aborted.
   */
  exchange(frame: Uint8Array, options: CardWait): Promise<Uint8Array | null>;
  /** Off returns the chip to its first mode; it has been off for long enough when this resolves. On when on: nothing. */
  field(on: boolean, options: WaitOptions): Promise<void>;
  /** For everything that follows; 212 until said otherwise. */
  bitRate(kbps: FelicaBitRate, options: WaitOptions): Promise<void>;
  /** Field off, then the device is given back. Never rejects for a reader that is gone. */
  close(): Promise<void>;
}
