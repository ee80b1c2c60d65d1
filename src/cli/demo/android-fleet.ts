import { type DemoAndroid, PASSED } from './demo-handset.js';

/** The seller's things at the counter: adb is switched on there, so somebody can do it again after a reset. */
const SWITCHES_ADB_ON = ['enable-usb-debugging', 'authorise-usb-debugging'] as const;

/** The Android handsets of the demo. */
export const ANDROIDS: readonly DemoAndroid[] = [
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

/** Whoever works with these lays them on the reader when they are called to it. */
const GOES_TO_READER = [
  'felica-place-on-reader',
  'felica-wrong-handset',
  ...SWITCHES_ADB_ON,
] as const;

/** Android handsets with a FeliCa chip, which a reset would leave as it is. */
export const FELICA_ANDROIDS: readonly DemoAndroid[] = [
  {
    story: 'FeliCa chip cleared by the licensed tool and proved on the reader',
    spec: { profile: 'sharp-sh-53c', condition: 'in-use', language: 'ja' },
    felica: { clears: 'truly' },
    personDoes: GOES_TO_READER,
    expected: PASSED,
    marks: { docomo: 'circle' },
  },
  {
    story: 'FeliCa chip that the tool calls cleared and the reader does not',
    spec: { profile: 'sharp-sh-53c', condition: 'in-use' },
    felica: { clears: 'by-its-word-alone' },
    personDoes: GOES_TO_READER,
    expected: { verdict: 'failed' },
    marks: { docomo: 'circle' },
  },
];
