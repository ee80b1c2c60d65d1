import type { ChipState } from '../chip/chip-state.js';
import type { HandsetCondition } from '../felica-handset.js';

/** The words that a judgement of a residual survey may end in. */
export type ExpectedVerdict =
  | 'CLEAR'
  | 'CLEAR_RF'
  | 'CLEAR_INITIAL'
  | 'RESIDUAL'
  | 'INCONCLUSIVE'
  | 'NO_CHIP_RESPONSE'
  | 'WRONG_TARGET'
  | 'covered-by-reset';

/** What a survey after the clear must say. Null: nobody has said what it should be. */
export interface Expectation {
  /** With the survey before the clear as the only other evidence. */
  readonly verdict: ExpectedVerdict;
  /** With a tool or the handset itself as the second leg, where the verdict alone is not the best. */
  readonly withSecondLeg: ExpectedVerdict | null;
  /** Without a survey before the clear. */
  readonly withoutBefore: ExpectedVerdict | null;
  /** In words, with what else must be said. */
  readonly words: string;
}

/** What happens during the survey after the clear, just before one of its exchanges with the card, counted from 1. */
export interface ScenarioEvent {
  readonly exchange: number;
  readonly does: 'lifted' | 'reader-unplugged' | 'swapped-for-other';
}

export interface FelicaScenario {
  readonly name: string;
  /** What lies on the reader. */
  readonly what: 'handset' | 'iphone' | 'card';
  /** The chip at the survey before the clear. */
  readonly before: ChipState;
  /** The chip at the survey after the clear. */
  readonly after: ChipState;
  /** How the handset is at the survey after the clear, where it is not as it should be on a bench. */
  readonly condition: Partial<HandsetCondition>;
  /** Whether a transit card of an iPhone is in Express mode after its erase; before it is. */
  readonly expressAfter: boolean;
  /** Another handset that lies beside it at the survey after the clear. */
  readonly beside: ChipState | null;
  readonly event: ScenarioEvent | null;
  readonly expected: Expectation;
}

type Told = Partial<Omit<FelicaScenario, 'name' | 'after' | 'expected'>>;

/** A scenario of one handset, told by what is special about it. Before the clear the chip was as after it. */
export function scenario(
  name: string,
  after: ChipState,
  expected: Partial<Expectation> & Pick<Expectation, 'verdict'>,
  told: Told = {},
): FelicaScenario {
  return {
    name,
    what: 'handset',
    before: after,
    after,
    condition: {},
    expressAfter: false,
    beside: null,
    event: null,
    ...told,
    expected: {
      withSecondLeg: null,
      withoutBefore: null,
      words: expected.verdict,
      ...expected,
    },
  };
}
