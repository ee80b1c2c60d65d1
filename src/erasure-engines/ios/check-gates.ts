import type { AttentionCode } from '../../attention.js';
import type { JsonObject } from '../../evidence.js';
import { besideHandset } from '../declared.js';
import { gatesOf } from './gates.js';
import type { IphoneReport } from './report.js';
import type { Visit } from './visit.js';

/** Looks at every gate with a fresh report and records what was seen; the reason to stop, or null. */
export async function checkGates(
  visit: Visit,
  report: IphoneReport,
): Promise<AttentionCode | null> {
  const { context } = visit;
  const full = { ...report, ...besideHandset(visit, report.identity) };
  const code = gatesOf(full, context.policy);
  const { state, capabilities } = report;
  const value: JsonObject = {
    stoppedBy: code,
    ios: capabilities.ios,
    activation: state.activation,
    findMy: state.findMy,
    activationLocked: state.activationLocked,
    supervised: state.supervised,
    organisation: state.organisation,
    profiles: state.profiles,
    lockedNow: state.locked,
    simStatus: state.simStatus,
    simInserted: state.simInserted,
    batteryPercent: state.batteryPercent,
    powered: state.powered,
    jpkiDeclared: full.jpkiDeclared,
    imeiElsewhere: full.imeiElsewhere,
  };
  await context.record('gates', {
    method: 'lockdown values, NVRAM, GetCloudConfiguration, GetProfileList',
    holds: code === null,
    value,
  });
  return code;
}
