import type { AppleLink } from '../../devices/apple/apple-link.js';
import type { WaitOptions } from '../../wait.js';
import type { StageContext } from '../engine.js';

/** One stage attempt at one iPhone: everything its steps may use. */
export interface Visit {
  readonly link: AppleLink;
  readonly context: StageContext;
  /** Whether another port of the rack holds a handset with this IMEI now. */
  readonly sameImeiElsewhere: (imei: string) => boolean;
}

/** Limits for one ordinary question. */
export function questionWait(visit: Visit): WaitOptions {
  return { signal: visit.context.signal, timeoutMs: visit.context.timing.commandSeconds * 1000 };
}
