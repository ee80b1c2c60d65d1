import { SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import { presenceOf, waitLeave } from './bus.js';
import { probe } from './probe.js';
import type { HandsetReport } from './report.js';
import { askShell } from './rungs/ask-shell.js';
import { assertSameHandset } from './same-handset.js';
import type { Visit } from './visit.js';
import { waitBack } from './wait-back.js';

/**
 * Goes from the trade-in foyer into evaluation, which opens a full shell and binds the handset to wipe itself at its
 * next boot: an intent is written first. Rejects with `command-failed` where the handset refuses (FRP) or stays in
 * the foyer. Returns the first full look.
 */
export async function enterEvaluation(visit: Visit): Promise<HandsetReport> {
  const { context, link } = visit;
  const { leaveSeconds, returnSeconds } = context.timing;
  await context.intend('trade-in-evaluate', { wipesAtNextBoot: true });
  const presence = presenceOf(link.sighting());
  const { said, exitCode } = await askShell(visit, 'tradeinmode evaluate');
  if (exitCode !== null && exitCode !== 0) {
    throw new SarachiError('command-failed', {
      command: 'tradeinmode evaluate',
      said: cleanField(said),
    });
  }
  // adbd restarts: the transport drops and comes back.
  await waitLeave(visit, presence, leaveSeconds * 1000);
  const back = await waitBack(visit, {
    timeoutMs: returnSeconds * 1000,
    quietMs: leaveSeconds * 1000,
  });
  if (back?.condition !== 'adb:device') {
    throw new SarachiError('handset-timeout', { waitedFor: 'trade-in evaluation' });
  }
  const report = await probe(visit);
  assertSameHandset(visit, report);
  if (report.capabilities.mode === 'foyer') {
    throw new SarachiError('command-failed', {
      command: 'tradeinmode evaluate',
      said: 'still in the foyer',
    });
  }
  // Not every build lets the shell read the property that names the mode; having come from there says it as well.
  return { ...report, capabilities: { ...report.capabilities, mode: 'evaluation' } };
}

/** The mode of a full look, where evaluation may only be known from what this run did on Android 16 and later. */
export function withMode(visit: Visit, report: HandsetReport): HandsetReport {
  if (report.capabilities.mode !== 'authorised' || (report.capabilities.sdk ?? 0) < 36)
    return report;
  const { intents } = visit.context.history();
  const entered = intents.findLastIndex(({ step }) => step === 'trade-in-evaluate');
  const left = intents.findLastIndex(
    ({ step, detail }) => step === 'reset' && detail['method'] === 'trade-in',
  );
  if (entered < 0 || entered < left) return report;
  return { ...report, capabilities: { ...report.capabilities, mode: 'evaluation' } };
}
