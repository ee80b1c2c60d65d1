/** What a model of handset is, as far as software on the cable can see it. Plain data; one row per model in profiles.ts. */
export interface AndroidProfile {
  /** Android release as a number, 9 to 16. */
  readonly android: number;
  readonly sdk: number;
  readonly brand: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly product: string;
  readonly device: string;
  readonly buildId: string;
  readonly securityPatch: string;
  /** API level the model was sold with. */
  readonly launchLevel: number;
  readonly encryption: 'file' | 'block' | 'none';
  readonly metadataEncryption: boolean;
  /** Whether there is a persistent data block, `ro.frp.pst`. */
  readonly frpPartition: boolean;
  readonly felica: boolean;
  readonly esim: boolean;
  readonly simSlots: 1 | 2;
  readonly resetScreen: 'aosp' | 'unknown-vendor';
  readonly usb: {
    readonly vendorId: number;
    readonly withAdb: number;
    readonly withoutAdb: number;
  };
  /** What the memory chip claims to hold, in bytes; the simulated /data is far smaller. */
  readonly claimedBytes: number;
}

/** Trade-in mode came with Android 16 (AOSP packages/modules/adb, docs/dev/adb_tradeinmode.md). */
export function hasTradeInMode(profile: AndroidProfile): boolean {
  return profile.sdk >= 36;
}
