import type { AndroidLink } from '../../devices/adb/android-link.js';
import type { StageContext, StageOutcome } from '../engine.js';

/** Where on the handset the engine puts its files. */
export interface Places {
  /** Owned by the shell user, on the file system that holds the person's data. */
  readonly work: string;
  /** Shared storage, reached through another daemon than `work`. */
  readonly shared: string;
}

export const HANDSET_PLACES: Places = { work: '/data/local/tmp', shared: '/sdcard' };

/** One attempt at a FeliCa reader. */
export type AtReader = (context: StageContext) => Promise<StageOutcome>;

/** One stage attempt at one handset: everything its steps may use. */
export interface Visit {
  readonly link: AndroidLink;
  readonly context: StageContext;
  readonly places: Places;
  /** Whether another port of the rack holds a handset with this IMEI now. */
  readonly sameImeiElsewhere: (imei: string) => boolean;
  /** What becomes of the chip of this handset at its reader; null where it meets none. */
  readonly atReader: AtReader | null;
}

/** The run's id as it may stand in a file name and a shell word on the handset. */
export function runWord(visit: Visit): string {
  return (
    visit.context
      .history()
      .run.replace(/[^A-Za-z0-9-]/g, '')
      .slice(0, 40) || 'run'
  );
}

/** Limits for one ordinary command. */
export function commandWait(visit: Visit): { signal: AbortSignal; timeoutMs: number } {
  return { signal: visit.context.signal, timeoutMs: visit.context.timing.commandSeconds * 1000 };
}
