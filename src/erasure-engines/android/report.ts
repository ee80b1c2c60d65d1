import type { HandsetIdentity } from '../../handset.js';
import type { FrpState } from './parsers/frp.js';
import type { Owner } from './parsers/owners.js';

/**
 * What the handset lets us do. `foyer`: the trade-in waiting state of Android 16, which accepts nothing but
 * `tradeinmode`; `evaluation`: trade-in with a full shell, wiped at its next boot; `test-harness`: reset and set up
 * by test harness mode.
 */
export type Mode = 'authorised' | 'test-harness' | 'foyer' | 'evaluation';

/** What was probed and decides which methods can work. Null: not known. */
export interface AndroidCapabilities {
  readonly mode: Mode;
  readonly sdk: number | null;
  readonly lockScreen: 'none' | 'set' | 'unknown';
  /** Whether there is a persistent data block, without which test harness mode cannot keep its keys. */
  readonly persistentDataBlock: boolean | null;
  readonly testHarness: boolean | null;
  readonly tradeIn: boolean | null;
  readonly masterClearGranted: boolean;
  /** Whether an activity answers the intent that opens the reset screen. */
  readonly resetScreen: boolean | null;
  readonly uiAutomator: boolean | null;
  readonly memTotalBytes: number | null;
  readonly dataFileSystem: string | null;
  /** Whether it has a modem for telephony, and so an IMEI; null where the list of its features was not given. */
  readonly telephony: boolean | null;
}

/** What can change from one minute to the next, read for gates and for proofs. Null: not known. */
export interface HandsetState {
  readonly bootId: string | null;
  readonly androidId: string | null;
  readonly bootReason: string | null;
  readonly accounts: number | null;
  readonly accountTypes: readonly string[];
  readonly addedApps: number | null;
  readonly users: number | null;
  readonly owner: Owner;
  readonly resetForbidden: boolean | null;
  readonly frp: FrpState;
  readonly simInserted: boolean | null;
  readonly batteryPercent: number | null;
  readonly powered: boolean | null;
  readonly setupComplete: boolean | null;
  readonly provisioned: boolean | null;
  readonly testHarnessActive: boolean;
  readonly dataTotalKb: number | null;
  readonly dataUsedKb: number | null;
  readonly dataAvailableKb: number | null;
  readonly crypto: {
    readonly state: string | null;
    readonly type: string | null;
    readonly metadata: boolean;
  };
  /** Where FeliCa software was seen, and where it was looked for. */
  readonly felica: { readonly found: readonly string[]; readonly looked: readonly string[] };
}

/** Everything one look at the handset gave. */
export interface HandsetReport {
  readonly identity: HandsetIdentity;
  readonly capabilities: AndroidCapabilities;
  readonly state: HandsetState;
  /** Every serial the handset goes by; the bus may show another one than the system. */
  readonly serials: readonly string[];
}
