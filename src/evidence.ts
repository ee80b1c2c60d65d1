/** The six stages, in their default order. */
export const STAGES = [
  'identify',
  'carrier-check',
  'reset-delete',
  'overwrite-erase',
  'felica-clear',
  'verify',
] as const;
export type Stage = (typeof STAGES)[number];

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * Every kind of observed fact. The text says what the fact proves; docs/evidence.md explains each one and a test
 * holds the two together.
 */
export const EVIDENCE_KINDS = {
  identity: 'who the handset said it was',
  gates: 'that nothing forbade erasing at that moment',
  'carrier-mark': 'what a carrier or a person said about network restriction',
  'carrier-check-skipped': 'that no carrier was asked, and why',
  'restriction-decided': 'what the marks of all carriers mean for the handset by the policy',
  'imei-seen-before': 'that an earlier run was about the same IMEI',
  'before-reset': 'the state against which the reset is compared',
  'canary-planted': 'that files of this run were on the handset before the reset',
  'rung-tried': 'which reset method was tried and how the handset answered',
  'left-bus': 'that the handset left the bus after the reset was asked for',
  'returned-same-port': 'that the same handset came back on the same port',
  'canary-gone': 'that the files planted before the reset no longer exist',
  'android-id-changed': 'that the system made itself a new identity',
  'no-accounts-no-apps': 'that no account, added application or second user exists',
  'storage-collapsed': 'that the used storage fell to that of a fresh system',
  'setup-not-complete': 'that the system believes it was never set up',
  'test-harness-active': 'that the system booted as freshly reset for test harness mode',
  'trade-in-foyer': 'that the system answers from its first-boot trade-in state',
  'usb-without-adb':
    'that the handset is on the bus without a debugging interface, as after a reset',
  'boot-reason-reset': 'that the system names a factory reset as the reason of its boot',
  'obliteration-recorded':
    'that the firmware of the handset has a new record of an erase that ended',
  'not-activated': 'that the handset is not activated, as after an erase',
  'pairing-forgotten': 'that the handset no longer knows the pairing of before the erase',
  'settings-as-new': 'that name and language of the handset are those of a new one',
  'encryption-state': 'whether the reset destroyed the keys of encrypted storage',
  'overwrite-planned':
    'the seed and the layout from which every written byte can be computed again',
  'overwrite-written': 'how much was written and how much of the free storage that is',
  'overwrite-read-back': 'that every written byte was read back and matched',
  'overwrite-removed': 'that the fill was deleted and the storage given back',
  'overwrite-skipped': 'that free storage was not overwritten, and why',
  'not-covered': 'what the overwrite could not reach',
  'felica-detected': 'that a FeliCa chip or its software is present',
  'felica-not-present': 'that no FeliCa chip or software was found, and where was looked',
  'felica-identity-bound': 'which chip on the reader is the chip of this handset',
  'felica-survey-before': 'what a reader saw on the FeliCa chip before it was cleared',
  'felica-cleared-by': 'what the tool or the person that cleared the FeliCa chip says of it',
  'felica-survey-after': 'whether a reader still saw anything on the FeliCa chip',
  'felica-transit-after': 'whether a transit card of an iPhone still answered after its erase',
  'secure-element-cards-ended':
    'that the erase by which the system ends the cards of its secure element was proved',
  'person-confirmed': 'what a person stated at the port',
  'pairing-removed': 'that the handset was made to forget this rack at the end',
  'closing-reset': 'that the handset was sent back to its first-boot screen',
  'final-state': 'in what state the handset stood at the end',
} as const;
export type EvidenceKind = keyof typeof EVIDENCE_KINDS;

/** One observed fact. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly stage: Stage;
  /** The command, protocol message or observation by which it was seen. */
  readonly method: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly holds: boolean;
  readonly value: JsonObject;
}

/** A plain object as it will stand in the ledger: what JSON has no word for is left out. */
export function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
