import type { AttentionCode } from '../../attention.js';
import type { Policy } from '../../config.js';
import { batteryTooLow } from '../battery-gate.js';
import type { Beside } from '../declared.js';
import type { HandsetReport } from './report.js';

/** API levels whose answers are known: Android 8 to 17. */
const KNOWN_SDK = { from: 26, to: 37 } as const;

export type GateReport = HandsetReport & Beside;

/**
 * The first thing that forbids erasing, in a fixed order, or null. Pure. Where a gate protects the owner or the buyer
 * from harm, not knowing counts as forbidden:
 * - version: below Android 8, and a later one of which nothing was probed, are not worked on;
 * - accounts: unknown stops, since an account arms the activation lock;
 * - FRP: unknown stops, for the same reason;
 * - owner: unknown stops, since it may belong to an organisation;
 * - no_factory_reset: unknown passes, since every reset method of Android refuses by itself then;
 * - users: unknown stops, since a work profile is a second user;
 * - SIM: only a card that was seen stops, since a reset does not touch it;
 * - battery: unknown stops, since a handset that goes off while it resets may not come back.
 * In the trade-in foyer only FRP can be asked, and the mode itself says that there is no account: the other gates
 * pass there and are asked again inside evaluation before anything is destroyed.
 */
export function gatesOf(report: GateReport, policy: Policy): AttentionCode | null {
  const { state, capabilities } = report;
  const foyer = capabilities.mode === 'foyer';
  if (!foyer && !isSupported(report)) return 'unsupported-handset';
  if (state.accounts !== 0) return 'account-present';
  if (state.frp !== 'off') return 'frp-locked';
  if (!foyer) {
    if (state.owner !== 'none') return 'managed-device';
    if (state.resetForbidden === true) return 'reset-forbidden';
    if (state.users !== 1) return 'several-users';
    if (state.simInserted === true) return 'sim-present';
    if (batteryTooLow(state, policy)) return 'battery-low';
  }
  if (policy.requireJpkiDeclaration && !report.jpkiDeclared) return 'jpki-declaration-missing';
  return report.imeiElsewhere ? 'duplicate-imei' : null;
}

function isSupported({ capabilities }: HandsetReport): boolean {
  const { sdk } = capabilities;
  if (sdk === null || sdk < KNOWN_SDK.from) return false;
  const probed = capabilities.testHarness || capabilities.tradeIn || capabilities.resetScreen;
  return sdk <= KNOWN_SDK.to || probed === true;
}
