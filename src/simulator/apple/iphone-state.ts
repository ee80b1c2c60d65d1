import type { AppleIdentity } from './identity.js';
import type { AppleProfile } from './profile.js';

/** A host that this phone trusts: the pair record as the phone keeps it. PEM texts. */
export interface TrustedHost {
  readonly hostId: string;
  readonly systemBuid: string;
  readonly hostCertificate: string;
  readonly rootCertificate: string;
  readonly deviceCertificate: string;
}

/** Who manages the phone, where it is supervised. */
export interface Supervision {
  readonly organization: string;
  readonly allowPairing: boolean;
  /** Enrolled in the organisation's device management, which cannot be removed. */
  readonly mandatory: boolean;
}

/** An installed configuration profile. */
export interface ConfigurationProfile {
  readonly identifier: string;
  readonly displayName: string;
  readonly removable: boolean;
}

export interface AppleBattery {
  readonly percent: number;
  readonly charging: boolean;
  readonly cycles: number;
  /** Part of the design capacity that is left, 0 to 1. */
  readonly health: number;
  /** Hundredths of a degree Celsius. */
  readonly temperature: number;
}

export interface AppleSims {
  /** `kCTSIMSupport...`: what the baseband says of the card. */
  readonly status: 'Ready' | 'NotInserted' | 'PINLocked' | 'OperatorLocked';
  readonly card: boolean;
  readonly esim: boolean;
}

/** All that an iPhone knows beside its storage. Plain data, saved as JSON. */
export interface IphoneState {
  readonly profile: AppleProfile;
  readonly identity: AppleIdentity;
  /** PEM of the key that pair records certify; a new one comes with each erase. */
  readonly deviceKey: string;
  readonly deviceName: string;
  readonly language: string;
  readonly setupDone: boolean;
  readonly activated: boolean;
  /** Find My is on: somebody is signed in. */
  readonly findMy: boolean;
  /** Apple's server demands the owner's Apple Account before the phone is activated. */
  readonly activationLocked: boolean;
  readonly supervision: Supervision | null;
  readonly configurationProfiles: readonly ConfigurationProfile[];
  readonly passcode: boolean;
  readonly locked: boolean;
  readonly unlockedSinceBoot: boolean;
  readonly hosts: readonly TrustedHost[];
  readonly battery: AppleBattery;
  readonly sims: AppleSims;
  /** Texts of the NVRAM variables. */
  readonly nvram: Readonly<Record<string, string>>;
}

/** A restart: a passcode has to be typed in before user data can be read again. */
export function afterRestart(state: IphoneState): IphoneState {
  return { ...state, locked: state.passcode, unlockedSinceBoot: !state.passcode };
}

export interface ErasedWith {
  readonly deviceKey: string;
  readonly nvram: Readonly<Record<string, string>>;
  readonly keepsEsim: boolean;
}

/**
 * What Erase All Content and Settings leaves. Find My survives it as an activation lock when it was on, and an
 * organisation's enrolment comes back with the network, so nothing on the cable shows it.
 */
export function erasedState(state: IphoneState, erased: ErasedWith): IphoneState {
  return {
    ...state,
    deviceKey: erased.deviceKey,
    deviceName: 'iPhone',
    language: 'en',
    setupDone: false,
    activated: false,
    findMy: false,
    supervision: null,
    configurationProfiles: [],
    passcode: false,
    locked: false,
    unlockedSinceBoot: true,
    hosts: [],
    sims: { ...state.sims, esim: state.sims.esim && erased.keepsEsim },
    nvram: erased.nvram,
  };
}
