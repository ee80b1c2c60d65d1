import type { AttentionCode } from '../../attention.js';
import { toJson } from '../../evidence.js';
import { besideHandset } from '../declared.js';
import { gatesOf } from './gates.js';
import type { HandsetReport } from './report.js';
import type { Visit } from './visit.js';

/** Looks at every gate with a fresh report and records what was seen; the reason to stop, or null. */
export async function checkGates(
  visit: Visit,
  report: HandsetReport,
): Promise<AttentionCode | null> {
  const { context } = visit;
  const full = { ...report, ...besideHandset(visit, report.identity) };
  const code = gatesOf(full, context.policy);
  const {
    accounts,
    accountTypes,
    frp,
    owner,
    resetForbidden,
    users,
    simInserted,
    batteryPercent,
    powered,
  } = report.state;
  await context.record('gates', {
    method: report.capabilities.mode === 'foyer' ? 'tradeinmode getstatus' : 'adb shell probe',
    holds: code === null,
    value: toJson({
      stoppedBy: code,
      mode: report.capabilities.mode,
      accounts,
      accountTypes,
      frp,
      owner,
      resetForbidden,
      users,
      simInserted,
      batteryPercent,
      powered,
      jpkiDeclared: full.jpkiDeclared,
      imeiElsewhere: full.imeiElsewhere,
    }),
  });
  return code;
}
