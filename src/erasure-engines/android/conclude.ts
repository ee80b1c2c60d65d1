import type { Sighting } from '../../devices/sighting.js';
import { toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, DONE, failed } from '../outcome.js';
import { latest, overwriteDone, type Try, whyUnchanged } from '../past.js';
import { resetProof } from '../proof.js';
import { looksSame, presenceOf, quietMs } from './bus.js';
import { lookForCanaries, plantedCanaries } from './canary.js';
import { probe } from './probe.js';
import type { HandsetReport } from './report.js';
import { assertSameHandset } from './same-handset.js';
import { canarySignal, insideSignals, readBefore, type Signal } from './signals.js';
import { enterEvaluation } from './trade-in-mode.js';
import type { Visit } from './visit.js';
import { waitBack } from './wait-back.js';

/** `next`: the try is settled or waits to be concluded; go round once more. */
export type Conclusion =
  | { readonly kind: 'next' }
  | { readonly kind: 'outcome'; readonly outcome: StageOutcome };

const outcome = (value: StageOutcome): Conclusion => ({ kind: 'outcome', outcome: value });

/**
 * Finds out what became of a reset that was asked for, from what the handset shows now, and records every signal.
 * Asks nothing of the handset that could erase anything.
 */
export async function concludeTry(visit: Visit, one: Try): Promise<Conclusion> {
  const { context } = visit;
  const expectAdb = (context.history().identity?.sdk ?? 36) >= 36 || one.method === 'test-harness';
  const back = await waitBack(visit, {
    timeoutMs: context.timing.returnSeconds * 1000,
    quietMs: quietMs(visit, expectAdb),
  });
  if (!back) return outcome(attention('handset-not-returning', { method: one.method }));
  if (!looksSame(visit, back)) return outcome(failed('handset-swapped', { by: 'bus-serial' }));
  if (back.condition === 'adb:unauthorized') {
    await recordReturn(visit, one, back);
    return outcome(attention('authorise-usb-debugging'));
  }
  if (back.condition === 'usb:no-adb') return await concludeOutside(visit, one, back);
  return await concludeInside(visit, one, back);
}

/** Records that the handset left and came back, once per try, where its presence on the bus is a new one. */
async function recordReturn(visit: Visit, one: Try, back: Sighting): Promise<void> {
  const { context } = visit;
  const { evidence } = context.history();
  const recorded = (kind: 'left-bus' | 'returned-same-port') =>
    evidence.some(
      (fact) =>
        fact.kind === kind && fact.stage === context.stage && fact.value['try'] === one.number,
    );
  if (!recorded('left-bus')) {
    if (presenceOf(back) === one.presence) return;
    await context.record('left-bus', {
      method: 'presence on the bus compared with the one before the reset',
      holds: true,
      value: { try: one.number, method: one.method, before: one.presence, now: presenceOf(back) },
    });
  }
  if (recorded('returned-same-port')) return;
  await context.record('returned-same-port', {
    method: 'usb and adb state of the port',
    holds: true,
    value: {
      try: one.number,
      usbPath: back.usbPath,
      condition: back.condition,
      serialSeen: back.handset !== null,
    },
  });
}

/** Debugging is off, as a reset leaves it. Only a person can open the inside again, or look at the screen. */
async function concludeOutside(visit: Visit, one: Try, back: Sighting): Promise<Conclusion> {
  const { context } = visit;
  await recordReturn(visit, one, back);
  await recordSignals(visit, one, [
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
    return outcome(attention('enable-usb-debugging'));
  const proof = resetProof(context.history().evidence, context.policy);
  if (proof.proved) return await held(visit, one);
  return proof.signals.includes('person')
    ? outcome(failed('reset-not-proved', { missing: proof.missing }))
    : outcome(attention('confirm-first-boot-screen'));
}

async function concludeInside(visit: Visit, one: Try, back: Sighting): Promise<Conclusion> {
  const { context } = visit;
  let report = await probe(visit);
  const agreed = assertSameHandset(visit, report);
  const before = readBefore(latest(context.history().evidence, 'before-reset'));
  if (report.capabilities.mode === 'foyer') {
    await recordReturn(visit, one, back);
    await recordSignals(visit, one, [foyerSignal(report, agreed)]);
    if (report.state.frp === 'locked') return outcome(attention('frp-locked'));
    report = await enterEvaluation(visit);
  }
  const looks = await lookForCanaries(visit, plantedCanaries(context.history().evidence));
  const canary = canarySignal(looks);
  const sameBoot = one.bootId !== null && one.bootId === report.state.bootId;
  const unchanged = canary.value['contradicts'] === true || (sameBoot && !canary.holds);
  if (unchanged) return await notReset(visit, one, { canary, bootId: report.state.bootId });
  await recordReturn(visit, one, back);
  await recordSignals(visit, one, [canary, ...(before ? insideSignals(before, report) : [])]);
  const proof = resetProof(context.history().evidence, context.policy);
  if (proof.proved) return await held(visit, one);
  return outcome(failed('reset-not-proved', { missing: proof.missing, signals: proof.signals }));
}

/** The canary is still there or the system never rebooted: the method did not act, or says yes and erases nothing. */
async function notReset(
  visit: Visit,
  one: Try,
  { canary, bootId }: { readonly canary: Signal; readonly bootId: string | null },
): Promise<Conclusion> {
  const { context } = visit;
  if (one.method === 'person') return outcome(attention('reset-by-hand'));
  const why = whyUnchanged(one, { bootId, fence: context.fence }, 'canary-survived');
  if (why !== 'not-acted') await recordSignals(visit, one, [canary]);
  await context.record('rung-tried', {
    method: one.method,
    holds: false,
    value: { try: one.number, why, said: '' },
  });
  return { kind: 'next' };
}

function foyerSignal(report: HandsetReport, agreed: readonly string[]): Signal {
  return {
    kind: 'trade-in-foyer',
    method: 'tradeinmode getstatus',
    holds: report.state.frp === 'off' && agreed.length > 0,
    value: toJson({ frp: report.state.frp, agreed, imeis: report.identity.imeis }),
  };
}

/** Writes each signal, but none again that this try already has with the same result. */
async function recordSignals(visit: Visit, one: Try, signals: readonly Signal[]): Promise<void> {
  for (const { kind, method, holds, value } of signals) {
    const known = latest(
      visit.context.history().evidence.filter(({ stage }) => stage === visit.context.stage),
      kind,
    );
    if (known?.value['try'] === one.number && known.holds === holds) continue;
    await visit.context.record(kind, { method, holds, value: { ...value, try: one.number } });
  }
}

async function held(visit: Visit, one: Try): Promise<Conclusion> {
  if (one.held !== true) {
    await visit.context.record('rung-tried', {
      method: one.method,
      holds: true,
      value: { try: one.number },
    });
  }
  return outcome(DONE);
}
