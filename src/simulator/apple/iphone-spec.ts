import { type AppleIdentity, newIdentity } from './identity.js';
import type {
  AppleBattery,
  AppleSims,
  ConfigurationProfile,
  IphoneState,
  Supervision,
} from './iphone-state.js';
import { inUseNvram } from './nvram.js';
import type { AppleProfile } from './profile.js';
import { APPLE_PROFILES, type AppleProfileName } from './profiles.js';

/** Which iPhone is to be simulated and in what condition its seller left it. All but the profile has a default. */
export interface IphoneSpec {
  readonly profile: AppleProfileName;
  readonly profileChanges?: Partial<AppleProfile>;
  readonly identity?: Partial<AppleIdentity>;
  readonly condition?: 'in-use' | 'already-erased';
  readonly deviceName?: string;
  readonly findMy?: boolean;
  /** Locked to the account of an owner before: Find My reads as off, and the phone cannot be activated. */
  readonly activationLocked?: boolean;
  readonly supervision?: Supervision;
  readonly configurationProfiles?: readonly ConfigurationProfile[];
  /** `locked`: locked now. `not-unlocked-since-boot`: no user data can be read yet. Default `none`. */
  readonly passcode?: 'none' | 'set' | 'locked' | 'not-unlocked-since-boot';
  readonly battery?: Partial<AppleBattery>;
  readonly sims?: Partial<AppleSims>;
  /** Capacity of the data volume, default 96 MiB. */
  readonly storageBytes?: number;
  /** What AFC may never take, default 1 MiB. */
  readonly reservedBytes?: number;
  /**
   * What AFC writes stays in the memory of this process and is never on disk: for measuring the wire alone. Nothing of it
   * can be looked for in the phone's folder, and renaming is not followed. Default false.
   */
  readonly filesInMemory?: boolean;
  /** Part of the storage that holds seller's data, 0 to 0.9, default 0.4. A third of it was deleted already. */
  readonly plantedShare?: number;
  /** NVRAM variables beside or in place of the model's. */
  readonly nvram?: Readonly<Record<string, string>>;
  /** Whether AFC serves a phone that is not activated; nobody has tried on a real one. Default true. */
  readonly afcInSetup?: boolean;
}

const SOLD_AT = Date.UTC(2023, 5, 1);

export function profileOf(spec: IphoneSpec): AppleProfile {
  return { ...APPLE_PROFILES[spec.profile], ...spec.profileChanges };
}

/** The state of a phone as its seller handed it over; `deviceKey` is a PEM. */
export function firstState(spec: IphoneSpec, deviceKey: string): IphoneState {
  const profile = profileOf(spec);
  const used = spec.condition !== 'already-erased';
  const findMy = used && (spec.findMy ?? false);
  const activationLocked = findMy || (spec.activationLocked ?? false);
  const passcode = used ? (spec.passcode ?? 'none') : 'none';
  return {
    profile,
    identity: { ...newIdentity(profile), ...spec.identity },
    deviceKey,
    deviceName: spec.deviceName ?? (used ? '花子のiPhone' : 'iPhone'),
    language: used ? 'ja' : 'en',
    setupDone: used,
    activated: used,
    findMy,
    activationLocked,
    supervision: spec.supervision ?? null,
    configurationProfiles: spec.configurationProfiles ?? [],
    passcode: passcode !== 'none',
    locked: passcode === 'locked' || passcode === 'not-unlocked-since-boot',
    unlockedSinceBoot: passcode !== 'not-unlocked-since-boot',
    hosts: [],
    battery: {
      percent: 78,
      charging: true,
      cycles: 312,
      health: 0.87,
      temperature: 2890,
      ...spec.battery,
    },
    sims: { status: 'NotInserted', card: false, esim: profile.esim && used, ...spec.sims },
    nvram: {
      ...inUseNvram(profile, { findMy: activationLocked, soldAt: SOLD_AT }),
      ...spec.nvram,
    },
  };
}
