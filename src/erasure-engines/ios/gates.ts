import type { AttentionCode } from '../../attention.js';
import type { Policy } from '../../config.js';
import { batteryTooLow } from '../battery-gate.js';
import type { Beside } from '../declared.js';
import type { IphoneReport } from './report.js';

/** Below this, nothing of the order to erase is known to work. */
const FIRST_IOS = 9;

export type GateReport = IphoneReport & Beside;

/**
 * The first thing that forbids erasing, in a fixed order, or null. Pure. Where a gate protects the owner or the buyer
 * from harm, not knowing counts as forbidden:
 * - Find My: unknown stops. On a handset that is not activated it reads as off whatever the truth (libideviceactivation
 *   issue 33), so that there only the firmware's memory counts;
 * - activation lock: stops wherever it is seen;
 * - management: unknown stops. Installed profiles alone do not: many Japanese carriers have one for their network, and
 *   the erase removes them;
 * - SIM: only a card that was seen stops;
 * - battery: unknown stops.
 */
export function gatesOf(report: GateReport, policy: Policy): AttentionCode | null {
  const { state, capabilities } = report;
  if ((capabilities.ios ?? 0) < FIRST_IOS) return 'unsupported-handset';
  if (state.findMy === true) return 'find-my-on';
  if (state.activationLocked === true) return 'activation-locked';
  if (findMyUnknown(report)) return 'find-my-unknown';
  if (state.supervised !== false) return 'managed-device';
  if (state.simInserted === true) return 'sim-present';
  if (batteryTooLow(state, policy)) return 'battery-low';
  if (policy.requireJpkiDeclaration && !report.jpkiDeclared) return 'jpki-declaration-missing';
  return report.imeiElsewhere ? 'duplicate-imei' : null;
}

function findMyUnknown({ state, capabilities }: IphoneReport): boolean {
  if (state.findMy === null) return true;
  return capabilities.activated !== true && state.activationLocked === null;
}
