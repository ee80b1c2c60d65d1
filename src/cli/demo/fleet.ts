import type { AttentionCode } from '../../attention.js';
import { SarachiError } from '../../errors.js';
import { imeiCheckDigit } from '../../imei.js';
import type { Lane, Verdict } from '../../ledger/entry.js';
import type { Faults } from '../../simulator/android/faults.js';
import { type HandsetSpec, profileOf } from '../../simulator/android/handset-spec.js';
import type { CarrierTable } from '../../simulator/carriers/simulated-carriers.js';

/** How a handset of the demo is to end: with a verdict, or waiting for a person who is not there. */
export type Expected =
  | { readonly verdict: Verdict; readonly lane?: Lane }
  | { readonly attention: AttentionCode };

/** One handset of the demo. */
export interface DemoHandset {
  readonly story: string;
  readonly spec: HandsetSpec;
  readonly faults?: Partial<Faults>;
  /** What the person beside the rack does when asked; nothing else is done for the handset. */
  readonly personDoes: readonly AttentionCode[];
  readonly expected: Expected;
  /** What the carriers have in their books about it; a dash where nothing is said. */
  readonly marks?: CarrierTable[string];
  /** Where these marks send it once it is erased; `release` where nothing is said. */
  readonly lane?: Lane;
}

const PASSED: Expected = { verdict: 'passed' };
/** The seller's things at the counter: adb is switched on there, so somebody can do it again after a reset. */
const SWITCHES_ADB_ON = ['enable-usb-debugging', 'authorise-usb-debugging'] as const;

/** The handsets of the demo in the order of the ports; more than these begin again from the first. */
export const FLEET: readonly DemoHandset[] = [
  {
    story: 'in use, erased by trade-in mode',
    spec: { profile: 'google-pixel-9', condition: 'in-use' },
    personDoes: [],
    expected: PASSED,
    marks: { docomo: 'circle' },
  },
  {
    story: 'in use, erased by test harness mode',
    spec: { profile: 'google-pixel-7', condition: 'in-use' },
    personDoes: [],
    expected: PASSED,
  },
  {
    story: 'the seller is still signed in',
    spec: {
      profile: 'samsung-sc-51b',
      condition: 'in-use',
      accounts: [{ name: 'hanako@example.com', type: 'com.google' }],
    },
    personDoes: [],
    expected: { attention: 'account-present' },
  },
  {
    story: 'in use, erased by test harness mode',
    spec: { profile: 'google-pixel-3a', condition: 'in-use' },
    personDoes: [],
    expected: PASSED,
    marks: { docomo: 'circle', kddi: 'cross' },
    lane: 'return',
  },
  {
    story: 'storage that gives back something else than was written',
    spec: { profile: 'samsung-sc-51b', condition: 'in-use' },
    faults: { flipsFillByte: true },
    personDoes: [],
    expected: { verdict: 'failed' },
    marks: { docomo: 'triangle' },
    lane: 'attention',
  },
  {
    story: 'in use, erased through the settings screen; a person switches debugging on once',
    spec: { profile: 'sharp-sh-m05', condition: 'in-use', language: 'ja' },
    personDoes: SWITCHES_ADB_ON,
    expected: PASSED,
    marks: { softbank: 'triangle' },
    lane: 'attention',
  },
  {
    story: 'already reset at the counter, answers from trade-in mode without a touch',
    spec: { profile: 'google-pixel-7-android-16', condition: 'already-reset' },
    personDoes: [],
    expected: PASSED,
    marks: { docomo: 'circle', mineo: 'error' },
    lane: 'attention',
  },
  {
    story: 'already reset at the counter; a person switches debugging on',
    spec: { profile: 'google-pixel-7', condition: 'already-reset' },
    personDoes: SWITCHES_ADB_ON,
    expected: PASSED,
    marks: { rakuten: 'circle', mineo: 'circle' },
  },
  {
    story: 'has a FeliCa chip that a person must clear',
    spec: { profile: 'sharp-sh-53c', condition: 'in-use' },
    personDoes: [],
    expected: { attention: 'felica-clear-needed' },
  },
  {
    story: 'locked by factory reset protection',
    spec: { profile: 'google-pixel-7', condition: 'in-use', frpLocked: true },
    personDoes: [],
    expected: { attention: 'frp-locked' },
  },
  {
    story: 'nearly empty battery',
    spec: { profile: 'google-pixel-3a', condition: 'in-use', battery: { level: 9 } },
    personDoes: [],
    expected: { attention: 'battery-low' },
  },
  {
    story: 'says it was reset and was not',
    spec: { profile: 'samsung-sc-51b', condition: 'in-use' },
    faults: { ignoresReset: ['test-harness', 'settings-screen'] },
    personDoes: [],
    expected: { attention: 'reset-by-hand' },
  },
];

/** The handset for the n-th opening, from 0, with numbers of its own. */
export function fleetHandset(opening: number): DemoHandset {
  const plan = FLEET[opening % FLEET.length];
  if (!plan) throw new SarachiError('internal', { tag: 'demo-fleet-2d11', opening });
  const slots = Array.from({ length: profileOf(plan.spec).simSlots }, (_, slot) => slot);
  return { ...plan, spec: { ...plan.spec, imeis: slots.map((slot) => imeiOf(opening, slot)) } };
}

/** The same where its marks are looked up: an erased handset must also be sent where they say. */
export function withLane(plan: DemoHandset): DemoHandset {
  const { expected, lane = 'release' } = plan;
  if (!('verdict' in expected)) return plan;
  return {
    ...plan,
    expected: { ...expected, lane: expected.verdict === 'passed' ? lane : 'quarantine' },
  };
}

/** What the carriers know of these handsets, by the number that is asked about. */
export function booksOf(plans: readonly DemoHandset[]): CarrierTable {
  return Object.fromEntries(
    plans.flatMap(({ spec, marks = {} }) => {
      const [first] = spec.imeis ?? [];
      return first === undefined ? [] : [[first, marks]];
    }),
  );
}

/** Made-up numbers of a made-up model. */
function imeiOf(opening: number, slot: number): string {
  const digits = `35693803${String(opening * 10 + slot).padStart(6, '0')}`;
  return `${digits}${imeiCheckDigit(digits)}`;
}
