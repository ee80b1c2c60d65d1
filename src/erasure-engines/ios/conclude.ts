import { attention, DONE, failed } from '../outcome.js';
import { latest, type Try, whyUnchanged } from '../past.js';
import { resetProof } from '../proof.js';
import { recordReturn } from '../record-return.js';
import type { Step } from '../rounds.js';
import { recordSignals, type Signal } from '../signal.js';
import { tryFailed, tryHeld } from '../try-ended.js';
import { lookForCanaries } from './canary.js';
import { looksSame, presenceOf, presentTrouble, waitBack, waitLeave } from './presence.js';
import { probe } from './probe.js';
import { assertSameHandset } from './same-handset.js';
import { type Before, canarySignal, readBefore, signalsOf } from './signals.js';
import { questionWait, type Visit } from './visit.js';

/** How long a handset that was told to erase itself before a crash may still stand there before it goes. */
const LAST_MOMENT_MS = 10_000;

/**
 * Finds out what became of an order to erase, from what the handset shows now, and records every signal. Asks nothing
 * of the handset that could erase anything.
 */
export async function concludeTry(visit: Visit, one: Try): Promise<Step> {
  const { context, link } = visit;
  if (presenceOf(link.sighting()) === one.presence) return await stillThere(visit, one);
  const back = await waitBack(visit, context.timing.returnSeconds * 1000);
  if (!back) return attention('handset-not-returning', { method: one.method });
  if (!looksSame(visit, back)) return failed('handset-swapped', { by: 'bus-udid' });
  await recordReturn(context, one, {
    presence: presenceOf(back),
    method: 'usb and usbmux state of the port',
    value: { usbPath: back.usbPath, condition: back.condition, udid: back.mux?.udid ?? null },
  });
  const trouble = presentTrouble(back);
  if (trouble) return attention(trouble);
  return await lookInside(visit, one);
}

/** It never left: nobody erased it by hand yet, or nothing came of the order. */
async function stillThere(visit: Visit, one: Try): Promise<Step> {
  if (one.method === 'person') return attention('erase-iphone-by-hand');
  const { leaveSeconds } = visit.context.timing;
  const lastMs = Math.min(LAST_MOMENT_MS, leaveSeconds * 1000);
  if (await waitLeave(visit, one.presence, lastMs)) return 'next';
  await tryFailed(visit.context, one, { why: 'not-acted' });
  return 'next';
}

async function lookInside(visit: Visit, one: Try): Promise<Step> {
  const { context } = visit;
  const report = await probe(visit);
  assertSameHandset(visit, report);
  const before = readBefore(latest(context.history().evidence, 'before-reset'));
  const canary = canarySignal(await lookForCanaries(visit));
  if (canary.value['contradicts'] === true) return await notErased(visit, one, canary);
  const knows = before ? await knowsHost(visit, before) : null;
  await recordSignals(context, one, [canary, ...(before ? signalsOf(before, report, knows) : [])]);
  const proof = resetProof(context.history().evidence, context.policy);
  if (!proof.proved)
    return failed('reset-not-proved', { missing: proof.missing, signals: proof.signals });
  await tryHeld(context, one);
  return DONE;
}

async function knowsHost(visit: Visit, { host }: Before): Promise<boolean | null> {
  if (!host) return null;
  const wait = questionWait(visit);
  return await visit.link.lockdown(wait, (lockdown, signal) =>
    lockdown.knowsHost(host, { ...wait, signal }),
  );
}

/** A file of before is still there: the handset merely restarted, or says yes and erases nothing. */
async function notErased(visit: Visit, one: Try, canary: Signal): Promise<Step> {
  const { context } = visit;
  if (one.method === 'person') return attention('erase-iphone-by-hand');
  await recordSignals(context, one, [canary]);
  const why = whyUnchanged(one, { bootId: null, fence: context.fence }, 'canary-survived');
  await tryFailed(visit.context, one, { why });
  return 'next';
}
