import type { AirAnswer } from './chip/felica-chip.js';

/** Anything that can lie on a reader. */
export interface RfTarget {
  readonly name: string;
  /** The answer to a frame with its length byte; null is silence. */
  answer(frame: Uint8Array): AirAnswer | null;
  /** The field went away, or the thing was taken out of it. */
  fieldLost(): void;
}
