import type { SecureVersion } from 'node:tls';

/** What a model of iPhone is, as far as software on the cable can see it. Plain data; one row per model in profiles.ts. */
export interface AppleProfile {
  /** iOS release as a number, 12 to 26. */
  readonly ios: number;
  readonly productVersion: string;
  readonly buildVersion: string;
  readonly productType: string;
  readonly hardwareModel: string;
  readonly modelNumber: string;
  readonly regionInfo: string;
  readonly chipId: number;
  readonly boardId: number;
  /** `hash`: 40 hex digits. `chip`: chip number, hyphen, ECID, as phones since the iPhone XS have it. */
  readonly udid: 'hash' | 'chip';
  readonly imeis: 1 | 2;
  readonly esim: boolean;
  /** The IORegistry entry of the battery. */
  readonly batteryEntry: 'AppleARMPMUCharger' | 'AppleSmartBattery';
  /** mAh. */
  readonly designCapacity: number;
  /** How the NVRAM tells of a finished erase: a sentence, or `EACS Done @<epoch>`. */
  readonly obliterationText: 'sentence' | 'epoch';
  /** Whether the NVRAM holds the Find My lock. */
  readonly findMyInNvram: boolean;
  /** What the host hears after EraseDevice; both were seen, which phone does which is made up here. */
  readonly eraseAnswer: 'acknowledges' | 'closes';
  readonly gestaltDeprecated: boolean;
  readonly newestTls: SecureVersion;
  /** What the memory chip claims to hold, in bytes; the simulated storage is far smaller. */
  readonly claimedBytes: number;
}
