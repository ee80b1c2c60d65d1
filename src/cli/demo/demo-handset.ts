import type { AttentionCode } from '../../attention.js';
import type { Lane, Verdict } from '../../ledger/entry.js';
import type { Faults } from '../../simulator/android/faults.js';
import type { HandsetSpec } from '../../simulator/android/handset-spec.js';
import type { AppleFaults } from '../../simulator/apple/faults.js';
import type { IphoneSpec } from '../../simulator/apple/iphone-spec.js';
import type { CarrierTable } from '../../simulator/carriers/simulated-carriers.js';

/** How a handset of the demo is to end: with a verdict, or waiting for a person who is not there. */
export type Expected =
  | { readonly verdict: Verdict; readonly lane?: Lane }
  | { readonly attention: AttentionCode };

interface DemoStory {
  readonly story: string;
  /** What the person beside the rack does when asked; nothing else is done for the handset. */
  readonly personDoes: readonly AttentionCode[];
  readonly expected: Expected;
  /** What the carriers have in their books about it; a dash where nothing is said. */
  readonly marks?: CarrierTable[string];
  /** Where these marks send it once it is erased; `release` where nothing is said. */
  readonly lane?: Lane;
}

/** Whether the licensed tool clears the chip, or only says so. */
export interface DemoFelica {
  readonly clears: 'truly' | 'by-its-word-alone';
}

/** One Android handset of the demo. */
export interface DemoAndroid extends DemoStory {
  readonly spec: HandsetSpec;
  /** What its owner left on its FeliCa chip is cleared so; left out: it has none. */
  readonly felica?: DemoFelica;
  readonly faults?: Partial<Faults>;
}

/** One iPhone of the demo. */
export interface DemoIphone extends DemoStory {
  readonly iphone: IphoneSpec;
  readonly faults?: Partial<AppleFaults>;
  /** Somebody tapped Trust for this rack before. */
  readonly trusted?: boolean;
}

export type DemoHandset = DemoAndroid | DemoIphone;

export const PASSED: Expected = { verdict: 'passed' };

export function isIphone(plan: DemoHandset): plan is DemoIphone {
  return 'iphone' in plan;
}
