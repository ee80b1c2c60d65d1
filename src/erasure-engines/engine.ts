import type { AttentionCode } from '../attention.js';
import type { Policy, Timing } from '../config.js';
import type { ErrorCode } from '../errors.js';
import type { Evidence, EvidenceKind, JsonObject, Stage } from '../evidence.js';
import type { HandsetIdentity } from '../handset.js';
import type { Clock } from '../wait.js';

/** What has been written to the ledger about this run, as an engine may read it back after a crash. */
export interface RunHistory {
  readonly run: string;
  readonly identity: HandsetIdentity | null;
  /** Every fact of the run so far, oldest first. */
  readonly evidence: readonly Evidence[];
  /** Every declared intent of the run so far, oldest first. */
  readonly intents: readonly Intent[];
}

/** A destructive step that was about to be taken. */
export interface Intent {
  readonly stage: Stage;
  /** Fence of the attempt that declared it. */
  readonly fence: number;
  readonly step: string;
  readonly at: string;
  readonly detail: JsonObject;
}

export interface Progress {
  /** 0 to 1. */
  readonly done: number;
  /** Short machine word for the step, such as `fill` or `read-back`. */
  readonly step: string;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
}

/** Everything an engine may touch besides the handset itself. */
export interface StageContext {
  readonly stage: Stage;
  readonly fence: number;
  readonly signal: AbortSignal;
  readonly policy: Policy;
  readonly timing: Timing;
  readonly overwriteFileBytes: number;
  readonly clock: Clock;
  /** The run as the ledger knows it now, including what this attempt has added. */
  history(): RunHistory;
  /** Writes an intent; resolved means it is on disk. Nothing destructive may happen before that. */
  intend(step: string, detail: JsonObject): Promise<void>;
  /** Writes one fact; resolved means it is on disk. */
  record(
    kind: EvidenceKind,
    fact: { method: string; holds: boolean; value: JsonObject },
  ): Promise<void>;
  progress(progress: Progress): void;
  /**
   * Asks a person at the port while the stage goes on waiting; null: nothing is asked any more. Resolved means that it is on
   * disk. Whoever does not wait ends with the outcome `attention` instead.
   */
  ask(code: AttentionCode | null): Promise<void>;
}

/** How one stage ended. `failed` is proved bad and ends the run; `attention` parks it; `again` may be tried again. */
export type StageOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'attention'; readonly code: AttentionCode; readonly detail: JsonObject }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: JsonObject }
  | { readonly kind: 'again'; readonly code: ErrorCode; readonly detail: JsonObject };

/** One platform's way of erasing. Each method is one stage; it may be called again after a crash and must probe first. */
export interface EraseEngine {
  identify(context: StageContext): Promise<StageOutcome>;
  resetDelete(context: StageContext): Promise<StageOutcome>;
  overwriteErase(context: StageContext): Promise<StageOutcome>;
  felicaClear(context: StageContext): Promise<StageOutcome>;
  /** Closing reset and the final look at the handset. */
  verify(context: StageContext): Promise<StageOutcome>;
}
