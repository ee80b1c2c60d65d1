import type { AttentionCode } from '../../../attention.js';
import type { ClearOutcome } from '../../../config-felica.js';

/** One order to clear one chip. Every text in it is safe in a file name and as an argument. */
export interface ClearJob {
  /** Names this order and no other one, ever. */
  readonly job: string;
  readonly run: string;
  readonly port: string;
  /** From 1. */
  readonly reader: number;
  /** The model as the handset says it; empty where it says none. */
  readonly model: string;
}

/** What somebody says of a clear. It goes on record as said; what is so, the survey afterwards shows. */
export interface ClearAnswer {
  readonly outcome: ClearOutcome;
  /** The tool's own code for it. */
  readonly nativeCode: string | null;
  /** At most one short line of what else was said. */
  readonly said: string | null;
}

/** What a method may need of the bench while it works. Our own reader is let go meanwhile. */
export interface ClearingHelp {
  readonly signal: AbortSignal;
  /** Asks for a person at the port; what was asked before is answered thereby. */
  ask(code: AttentionCode): Promise<void>;
  /** True when the chip has left the reader and lies on it again; false when `timeoutMs` ran out. */
  awayAndBack(timeoutMs: number): Promise<boolean>;
}

/** Whoever may clear a chip. */
export interface ClearingMethod {
  readonly id: string;
  /**
   * Resolves with what was said, also where it went wrong or took too long. Errors: felica-tool-unusable for a tool
   * that cannot even be asked, aborted.
   */
  clear(job: ClearJob, help: ClearingHelp): Promise<ClearAnswer>;
}
