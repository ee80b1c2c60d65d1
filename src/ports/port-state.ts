import type { AttentionCode } from '../attention.js';
import type { Condition } from '../devices/sighting.js';
import type { ErrorCode } from '../errors.js';
import type { Stage } from '../evidence.js';
import type { HandsetKey } from '../handset.js';
import type { Lane, Verdict } from '../ledger/entry.js';

/**
 * What one port knows. Each state is named after what was observed:
 * - empty: nothing on the bus
 * - unready: a device that cannot be worked on as it is (condition says why)
 * - opening: a ready handset; its run is being written to the ledger
 * - working: a stage job was handed to its queue and has not ended
 * - attention: the last job ended by asking for a person
 * - aborting: the job was told to stop and has not ended; only its own end frees the port
 * - settling: nothing is left to do; the verdict is being written
 * - settled: the verdict is on disk
 */
export type PortState =
  | { readonly at: 'empty' }
  | {
      readonly at: 'unready';
      readonly handset: HandsetKey | null;
      readonly condition: Condition;
      readonly since: number;
      readonly trouble: ErrorCode | null;
    }
  | (Bound & {
      readonly at: 'opening';
      readonly condition: Condition;
      /** A different handset was seen before the run was even on disk. */
      readonly swapped: boolean;
    })
  | (Running & { readonly at: 'working' })
  | (Running & {
      readonly at: 'attention';
      readonly code: AttentionCode;
      readonly trouble: ErrorCode | null;
      /** What the handset looked like when it was parked; null: it was away. */
      readonly parkedAs: Condition | null;
    })
  | (Running & { readonly at: 'aborting'; readonly reason: VoidReason })
  | (Bound & { readonly at: 'settling'; readonly run: string; readonly voided: VoidReason | null })
  | (Bound & {
      readonly at: 'settled';
      readonly run: string;
      readonly verdict: Verdict;
      readonly lane: Lane;
      readonly voided: VoidReason | null;
      /** False where the daemon was not running all the time since: nobody saw that the handset stayed. */
      readonly watched: boolean;
    });

export interface Bound {
  readonly handset: HandsetKey | null;
  /** When the handset left the bus; null while it is there. */
  readonly goneSince: number | null;
}

export interface Running extends Bound {
  readonly run: string;
  readonly stage: Stage;
  /** Number of the attempt; an outcome that carries another one is stale. */
  readonly fence: number;
  readonly condition: Condition | null;
}

/** Why a run proves nothing although its stages may have ended well. */
export type VoidReason = 'swapped' | 'operator' | 'gone-too-long' | 'removed';

/** What follows an ended attempt. Decided by the pipeline from the run's record. */
export type Next =
  | { readonly do: 'stage'; readonly stage: Stage }
  | { readonly do: 'attention'; readonly code: AttentionCode; readonly trouble: ErrorCode | null }
  | { readonly do: 'settle' };

/** `now` is in milliseconds; time is data here. */
export type PortEvent = { readonly now: number } & (
  | { readonly type: 'seen'; readonly handset: HandsetKey | null; readonly condition: Condition }
  | { readonly type: 'gone' }
  | { readonly type: 'tick' }
  | { readonly type: 'opened'; readonly run: string }
  | {
      readonly type: 'effect-failed';
      readonly effect: PortEffect['do'];
      readonly code: ErrorCode;
    }
  | {
      readonly type: 'recovered';
      readonly run: string;
      readonly handset: HandsetKey | null;
      readonly stage: Stage;
      readonly fence: number;
      readonly next: Next;
      readonly voided: VoidReason | null;
    }
  | {
      /** The port's last run had its verdict before the daemon started. */
      readonly type: 'standing';
      readonly run: string;
      readonly handset: HandsetKey | null;
      readonly verdict: Verdict;
      readonly lane: Lane;
      readonly voided: VoidReason | null;
    }
  | { readonly type: 'outcome'; readonly run: string; readonly fence: number; readonly next: Next }
  | {
      readonly type: 'settled';
      readonly run: string;
      readonly verdict: Verdict;
      readonly lane: Lane;
    }
  | { readonly type: 'command'; readonly action: 'retry' | 'abort' | 'release' | 'confirm' }
);

export type PortEffect =
  | { readonly do: 'open-run'; readonly handset: HandsetKey | null }
  | { readonly do: 'enqueue'; readonly run: string; readonly stage: Stage; readonly fence: number }
  | {
      readonly do: 'abort-job';
      readonly run: string;
      readonly stage: Stage;
      readonly fence: number;
      readonly reason: VoidReason;
    }
  | { readonly do: 'settle-run'; readonly run: string; readonly voided: VoidReason | null };

export interface PortRules {
  /** How long a handset under work may be off the bus, in milliseconds. */
  readonly goneGraceMs: number;
  /** How long a finished port must be empty before it is free, in milliseconds. */
  readonly removedMs: number;
  /** New arrivals are not started while true. */
  readonly held: boolean;
}

export interface Step {
  readonly state: PortState;
  readonly effects: readonly PortEffect[];
}
