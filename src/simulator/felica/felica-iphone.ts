import { readBe16 } from './bytes.js';
import type { ChipState } from './chip/chip-state.js';
import { type AirAnswer, type ChipOptions, FelicaChip } from './chip/felica-chip.js';
import { COMMAND } from './chip/generations.js';
import { TRANSIT_SYSTEM } from './chip/phones.js';
import type { RfTarget } from './target.js';

/** Pollings of the transit system in one unbroken field until an Express card answers. */
const POLLS_UNTIL_EXPRESS = 3;

/**
 * An iPhone on a reader: silent, but for a card in Express mode, which answers when the transit system is polled again
 * and again. Any other polling brings the Wallet onto its screen.
 */
export class FelicaIphone implements RfTarget {
  readonly name: string;
  readonly chip: FelicaChip;
  #express: boolean;
  #polls = 0;
  #walletOpened = 0;

  constructor(
    name: string,
    state: ChipState,
    options: Partial<ChipOptions> & { readonly express?: boolean } = {},
  ) {
    this.name = name;
    this.chip = new FelicaChip(state, options);
    this.#express = options.express ?? false;
  }

  /** How often the Wallet came up because of the reader. */
  get walletOpened(): number {
    return this.#walletOpened;
  }

  /** Whether a transit card is in Express mode. */
  get express(): boolean {
    return this.#express;
  }

  /** Erase All Content and Settings: every card is terminated at once, unless this one fails at it. */
  erase(fails = false): void {
    if (!fails) this.#express = false;
  }

  answer(frame: Uint8Array): AirAnswer | null {
    if (frame[1] !== COMMAND.polling) return this.#isListening ? this.chip.answer(frame) : null;
    if (readBe16(frame, 2) !== TRANSIT_SYSTEM) {
      this.#walletOpened += 1;
      return null;
    }
    this.#polls += 1;
    return this.#isListening ? this.chip.answer(frame) : null;
  }

  fieldLost(): void {
    this.#polls = 0;
  }

  get #isListening(): boolean {
    return this.#express && this.#polls >= POLLS_UNTIL_EXPRESS;
  }
}
