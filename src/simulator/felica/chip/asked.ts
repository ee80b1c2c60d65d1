import type { ChipState, FelicaSystem } from './chip-state.js';
import type { Generation } from './generations.js';

/** A command that was addressed to one system by its IDm. */
export interface Asked {
  readonly state: ChipState;
  readonly generation: Generation;
  readonly system: FelicaSystem;
  /** What follows the IDm. */
  readonly body: Uint8Array;
}

/** Gives what follows the IDm in the answer; null is silence. */
export type Answerer = (asked: Asked) => readonly number[] | null;
