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
  ],
  canary: ['canary-gone'],
  'system-identity': ['android-id-changed'],
  'nobody-home': ['no-accounts-no-apps'],
  storage: ['storage-collapsed'],
  'boot-reason': ['boot-reason-reset'],
  person: ['person-confirmed'],
};
