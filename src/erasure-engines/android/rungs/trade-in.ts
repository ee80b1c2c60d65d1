import { hasCode } from '../../../errors.js';
import { commandWait } from '../visit.js';
import type { Rung } from './rung.js';

/**
 * A reboot out of trade-in evaluation: first-stage init finds the mark that `evaluate` left and wipes before anything
 * else starts (AOSP system/core init/first_stage_mount.cpp).
 */
export const tradeInRung: Rung = {
  method: 'trade-in',
  async ask(visit, report) {
    if (report.capabilities.mode !== 'evaluation') {
      return { kind: 'refused', why: 'not-in-evaluation', said: report.capabilities.mode };
    }
    try {
      await visit.link.reboot(commandWait(visit));
      return { kind: 'asked', said: 'reboot accepted' };
    } catch (error) {
      if (!hasCode(error, 'handset-gone', 'adb-protocol')) throw error;
      return { kind: 'asked', said: 'gone' };
    }
  },
};
