import { toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, DONE } from '../outcome.js';
import { checkGates } from './check-gates.js';
import { openTrouble } from './presence.js';
import { probe } from './probe.js';
import type { IphoneReport } from './report.js';
import { assertSameHandset } from './same-handset.js';
import type { Visit } from './visit.js';

/** Finds out who the handset is, what can be done with it, and whether anything forbids erasing it. */
export async function identify(visit: Visit): Promise<StageOutcome> {
  const trouble = await openTrouble(visit);
  if (trouble) return trouble;
  const report = await probe(visit);
  assertSameHandset(visit, report);
  await recordIdentity(visit, report);
  const code = await checkGates(visit, report);
  return code === null ? DONE : attention(code);
}

async function recordIdentity({ context }: Visit, report: IphoneReport): Promise<void> {
  await context.record('identity', {
    method: 'lockdown values',
    holds: true,
    value: { identity: toJson(report.identity), capabilities: toJson(report.capabilities) },
  });
}
