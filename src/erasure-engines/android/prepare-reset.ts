import type { AttentionCode } from '../../attention.js';
import { plantCanaries } from './canary.js';
import { checkGates } from './check-gates.js';
import { probe, untilAnswering } from './probe.js';
import { recordIdentity } from './record-identity.js';
import type { HandsetReport } from './report.js';
import { assertSameHandset } from './same-handset.js';
import { beforeReset } from './signals.js';
import { enterEvaluation, withMode } from './trade-in-mode.js';
import type { Visit } from './visit.js';

export type Prepared =
  | { readonly kind: 'ready'; readonly report: HandsetReport }
  | { readonly kind: 'stop'; readonly code: AttentionCode };

/**
 * Makes a handset ready for its first reset: a fresh full look (from inside evaluation where only trade-in mode
 * answers), the gates once more, the canaries, and the state against which the reset will be compared.
 */
export async function prepareReset(visit: Visit): Promise<Prepared> {
  const { context } = visit;
  await untilAnswering(visit, context.timing.identifySeconds * 1000);
  const first = withMode(visit, await probe(visit));
  assertSameHandset(visit, first);
  const atDoor = await checkGates(visit, first);
  if (atDoor) return { kind: 'stop', code: atDoor };
  if (first.capabilities.mode !== 'foyer') return await settleState(visit, first);
  if (!context.policy.resetMethods.includes('trade-in'))
    return { kind: 'stop', code: 'reset-by-hand' };
  const inside = await enterEvaluation(visit);
  // The foyer told little; from here on the run knows the handset as well as any other.
  await recordIdentity(visit, inside);
  const code = await checkGates(visit, inside);
  return code ? { kind: 'stop', code } : await settleState(visit, inside);
}

async function settleState(visit: Visit, report: HandsetReport): Promise<Prepared> {
  await plantCanaries(visit);
  // The canaries are on the storage before it is measured, so that their own size is no difference.
  await visit.context.record('before-reset', {
    method: 'adb shell probe',
    holds: true,
    value: beforeReset(report),
  });
  return { kind: 'ready', report };
}
