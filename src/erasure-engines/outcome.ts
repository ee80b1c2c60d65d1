import type { AttentionCode } from '../attention.js';
import { asSarachiError, type ErrorCode, hasCode } from '../errors.js';
import type { JsonObject } from '../evidence.js';
import type { StageOutcome } from './engine.js';

/** Trouble of the host that lies between it and the handset, and passes. */
const WIRE_TROUBLE = [
  'adb-protocol',
  'adb-server-gone',
  'usbmuxd-gone',
  'usbmuxd-protocol',
  'usbmuxd-refused',
] as const;

export const DONE: StageOutcome = { kind: 'done' };

export function attention(code: AttentionCode, detail: JsonObject = {}): StageOutcome {
  return { kind: 'attention', code, detail };
}

export function failed(code: ErrorCode, detail: JsonObject = {}): StageOutcome {
  return { kind: 'failed', code, detail };
}

export function again(code: ErrorCode, detail: JsonObject = {}): StageOutcome {
  return { kind: 'again', code, detail };
}

/**
 * Runs one stage attempt. A handset's or cable's trouble becomes an outcome; an abort, a full ledger disk and our own
 * faults go up to whoever runs the stage.
 */
export async function asOutcome(work: () => Promise<StageOutcome>): Promise<StageOutcome> {
  try {
    return await work();
  } catch (thrown) {
    const error = asSarachiError(thrown);
    const ours =
      error.blame === 'handset' || error.blame === 'cable' || hasCode(error, ...WIRE_TROUBLE);
    if (error.code === 'handset-swapped') return failed('handset-swapped', error.detail);
    if (!ours) throw error;
    return error.again ? again(error.code, error.detail) : failed(error.code, error.detail);
  }
}
