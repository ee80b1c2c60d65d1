import type { ResetMethod } from '../../config.js';
import { toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, failed } from '../outcome.js';
import { type Try, triesOf, usedUp } from '../past.js';
import { inRounds, type Step } from '../rounds.js';
import { tryFailed } from '../try-ended.js';
import { presenceOf, presentTrouble, waitLeave } from './bus.js';
import { concludeTry } from './conclude.js';
import { resetLadder } from './ladder.js';
import { prepareReset } from './prepare-reset.js';
import type { HandsetReport } from './report.js';
import { rungOf } from './rungs/all-rungs.js';
import type { Visit } from './visit.js';

/**
 * Erases what the seller left, by the first method that works, and proves it. Entered again after a crash or a
 * person's help, it first concludes the try that is on record: a handset that was reset is never reset again.
 */
export async function resetDelete(visit: Visit): Promise<StageOutcome> {
  return await inRounds('reset-delete', () => visit.context.history(), {
    start: () => startTry(visit),
    conclude: (one) => concludeTry(visit, one),
  });
}

/** Prepares the handset and asks the next method of the ladder; `next` when there is a try to conclude or to replace. */
async function startTry(visit: Visit): Promise<Step> {
  const { context, link } = visit;
  const trouble = presentTrouble(link.sighting());
  if (trouble) return attention(trouble);
  const prepared = await prepareReset(visit);
  if (prepared.kind === 'stop') return attention(prepared.code);
  const { report } = prepared;
  const tries = triesOf(context.history(), 'reset-delete');
  const ladder = resetLadder(report.capabilities, context.policy);
  const method = ladder.rungs.find((rung) => !usedUp(tries).has(rung));
  if (!method) return nothingLeft(tries, ladder.excluded);
  const presence = presenceOf(link.sighting());
  const { bootId } = report.state;
  const { fence } = context;
  const number = tries.length + 1;
  const one: Try<ResetMethod> = { method, number, fence, presence, bootId, held: null, why: null };
  await context.intend('reset', {
    method,
    try: one.number,
    presence,
    bootId,
    excluded: ladder.excluded.map(({ method: name, reason }) => `${name}: ${reason}`),
  });
  return await climb(visit, one, report);
}

/** Asks one method. What the handset says is never the proof: it must leave, and then be looked at. */
async function climb(visit: Visit, one: Try<ResetMethod>, report: HandsetReport): Promise<Step> {
  const rung = rungOf(one.method);
  if (!rung) return attention(handCode(visit), { method: one.method });
  const answer = await rung.ask(visit, report);
  if (answer.kind !== 'asked') {
    const why = answer.kind === 'refused' ? answer.why : 'unknown-screen';
    await tryFailed(visit.context, one, { why, said: answer.said });
    return 'next';
  }
  const left = await waitLeave(visit, one.presence, visit.context.timing.leaveSeconds * 1000);
  if (!left) {
    await tryFailed(visit.context, one, { why: 'did-not-leave', said: answer.said });
    return 'next';
  }
  await visit.context.record('left-bus', {
    method: 'usb and adb state of the port',
    holds: true,
    value: { try: one.number, method: one.method, seen: left.seen, said: answer.said },
  });
  return 'next';
}

/** A person is told of the screen only where that was the reason why the machine could not do it. */
function handCode(visit: Visit): 'unknown-reset-screen' | 'reset-by-hand' {
  const { stage } = visit.context;
  const unknown = triesOf(visit.context.history(), stage).some(
    ({ why }) => why === 'unknown-screen',
  );
  return unknown ? 'unknown-reset-screen' : 'reset-by-hand';
}

function nothingLeft(
  tries: readonly Try[],
  excluded: readonly { readonly method: ResetMethod; readonly reason: string }[],
): StageOutcome {
  const detail = toJson({
    tried: tries.map(({ method, why }) => `${method}: ${why ?? ''}`),
    excluded,
  });
  if (tries.some(({ why }) => why === 'canary-survived')) return failed('reset-not-proved', detail);
  return failed('reset-no-method', detail);
}
