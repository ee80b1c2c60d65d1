import type { ResetMethod } from '../../config.js';
import type { Sighting } from '../../devices/sighting.js';
import { toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, DONE, failed } from '../outcome.js';
import { latest, type Try, triesOf, usedUp, whyUnchanged } from '../past.js';
import { inRounds, type Step } from '../rounds.js';
import { tryFailed, tryHeld } from '../try-ended.js';
import { looksSame, presenceOf, presentTrouble, quietMs, waitLeave } from './bus.js';
import { checkGates } from './check-gates.js';
import { resetLadder } from './ladder.js';
import { probe, untilAnswering } from './probe.js';
import type { HandsetReport } from './report.js';
import { rungOf } from './rungs/all-rungs.js';
import { assertSameHandset } from './same-handset.js';
import { encryptionSignal } from './signals.js';
import { withMode } from './trade-in-mode.js';
import type { Visit } from './visit.js';
import { waitBack } from './wait-back.js';

/**
 * Sends the handset back to its first-boot screen and looks at it a last time. Where the plan made the reset the last
 * destructive step and the handset still stands as that left it, nothing more is asked of it.
 */
export async function verify(visit: Visit): Promise<StageOutcome> {
  const { context, link } = visit;
  if (latest(context.history().evidence, 'final-state')?.holds === true) return DONE;
  return await inRounds('verify', () => context.history(), {
    start: () =>
      standsAsReset(visit, link.sighting())
        ? atFirstBoot(visit, { how: 'reset-delete was the last reset', report: null })
        : close(visit),
    conclude: (one) => conclude(visit, one),
  });
}

/** Debugging is off since a proved reset, and nothing of ours came after it. */
function standsAsReset(visit: Visit, sighting: Sighting | null): boolean {
  if (sighting?.condition !== 'usb:no-adb') return false;
  const { evidence } = visit.context.history();
  const reset = evidence.findLastIndex(
    ({ kind, stage, holds }) => kind === 'rung-tried' && stage === 'reset-delete' && holds,
  );
  const fill = evidence.findLastIndex(({ kind }) => kind === 'overwrite-removed');
  return reset >= 0 && fill < reset && latest(evidence, 'usb-without-adb')?.holds === true;
}

/** Asks the next method that ends at the first-boot screen. */
async function close(visit: Visit): Promise<Step> {
  const { context, link } = visit;
  const trouble = presentTrouble(link.sighting());
  if (trouble) return attention(trouble);
  await untilAnswering(visit, context.timing.returnSeconds * 1000);
  const report = withMode(visit, await probe(visit));
  assertSameHandset(visit, report);
  if (report.capabilities.mode === 'foyer')
    return await atFirstBoot(visit, { how: 'trade-in foyer', report });
  if (report.capabilities.mode !== 'evaluation') {
    // An account that was added meanwhile would lock the buyer out.
    const code = await checkGates(visit, report);
    if (code) return attention(code);
  }
  const tries = triesOf(context.history(), 'verify');
  const ladder = resetLadder(report.capabilities, context.policy, 'closing');
  const method = ladder.rungs.find((rung) => !usedUp(tries).has(rung));
  if (!method)
    return attention(
      'reset-by-hand',
      toJson({ tried: tries.map(({ method: name, why }) => `${name}: ${why}`) }),
    );
  const { kind, value, holds, method: how } = encryptionSignal(report.state);
  await context.record(kind, { method: how, holds, value });
  const { bootId } = report.state;
  const presence = presenceOf(link.sighting());
  const { fence } = context;
  const number = tries.length + 1;
  const one: Try<ResetMethod> = { method, number, fence, presence, bootId, held: null, why: null };
  await context.intend('reset', { method, try: one.number, presence, bootId, closing: true });
  return await ask(visit, one, report);
}

async function ask(visit: Visit, one: Try<ResetMethod>, report: HandsetReport): Promise<Step> {
  const rung = rungOf(one.method);
  if (!rung) return attention('reset-by-hand');
  const answer = await rung.ask(visit, report);
  if (answer.kind !== 'asked') {
    const why = answer.kind === 'refused' ? answer.why : 'unknown-screen';
    await tryFailed(visit.context, one, { why, said: answer.said });
    return 'next';
  }
  const left = await waitLeave(visit, one.presence, visit.context.timing.leaveSeconds * 1000);
  if (!left) await tryFailed(visit.context, one, { why: 'did-not-leave', said: answer.said });
  return 'next';
}

/** What became of a closing reset, from how the handset stands now. */
async function conclude(visit: Visit, one: Try): Promise<Step> {
  const { context } = visit;
  const expectAdb = one.method === 'trade-in' || (context.history().identity?.sdk ?? 36) >= 36;
  const back = await waitBack(visit, {
    timeoutMs: context.timing.returnSeconds * 1000,
    quietMs: quietMs(visit, expectAdb),
  });
  if (!back) return attention('handset-not-returning', { method: one.method });
  if (!looksSame(visit, back)) return failed('handset-swapped', { by: 'bus-serial' });
  if (back.condition === 'usb:no-adb')
    return await atFirstBoot(visit, { how: one.method, report: null, one });
  if (back.condition === 'adb:unauthorized') return attention('authorise-usb-debugging');
  const report = await probe(visit);
  assertSameHandset(visit, report);
  if (report.capabilities.mode === 'foyer')
    return await atFirstBoot(visit, { how: one.method, report, one });
  if (one.method === 'person') return attention('reset-by-hand');
  // A full shell without asking is no first boot: the handset did nothing, or merely restarted.
  const now = { bootId: report.state.bootId, fence: context.fence };
  const why = whyUnchanged(one, now, 'not-at-first-boot');
  await tryFailed(context, one, { why, said: report.capabilities.mode });
  return 'next';
}

async function atFirstBoot(
  visit: Visit,
  {
    how,
    report,
    one,
  }: { readonly how: string; readonly report: HandsetReport | null; readonly one?: Try },
): Promise<StageOutcome> {
  const { context, link } = visit;
  const agreed = assertSameHandset(visit, report);
  if (report && report.state.frp === 'locked') return attention('frp-locked');
  const seen = report ? 'trade-in foyer' : 'usb without adb';
  if (one) await tryHeld(context, one);
  await context.record('closing-reset', { method: how, holds: true, value: { seen } });
  await context.record('final-state', {
    method: report ? 'tradeinmode getstatus' : 'usb interface descriptors',
    holds: true,
    value: toJson({
      state: 'first-boot screen',
      seen,
      agreed,
      frp: report?.state.frp ?? 'unknown',
      condition: link.sighting()?.condition ?? null,
    }),
  });
  return DONE;
}
