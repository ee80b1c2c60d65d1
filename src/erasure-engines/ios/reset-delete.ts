import type { IphoneEraseMethod } from '../../config.js';
import { type JsonObject, toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, failed } from '../outcome.js';
import { type Try, triesOf, usedUp } from '../past.js';
import { inRounds, type Step } from '../rounds.js';
import { tryFailed } from '../try-ended.js';
import { plantCanaries } from './canary.js';
import { checkGates } from './check-gates.js';
import { concludeTry } from './conclude.js';
import { askToErase, eraseMethods, type Methods } from './methods.js';
import { openTrouble, presenceOf, waitLeave } from './presence.js';
import { probe } from './probe.js';
import type { IphoneReport } from './report.js';
import { assertSameHandset } from './same-handset.js';
import { beforeReset } from './signals.js';
import { questionWait, type Visit } from './visit.js';

/**
 * Has the system erase all content and settings, by the first method that works, and proves it. Entered again after a
 * crash or a person's help, it first concludes the try that is on record.
 */
export async function resetDelete(visit: Visit): Promise<StageOutcome> {
  return await inRounds('reset-delete', () => visit.context.history(), {
    start: () => startTry(visit),
    conclude: (one) => concludeTry(visit, one),
  });
}

/** Prepares the handset and gives the order by the next method; `next` when there is a try to conclude or replace. */
async function startTry(visit: Visit): Promise<Step> {
  const { context, link } = visit;
  const trouble = await openTrouble(visit);
  if (trouble) return trouble;
  const report = await probe(visit);
  assertSameHandset(visit, report);
  const code = await checkGates(visit, report);
  if (code) return attention(code);
  const tries = triesOf<IphoneEraseMethod>(context.history(), 'reset-delete');
  const methods = eraseMethods(report.capabilities, context.policy);
  const method = methods.allowed.find((one) => !usedUp(tries).has(one));
  if (!method) return nothingLeft(tries, methods);
  await recordBefore(visit, report);
  const presence = presenceOf(link.sighting());
  const { fence } = context;
  const number = tries.length + 1;
  const excluded = methods.excluded.map(({ method: name, reason }) => `${name}: ${reason}`);
  await context.intend('reset', { method, try: number, presence, ...keepsEsim(method), excluded });
  const one = { method, number, fence, presence, bootId: null, held: null, why: null };
  return await order(visit, one, report);
}

/** What the order says about the eSIM; the service of backups gives no choice. */
function keepsEsim(method: IphoneEraseMethod): JsonObject {
  return method === 'profile-service' ? { preserveDataPlan: false } : {};
}

/** The state against which the erase is compared; the canaries are there before the storage is measured. */
async function recordBefore(visit: Visit, report: IphoneReport): Promise<void> {
  await plantCanaries(visit);
  const host = await visit.link.session(questionWait(visit), async (lockdown) => lockdown.host);
  await visit.context.record('before-reset', {
    method: 'lockdown values, NVRAM, the host id of this session',
    holds: true,
    value: beforeReset(report, host),
  });
}

/** Gives one order. What the handset says is never the proof: it must leave, and then be looked at. */
async function order(
  visit: Visit,
  one: Try<IphoneEraseMethod>,
  report: IphoneReport,
): Promise<Step> {
  const { context } = visit;
  const answer = await askToErase(visit, one.method, report);
  if (answer.kind === 'by-hand') return attention('erase-iphone-by-hand');
  if (answer.kind === 'refused') {
    await tryFailed(context, one, { why: 'refused', said: answer.said });
    return 'next';
  }
  const left = await waitLeave(visit, one.presence, context.timing.leaveSeconds * 1000);
  if (!left) {
    await tryFailed(context, one, { why: 'did-not-leave', said: answer.said });
    return 'next';
  }
  await context.record('left-bus', {
    method: 'usb and usbmux state of the port',
    holds: true,
    value: { try: one.number, method: one.method, seen: left.seen, said: answer.said },
  });
  return 'next';
}

function nothingLeft(tries: readonly Try[], { excluded }: Methods): StageOutcome {
  const tried = tries.map(({ method, why }) => `${method}: ${why ?? ''}`);
  const detail = toJson({ tried, excluded });
  const lied = tries.some(({ why }) => why === 'canary-survived');
  return failed(lied ? 'reset-not-proved' : 'reset-no-method', detail);
}
