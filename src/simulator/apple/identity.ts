import { createHash, randomBytes, randomInt } from 'node:crypto';
import { imeiCheckDigit } from '../../imei.js';
import type { AppleProfile } from './profile.js';

/** What tells one iPhone from every other, and stays with it over an erase. */
export interface AppleIdentity {
  /** As usbmuxd prints it: with the hyphen where the model has one. */
  readonly udid: string;
  /** UniqueChipID. */
  readonly ecid: number;
  readonly serial: string;
  readonly imeis: readonly string[];
  readonly wifiAddress: string;
}

const SERIAL_LETTERS = 'CDFGHJKLMNPQRTVWXY0123456789';

/** A made-up identity that fits the model. */
export function newIdentity(profile: AppleProfile): AppleIdentity {
  // A UDID shows the ECID as 16 digits; 48 bits keep it a whole number in every language on the way.
  const ecid = randomBytes(6).readUIntBE(0, 6);
  const serial = Array.from(
    { length: 12 },
    () => SERIAL_LETTERS[randomInt(SERIAL_LETTERS.length)],
  ).join('');
  const imeis = Array.from({ length: profile.imeis }, madeUpImei);
  const wifiAddress = `02:${hexBytes(5).join(':')}`;
  return { udid: udidOf(profile, { ecid, serial, wifiAddress }), ecid, serial, imeis, wifiAddress };
}

function udidOf(
  profile: AppleProfile,
  { ecid, serial, wifiAddress }: Pick<AppleIdentity, 'ecid' | 'serial' | 'wifiAddress'>,
): string {
  if (profile.udid === 'hash')
    return createHash('sha1').update(`${serial}${ecid}${wifiAddress}`).digest('hex');
  const hex = (value: number, digits: number) =>
    value.toString(16).toUpperCase().padStart(digits, '0');
  return `${hex(profile.chipId, 8)}-${hex(ecid, 16)}`;
}

function madeUpImei(): string {
  const digits = `35364493${String(randomInt(1_000_000)).padStart(6, '0')}`;
  return `${digits}${imeiCheckDigit(digits)}`;
}

function hexBytes(count: number): string[] {
  return [...randomBytes(count)].map((byte) => byte.toString(16).padStart(2, '0'));
}
