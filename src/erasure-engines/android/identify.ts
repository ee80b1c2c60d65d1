import type { StageOutcome } from '../engine.js';
import { attention, DONE } from '../outcome.js';
import { presentTrouble } from './bus.js';
import { checkGates } from './check-gates.js';
import { probe, untilAnswering } from './probe.js';
import { recordIdentity } from './record-identity.js';
import { assertSameHandset } from './same-handset.js';
import type { Visit } from './visit.js';

/** Finds out who the handset is, what can be done with it, and whether anything forbids erasing it. */
export async function identify(visit: Visit): Promise<StageOutcome> {
  const { context } = visit;
  const trouble = presentTrouble(visit.link.sighting());
  if (trouble) return attention(trouble);
  await untilAnswering(visit, context.timing.identifySeconds * 1000);
  const report = await probe(visit);
  assertSameHandset(visit, report);
  await recordIdentity(visit, report);
  const code = await checkGates(visit, report);
  return code === null ? DONE : attention(code);
}
