import type { Sighting } from '../../devices/sighting.js';
import { toJson } from '../../evidence.js';
import { attention, DONE, failed } from '../outcome.js';
import { latest, overwriteDone, type Try, whyUnchanged } from '../past.js';
import { resetProof } from '../proof.js';
import { recordReturn } from '../record-return.js';
import type { Step } from '../rounds.js';
import { recordSignals, type Signal } from '../signal.js';
import { tryFailed, tryHeld } from '../try-ended.js';
import { looksSame, presenceOf, quietMs } from './bus.js';
import { lookForCanaries, plantedCanaries } from './canary.js';
import { probe } from './probe.js';
import type { HandsetReport } from './report.js';
import { assertSameHandset } from './same-handset.js';
import { canarySignal, insideSignals, readBefore } from './signals.js';
import { enterEvaluation } from './trade-in-mode.js';
import type { Visit } from './visit.js';
import { waitBack } from './wait-back.js';

/**
 * Finds out what became of a reset that was asked for, from what the handset shows now, and records every signal.
 * Asks nothing of the handset that could erase anything.
 */
export async function concludeTry(visit: Visit, one: Try): Promise<Step> {
  const { context } = visit;
  const expectAdb = (context.history().identity?.sdk ?? 36) >= 36 || one.method === 'test-harness';
  const back = await waitBack(visit, {
    timeoutMs: context.timing.returnSeconds * 1000,
    quietMs: quietMs(visit, expectAdb),
  });
  if (!back) return attention('handset-not-returning', { method: one.method });
  if (!looksSame(visit, back)) return failed('handset-swapped', { by: 'bus-serial' });
  if (back.condition === 'adb:unauthorized') {
    await recordBack(visit, one, back);
    return attention('authorise-usb-debugging');
  }
  if (back.condition === 'usb:no-adb') return await concludeOutside(visit, one, back);
  return await concludeInside(visit, one, back);
}

async function recordBack({ context }: Visit, one: Try, back: Sighting): Promise<void> {
  await recordReturn(context, one, {
    presence: presenceOf(back),
    method: 'usb and adb state of the port',
    value: {
      usbPath: back.usbPath,
      condition: back.condition,
      serialSeen: back.handset !== null,
    },
  });
}

/** Debugging is off, as a reset leaves it. Only a person can open the inside again, or look at the screen. */
async function concludeOutside(visit: Visit, one: Try, back: Sighting): Promise<Step> {
  const { context } = visit;
  await recordBack(visit, one, back);
  await recordSignals(visit.context, one, [
    {
      kind: 'usb-without-adb',
      method: 'usb interface descriptors',
      holds: true,
      value: {
        interfaces: (back.usb?.interfaces ?? []).map(
          ({ classCode, subclass, protocol }) => `${classCode}/${subclass}/${protocol}`,
        ),
      },
    },
  ]);
  const overwritten = overwriteDone(context.history());
  if (!overwritten && context.policy.askPersonToEnableDebugging)
    return attention('enable-usb-debugging');
  const proof = resetProof(context.history().evidence, context.policy);
  if (proof.proved) return await held(visit, one);
  return proof.signals.includes('person')
    ? failed('reset-not-proved', { missing: proof.missing })
    : attention('confirm-first-boot-screen');
}

async function concludeInside(visit: Visit, one: Try, back: Sighting): Promise<Step> {
  const { context } = visit;
  let report = await probe(visit);
  const agreed = assertSameHandset(visit, report);
  const before = readBefore(latest(context.history().evidence, 'before-reset'));
  if (report.capabilities.mode === 'foyer') {
    await recordBack(visit, one, back);
    await recordSignals(visit.context, one, [foyerSignal(report, agreed)]);
    if (report.state.frp === 'locked') return attention('frp-locked');
    report = await enterEvaluation(visit);
  }
  const looks = await lookForCanaries(visit, plantedCanaries(context.history().evidence));
  const canary = canarySignal(looks);
  const sameBoot = one.bootId !== null && one.bootId === report.state.bootId;
  const unchanged = canary.value['contradicts'] === true || (sameBoot && !canary.holds);
  if (unchanged) return await notReset(visit, one, { canary, bootId: report.state.bootId });
  await recordBack(visit, one, back);
  await recordSignals(visit.context, one, [
    canary,
    ...(before ? insideSignals(before, report) : []),
  ]);
  const proof = resetProof(context.history().evidence, context.policy);
  if (proof.proved) return await held(visit, one);
  return failed('reset-not-proved', { missing: proof.missing, signals: proof.signals });
}

/** The canary is still there or the system never rebooted: the method did not act, or says yes and erases nothing. */
async function notReset(
  visit: Visit,
  one: Try,
  { canary, bootId }: { readonly canary: Signal; readonly bootId: string | null },
): Promise<Step> {
  const { context } = visit;
  if (one.method === 'person') return attention('reset-by-hand');
  const why = whyUnchanged(one, { bootId, fence: context.fence }, 'canary-survived');
  if (why !== 'not-acted') await recordSignals(visit.context, one, [canary]);
  await tryFailed(context, one, { why });
  return 'next';
}

function foyerSignal(report: HandsetReport, agreed: readonly string[]): Signal {
  return {
    kind: 'trade-in-foyer',
    method: 'tradeinmode getstatus',
    holds: report.state.frp === 'off' && agreed.length > 0,
    value: toJson({ frp: report.state.frp, agreed, imeis: report.identity.imeis }),
  };
}

async function held(visit: Visit, one: Try): Promise<Step> {
  await tryHeld(visit.context, one);
  return DONE;
}
