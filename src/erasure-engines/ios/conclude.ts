import type { Sighting } from '../../devices/sighting.js';
import type { StageOutcome } from '../engine.js';
import { attention, DONE, failed } from '../outcome.js';
import { latest, type Try, whyUnchanged } from '../past.js';
import { resetProof } from '../proof.js';
import { lookForCanaries } from './canary.js';
import { looksSame, presenceOf, presentTrouble, waitBack, waitLeave } from './presence.js';
import { probe } from './probe.js';
import { assertSameHandset } from './same-handset.js';
import { type Before, canarySignal, readBefore, type Signal, signalsOf } from './signals.js';
import { tryFailed } from './try-failed.js';
import { questionWait, type Visit } from './visit.js';

/** `next`: the try is settled or waits to be concluded; go round once more. */
export type Conclusion =
  | { readonly kind: 'next' }
  | { readonly kind: 'outcome'; readonly outcome: StageOutcome };

const outcome = (value: StageOutcome): Conclusion => ({ kind: 'outcome', outcome: value });

/** How long a handset that was told to erase itself before a crash may still stand there before it goes. */
const LAST_MOMENT_MS = 10_000;

/**
 * Finds out what became of an order to erase, from what the handset shows now, and records every signal. Asks nothing
 * of the handset that could erase anything.
 */
export async function concludeTry(visit: Visit, one: Try): Promise<Conclusion> {
  const { context, link } = visit;
  if (presenceOf(link.sighting()) === one.presence) return await stillThere(visit, one);
  const back = await waitBack(visit, context.timing.returnSeconds * 1000);
  if (!back) return outcome(attention('handset-not-returning', { method: one.method }));
  if (!looksSame(visit, back)) return outcome(failed('handset-swapped', { by: 'bus-udid' }));
  await recordReturn(visit, one, back);
  const trouble = presentTrouble(back);
  if (trouble) return outcome(attention(trouble));
  return await lookInside(visit, one);
}

/** It never left: nobody erased it by hand yet, or nothing came of the order. */
async function stillThere(visit: Visit, one: Try): Promise<Conclusion> {
  if (one.method === 'person') return outcome(attention('erase-iphone-by-hand'));
  const { leaveSeconds } = visit.context.timing;
  const lastMs = Math.min(LAST_MOMENT_MS, leaveSeconds * 1000);
  if (await waitLeave(visit, one.presence, lastMs)) return { kind: 'next' };
  await tryFailed(visit, one, { why: 'not-acted' });
  return { kind: 'next' };
}

/** Records that the handset left and came back, once per try. */
async function recordReturn({ context }: Visit, one: Try, back: Sighting): Promise<void> {
  const { evidence } = context.history();
  const recorded = (kind: 'left-bus' | 'returned-same-port') =>
    evidence.some(
      (fact) =>
        fact.kind === kind && fact.stage === context.stage && fact.value['try'] === one.number,
    );
  if (!recorded('left-bus')) {
    await context.record('left-bus', {
      method: 'presence on the bus compared with the one before the order',
      holds: true,
      value: { try: one.number, method: one.method, before: one.presence, now: presenceOf(back) },
    });
  }
  if (recorded('returned-same-port')) return;
  await context.record('returned-same-port', {
    method: 'usb and usbmux state of the port',
    holds: true,
    value: {
      try: one.number,
      usbPath: back.usbPath,
      condition: back.condition,
      udid: back.mux?.udid ?? null,
    },
  });
}

async function lookInside(visit: Visit, one: Try): Promise<Conclusion> {
  const { context } = visit;
  const report = await probe(visit);
  assertSameHandset(visit, report);
  const before = readBefore(latest(context.history().evidence, 'before-reset'));
  const canary = canarySignal(await lookForCanaries(visit));
  if (canary.value['contradicts'] === true) return await notErased(visit, one, canary);
  const knows = before ? await knowsHost(visit, before) : null;
  await recordSignals(visit, one, [canary, ...(before ? signalsOf(before, report, knows) : [])]);
  const proof = resetProof(context.history().evidence, context.policy);
  if (!proof.proved)
    return outcome(failed('reset-not-proved', { missing: proof.missing, signals: proof.signals }));
  if (one.held !== true) {
    await context.record('rung-tried', {
      method: one.method,
      holds: true,
      value: { try: one.number },
    });
  }
  return outcome(DONE);
}

async function knowsHost(visit: Visit, { host }: Before): Promise<boolean | null> {
  if (!host) return null;
  const wait = questionWait(visit);
  return await visit.link.lockdown(wait, (lockdown, signal) =>
    lockdown.knowsHost(host, { ...wait, signal }),
  );
}

/** A file of before is still there: the handset merely restarted, or says yes and erases nothing. */
async function notErased(visit: Visit, one: Try, canary: Signal): Promise<Conclusion> {
  const { context } = visit;
  if (one.method === 'person') return outcome(attention('erase-iphone-by-hand'));
  await recordSignals(visit, one, [canary]);
  const why = whyUnchanged(one, { bootId: null, fence: context.fence }, 'canary-survived');
  await tryFailed(visit, one, { why });
  return { kind: 'next' };
}

/** Writes each signal, but none again that this try already has with the same result. */
async function recordSignals(visit: Visit, one: Try, signals: readonly Signal[]): Promise<void> {
  for (const { kind, method, holds, value } of signals) {
    const own = visit.context.history().evidence.filter(({ stage }) => stage === 'reset-delete');
    const known = latest(own, kind);
    if (known?.value['try'] === one.number && known.holds === holds) continue;
    await visit.context.record(kind, { method, holds, value: { ...value, try: one.number } });
  }
}
