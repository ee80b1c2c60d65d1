import type { Nvram } from '../../devices/apple/services/nvram.js';
import type { HandsetIdentity } from '../../handset.js';

/** What was asked and decides the order of the stages. Null: not known. */
export interface IphoneCapabilities {
  /** The first number of the version of iOS. */
  readonly ios: number | null;
  readonly activated: boolean | null;
  /** Whether the handset serves the files of its media folder as it is now. */
  readonly files: boolean;
}

/** What can change from one minute to the next, read for gates and for proofs. Null: not known, or not told. */
export interface IphoneState {
  /** `Activated`, `Unactivated` and others. */
  readonly activation: string | null;
  /** Find My as the handset tells it while somebody uses it. After an erase it reads as off although the lock stays. */
  readonly findMy: boolean | null;
  /** The activation lock as the firmware's memory has it; only newer iOS has an entry. */
  readonly activationLocked: boolean | null;
  readonly supervised: boolean | null;
  /** The organisation that manages it, where it names one. */
  readonly organisation: string | null;
  /** Identifiers of the installed configuration profiles. */
  readonly profiles: readonly string[] | null;
  /** Locked at this moment; says nothing about whether there is a passcode. */
  readonly locked: boolean | null;
  readonly simStatus: string | null;
  readonly simInserted: boolean | null;
  readonly batteryPercent: number | null;
  readonly powered: boolean | null;
  readonly deviceName: string | null;
  readonly language: string | null;
  readonly setupDone: boolean | null;
  readonly dataTotalBytes: number | null;
  readonly dataAvailableBytes: number | null;
  readonly nvram: Nvram;
}

/** Everything one look at the handset gave. */
export interface IphoneReport {
  readonly identity: HandsetIdentity;
  readonly capabilities: IphoneCapabilities;
  readonly state: IphoneState;
}
