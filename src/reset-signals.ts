import type { EvidenceKind } from './evidence.js';

/** Signals of a reset that are independent of each other. */
export const RESET_SIGNALS = [
  'bus',
  'first-boot-state',
  'canary',
  'system-identity',
  'nobody-home',
  'storage',
  'boot-reason',
  'firmware-record',
  'person',
] as const;
export type ResetSignal = (typeof RESET_SIGNALS)[number];

/**
 * The kinds of fact that show each signal. Facts that follow from one another are one signal: leaving and coming back;
 * the several ways in which a first boot shows itself. `bus` needs all of its facts, the others any; of a person's
 * statements only one about the first-boot screen counts.
 */
export const RESET_FACTS: Readonly<Record<ResetSignal, readonly EvidenceKind[]>> = {
  bus: ['left-bus', 'returned-same-port'],
  'first-boot-state': [
    'trade-in-foyer',
    'usb-without-adb',
    'test-harness-active',
    'setup-not-complete',
    'not-activated',
  ],
  canary: ['canary-gone'],
  'system-identity': ['android-id-changed', 'pairing-forgotten'],
  'nobody-home': ['no-accounts-no-apps', 'settings-as-new'],
  storage: ['storage-collapsed'],
  'boot-reason': ['boot-reason-reset'],
  'firmware-record': ['obliteration-recorded'],
  person: ['person-confirmed'],
};

/**
 * Without one of these nothing is proved, however many others hold: a mere reboot or a new cable can show the rest.
 * `setup-not-complete` and `not-activated` are settings and are therefore not among them.
 */
export const DECISIVE_FACTS: readonly EvidenceKind[] = [
  'canary-gone',
  'trade-in-foyer',
  'usb-without-adb',
  'test-harness-active',
  'obliteration-recorded',
];
