import { toJson } from '../../evidence.js';
import type { HandsetReport } from './report.js';
import type { Visit } from './visit.js';

/** Puts on record who the handset is and what can be done with it, as far as this look shows. */
export async function recordIdentity(visit: Visit, report: HandsetReport): Promise<void> {
  await visit.context.record('identity', {
    method: report.capabilities.mode === 'foyer' ? 'tradeinmode getstatus' : 'adb shell probe',
    holds: true,
    value: { identity: toJson(report.identity), capabilities: toJson(report.capabilities) },
  });
}
