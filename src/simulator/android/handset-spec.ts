import { randomBytes, randomUUID } from 'node:crypto';
import { imeiCheckDigit } from '../../imei.js';
import type { AndroidProfile } from './profile.js';
import { ANDROID_PROFILES, type ProfileName } from './profiles.js';
import { type Account, type Battery, OWNER, type Sim, type SystemState } from './system-state.js';

/** Which handset is to be simulated and in what condition its seller left it. All but the profile has a default. */
export interface HandsetSpec {
  readonly profile: ProfileName;
  /** Changes to the profile, for a maker that does not exist. */
  readonly profileChanges?: Partial<AndroidProfile>;
  /** Also the name of its folder; letters, digits, `.`, `_`, `-`. */
  readonly serial?: string;
  /** `null`: the descriptors have no serial. Left out: the same as `serial`. */
  readonly usbSerial?: string | null;
  readonly imeis?: readonly string[];
  readonly condition?: 'in-use' | 'already-reset';
  /** Base64 of the 524-byte public key of each host that is allowed to debug. */
  readonly authorisedKeys?: readonly string[];
  readonly language?: 'ja' | 'en';
  readonly accounts?: readonly Account[];
  readonly packages?: readonly string[];
  readonly secondUser?: boolean;
  readonly deviceOwner?: SystemState['deviceOwner'];
  readonly restrictions?: readonly string[];
  readonly screenLock?: string;
  readonly frpLocked?: boolean;
  readonly battery?: Partial<Battery>;
  readonly sims?: readonly Sim[];
  readonly shellMayMasterClear?: boolean;
  readonly oddProperties?: Readonly<Record<string, string>>;
  /** Size of /data, default 96 MiB. */
  readonly storageBytes?: number;
  /** What /proc/meminfo says, default 48 MiB, so that a fill of /data exceeds it. */
  readonly memoryBytes?: number;
  /** Part of /data that holds seller's data at plug-in, 0 to 0.9, default 0.6. */
  readonly plantedShare?: number;
}

const MIB = 1024 * 1024;
export const DEFAULT_STORAGE_BYTES = 96 * MIB;
export const DEFAULT_MEMORY_BYTES = 48 * MIB;
export const DEFAULT_PLANTED_SHARE = 0.6;

/** An Android id as the settings provider makes it: 64 bits as hex. */
export function newAndroidId(): string {
  return randomBytes(8).toString('hex');
}

function madeUpImei(): string {
  const serial = String(randomBytes(4).readUInt32BE() % 1_000_000).padStart(6, '0');
  const digits = `35364493${serial}`;
  return `${digits}${imeiCheckDigit(digits)}`;
}

export function profileOf(spec: HandsetSpec): AndroidProfile {
  return { ...ANDROID_PROFILES[spec.profile], ...spec.profileChanges };
}

/** The state of a handset in use, as its seller handed it over. */
export function inUseState(spec: HandsetSpec, serial: string): SystemState {
  const profile = profileOf(spec);
  const accounts = spec.accounts ?? [];
  const armed = spec.frpLocked || accounts.some((one) => one.type === 'com.google');
  return {
    profile,
    serial,
    imeis: spec.imeis ?? Array.from({ length: profile.simSlots }, madeUpImei),
    language: spec.language ?? 'ja',
    shellMayMasterClear: spec.shellMayMasterClear ?? false,
    mode: 'normal',
    adbEnabled: true,
    trustedKeys: spec.authorisedKeys ?? [],
    testHarness: false,
    bootId: randomUUID(),
    bootReason: 'reboot',
    bootCompleted: true,
    firstBoot: false,
    settings: {
      global: {
        device_provisioned: '1',
        adb_enabled: '1',
        development_settings_enabled: '1',
        secure_frp_mode: spec.frpLocked ? '1' : '0',
      },
      secure: { android_id: newAndroidId(), user_setup_complete: '1' },
      system: { screen_off_timeout: '30000' },
    },
    accounts,
    packages: spec.packages ?? ['jp.naver.line.android', 'com.twitter.android'],
    users: spec.secondUser ? [OWNER, { id: 10, name: 'Work profile', flags: '1030' }] : [OWNER],
    deviceOwner: spec.deviceOwner ?? null,
    restrictions: spec.restrictions ?? [],
    screenLock: spec.screenLock ?? null,
    frp: { challengeBytes: armed ? 259 : 0, active: spec.frpLocked ?? false },
    battery: { level: 78, charging: true, temperature: 285, cycles: 16, ...spec.battery },
    sims: spec.sims ?? [],
    screen: spec.screenLock ? 'lock' : 'launcher',
    oddProperties: spec.oddProperties ?? {},
  };
}
