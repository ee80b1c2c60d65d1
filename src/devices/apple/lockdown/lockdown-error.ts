import { type ErrorCode, SarachiError } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import { type PlistDict, textOf } from '../plist/plist-value.js';

/** What the errors mean that need a person. Source: libimobiledevice include/libimobiledevice/lockdown.h. */
const CODES = new Map<string, ErrorCode>([
  ['PasswordProtected', 'iphone-locked'],
  ['EscrowLocked', 'iphone-not-unlocked'],
  ['InvalidHostID', 'iphone-unpaired'],
  ['InvalidConnection', 'iphone-unpaired'],
  ['InvalidPairRecord', 'iphone-unpaired'],
  ['MissingPairRecord', 'iphone-unpaired'],
  ['PairingDialogResponsePending', 'pairing-pending'],
  ['UserDeniedPairing', 'pairing-denied'],
  ['MCProtected', 'pairing-forbidden'],
  ['PairingProhibitedOverThisConnection', 'pairing-forbidden'],
  ['MCChallengeRequired', 'pairing-supervised'],
  ['FMiPProtected', 'find-my-guard'],
]);

/** The error that a reply of lockdownd names; null where it names none. `said` is the phone's own word for it. */
export function errorOf(reply: PlistDict): SarachiError | null {
  if (!Object.hasOwn(reply, 'Error')) return null;
  const said = cleanField(textOf(reply, 'Error') ?? '', 64) ?? '';
  const request = cleanField(textOf(reply, 'Request') ?? '', 64);
  return new SarachiError(CODES.get(said) ?? 'iphone-refused', { said, request });
}

/** Whether lockdownd refused with this very word, as `MissingValue`. */
export function saidBy(error: unknown, said: string): error is SarachiError {
  return error instanceof SarachiError && error.detail['said'] === said;
}
