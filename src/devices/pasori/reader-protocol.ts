import { sleep } from '../../wait.js';
import type { FelicaBitRate } from '../felica/felica-reader.js';

/** Waits by the wall clock; handed in so that a simulated air can have a clock of its own. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;
export const realPause: Pause = sleep;

/**
 * What the two families of readers do differently. One call at a time; each ends when its signal fires. After a call
 * that failed with anything but rf-fault, `recover` comes first.
 */
export interface ReaderProtocol {
  /** Takes the reader over in whatever state it is, field off; answers its firmware version. */
  start(signal: AbortSignal): Promise<string>;
  raise(kbps: FelicaBitRate, signal: AbortSignal): Promise<void>;
  /** Another bit rate with the field up. */
  tune(kbps: FelicaBitRate, signal: AbortSignal): Promise<void>;
  /** Resolves when the field was off for long enough to reset a chip. */
  lower(signal: AbortSignal): Promise<void>;
  /** Both frames with their length byte; null: silence. */
  exchange(
    frame: Uint8Array,
    cardTimeoutMs: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | null>;
  /** Back in step after a command that did not end well, with the field down. */
  recover(signal: AbortSignal): Promise<void>;
  /** Lets the reader go; the field is down already. */
  stop(signal: AbortSignal): Promise<void>;
  /** Wanted now and then while the field is up and nobody asks anything; absent where it is not needed. */
  readonly keepAlive?: { readonly everyMs: number; beat(signal: AbortSignal): Promise<void> };
}

/** How long a reader may take over a command whose card may take this long. Source: felica-rs, both drivers. */
export function replyTimeoutMs(cardTimeoutMs = 0): number {
  return Math.max(1_500, cardTimeoutMs + 500);
}
