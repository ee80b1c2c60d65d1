import type { Policy, ResetMethod } from '../../config.js';
import { unreachable } from '../../errors.js';
import type { AndroidCapabilities } from './report.js';

export interface Ladder {
  /** Methods that may work, in the order of the policy. */
  readonly rungs: readonly ResetMethod[];
  readonly excluded: readonly { readonly method: ResetMethod; readonly reason: string }[];
}

/** `first`: to erase what the seller left. `closing`: to leave the handset at its first-boot screen. */
export type ResetPurpose = 'first' | 'closing';

const ALL: readonly ResetMethod[] = [
  'trade-in',
  'test-harness',
  'settings-screen',
  'broadcast',
  'person',
];
/** Android 10, where test harness mode began. */
const TEST_HARNESS_SDK = 29;

/**
 * The reset methods for a handset as it was probed, and for each other one why not. Pure. A probe that says nothing
 * leaves a method in: it will refuse by itself, which costs seconds and is recorded.
 */
export function resetLadder(
  capabilities: AndroidCapabilities,
  policy: Policy,
  purpose: ResetPurpose = 'first',
): Ladder {
  const reasons = new Map(
    ALL.map((method) => [method, reasonAgainst(method, capabilities, purpose)]),
  );
  const allowed = [...new Set(policy.resetMethods)];
  return {
    rungs: allowed.filter((method) => reasons.get(method) === null),
    excluded: ALL.flatMap((method) => {
      const reason = allowed.includes(method)
        ? (reasons.get(method) ?? null)
        : 'not allowed by policy';
      return reason === null ? [] : [{ method, reason }];
    }),
  };
}

function reasonAgainst(
  method: ResetMethod,
  capabilities: AndroidCapabilities,
  purpose: ResetPurpose,
): string | null {
  const tradeIn = capabilities.mode === 'foyer' || capabilities.mode === 'evaluation';
  switch (method) {
    case 'trade-in':
      return tradeIn ? null : 'the handset is not in trade-in mode';
    case 'test-harness':
      return tradeIn
        ? 'trade-in mode wipes at the next boot'
        : againstTestHarness(capabilities, purpose);
    case 'settings-screen':
      if (tradeIn) return 'trade-in mode wipes at the next boot';
      if (capabilities.lockScreen === 'set') return 'a screen lock asks for its secret';
      if (capabilities.uiAutomator === false) return 'the screen cannot be read';
      return capabilities.resetScreen === false ? 'no reset screen answers' : null;
    case 'broadcast':
      if (tradeIn) return 'trade-in mode wipes at the next boot';
      return capabilities.masterClearGranted ? null : 'MASTER_CLEAR is not granted to the shell';
    case 'person':
      return capabilities.mode === 'foyer' ? 'there are no settings before set-up' : null;
    default:
      return unreachable(method, 'reset-method');
  }
}

function againstTestHarness(
  capabilities: AndroidCapabilities,
  purpose: ResetPurpose,
): string | null {
  if (purpose === 'closing') return 'it does not end at the first-boot screen';
  if (capabilities.sdk === null || capabilities.sdk < TEST_HARNESS_SDK)
    return 'begins with Android 10';
  if (capabilities.tradeIn === true) return 'it counts as set up and so suppresses trade-in mode';
  if (capabilities.testHarness === false) return 'the service does not exist';
  if (capabilities.persistentDataBlock === false) return 'there is no persistent data block';
  return capabilities.lockScreen === 'set' ? 'a screen lock is set' : null;
}
