import type { WireFaults } from './handset-os.js';
import type { ResetBy } from './system-state.js';

/** An answer put in place of what a framework command would say. */
export interface OddAnswer {
  /** Tested against the command and its arguments joined by spaces. */
  readonly command: RegExp;
  readonly exit?: number;
  readonly stdout?: string | Uint8Array;
  readonly stderr?: readonly string[];
}

/** When something is to happen by itself. Fill bytes count from the moment the trigger is looked at first. */
export interface Trigger {
  readonly fillBytes?: number;
  /** Tested against each command line that the host asks the shell to run. */
  readonly command?: RegExp;
}

/** Misbehaviour of one handset. A plain object that may be changed while the handset runs; each is off by default. */
export interface Faults {
  readonly wire: WireFaults;
  /** Milliseconds that the next boots take instead of the handset's own. */
  bootMs?: number;
  /** The reset is answered as if it went well, and nothing happens. */
  ignoresReset: readonly ResetBy[];
  /** `data`: files stay though the system looks fresh. `all-but-settings`: only the set-up flags are cleared. */
  resetKeeps: 'nothing' | 'data' | 'all-but-settings';
  /** Goes down for a reset and never comes back. */
  diesInReset: boolean;
  /** One byte of a fill file turns over when the full storage is hashed for the first time. */
  flipsFillByte: boolean;
  /** The cable comes off, and on again after `forMs`; null: it stays off. Happens once. */
  cableDrop?: Trigger & { readonly forMs: number | null };
  /** Reboots without being asked. Happens once. */
  rebootsByItself?: Trigger;
  /** Something in the handset takes the rest of the storage when the fill has reached this. Happens once. */
  storageTaken?: Trigger;
  answers: readonly OddAnswer[];
}

export function noFaults(): Faults {
  return {
    wire: {},
    ignoresReset: [],
    resetKeeps: 'nothing',
    diesInReset: false,
    flipsFillByte: false,
    answers: [],
  };
}
