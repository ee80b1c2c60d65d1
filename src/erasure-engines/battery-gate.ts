import type { Policy } from '../config.js';

/** Below this charge a handset that its cable does not feed may go off in the middle. */
const UNPOWERED_MARGIN_PERCENT = 20;

/** Whether the charge forbids erasing. Pure. An unknown charge does: a handset that goes off may not come back. */
export function batteryTooLow(
  state: { readonly batteryPercent: number | null; readonly powered: boolean | null },
  policy: Policy,
): boolean {
  if (state.batteryPercent === null) return true;
  const margin = state.powered === false ? UNPOWERED_MARGIN_PERCENT : 0;
  return state.batteryPercent < Math.min(100, policy.minimumBatteryPercent + margin);
}
