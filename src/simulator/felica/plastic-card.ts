import type { ChipState } from './chip/chip-state.js';
import { type AirAnswer, type ChipOptions, FelicaChip } from './chip/felica-chip.js';
import type { RfTarget } from './target.js';

/** A card that somebody forgot on a reader, or keeps there to see that it works. */
export class PlasticCard implements RfTarget {
  readonly name: string;
  readonly chip: FelicaChip;

  constructor(name: string, state: ChipState, options: Partial<ChipOptions> = {}) {
    this.name = name;
    this.chip = new FelicaChip(state, options);
  }

  answer(frame: Uint8Array): AirAnswer | null {
    return this.chip.answer(frame);
  }

  fieldLost(): void {}
}
