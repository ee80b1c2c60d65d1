import type { ChipState } from './chip/chip-state.js';
import { type AirAnswer, type ChipOptions, FelicaChip } from './chip/felica-chip.js';
import type { RfTarget } from './target.js';

/** What decides whether a handset lets its chip be heard. */
export interface HandsetCondition {
  /** `off`: switched off with charge left; `dead`: no charge. */
  readonly power: 'on' | 'off' | 'dead';
  /** Whether this model's chip answers while the handset is switched off. */
  readonly answersWhenOff: boolean;
  readonly nfc: boolean;
  /** The IC card lock of the おサイフケータイ. */
  readonly felicaLock: boolean;
  readonly screenLocked: boolean;
  /** "Require device unlock for NFC". */
  readonly secureNfc: boolean;
  readonly online: boolean;
  /** Another app talks to the chip. */
  readonly chipInUse: boolean;
  /** Cards that the owner keeps in the おサイフケータイ app. */
  readonly cardsInApp: number;
  /** Whether this model's Settings can clear the chip. */
  readonly clearsInSettings: boolean;
}

/** As it should lie on a bench: switched on, NFC on, nothing locked. */
export const BENCH_CONDITION: HandsetCondition = {
  power: 'on',
  answersWhenOff: true,
  nfc: true,
  felicaLock: false,
  screenLocked: false,
  secureNfc: false,
  online: true,
  chipInUse: false,
  cardsInApp: 0,
  clearsInSettings: true,
};

/** Whether the chip of a handset in this condition can be heard over the air. */
export function isHeard(condition: HandsetCondition): boolean {
  if (condition.power === 'dead' || condition.felicaLock || !condition.nfc) return false;
  if (condition.power === 'off') return condition.answersWhenOff;
  return !(condition.screenLocked && condition.secureNfc);
}

/** An Android handset with a FeliCa chip, or without one that can be heard. */
export class FelicaHandset implements RfTarget {
  readonly name: string;
  readonly chip: FelicaChip;
  #condition: HandsetCondition;

  constructor(
    name: string,
    state: ChipState,
    options: Partial<ChipOptions> & { readonly condition?: Partial<HandsetCondition> } = {},
  ) {
    this.name = name;
    this.chip = new FelicaChip(state, options);
    this.#condition = { ...BENCH_CONDITION, ...options.condition };
  }

  get condition(): HandsetCondition {
    return this.#condition;
  }

  /** What a person, or the handset itself, changes about it. */
  set(change: Partial<HandsetCondition>): void {
    this.#condition = { ...this.#condition, ...change };
  }

  /**
   * A factory reset: the chip keeps everything. The locks go, and the app forgets the cards, which stay on the chip.
   */
  factoryReset(): void {
    this.set({
      screenLocked: false,
      secureNfc: false,
      felicaLock: false,
      cardsInApp: 0,
      nfc: true,
    });
  }

  answer(frame: Uint8Array): AirAnswer | null {
    return isHeard(this.#condition) ? this.chip.answer(frame) : null;
  }

  fieldLost(): void {}
}
