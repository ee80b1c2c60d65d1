import { toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, DONE } from '../outcome.js';
import { latest } from '../past.js';
import { probe } from './probe.js';
import { assertSameHandset } from './same-handset.js';
import type { Visit } from './visit.js';

/**
 * Whether the handset has a FeliCa chip in use, which no reset clears. What was seen with a shell earlier in the run
 * counts; where only trade-in mode answered, it is looked again if a shell is open by now. Not having been able to
 * look is recorded as `felica-detected` that does not hold, and a person is asked: silence is never absence. A chip that
 * was found goes to its reader, where there is one.
 */
export async function felicaClear(visit: Visit): Promise<StageOutcome> {
  const { context } = visit;
  const known = await findSigns(visit);
  const looked = toJson({ found: known.found, looked: known.looked });
  if (known.found.length === 0 && known.looked.length > 0) {
    if (latest(context.history().evidence, 'felica-not-present')?.holds !== true) {
      await context.record('felica-not-present', {
        method: 'adb shell probe',
        holds: true,
        value: looked,
      });
    }
    return DONE;
  }
  if (latest(context.history().evidence, 'felica-detected') === null) {
    await context.record('felica-detected', {
      method: known.looked.length > 0 ? 'adb shell probe' : 'none: no shell was open',
      holds: known.found.length > 0,
      value: looked,
    });
  }
  if (visit.atReader && known.found.length > 0) return visit.atReader(context);
  if (declared(visit)) return DONE;
  return attention('felica-clear-needed', looked);
}

async function findSigns(
  visit: Visit,
): Promise<{ found: readonly string[]; looked: readonly string[] }> {
  const { evidence, identity } = visit.context.history();
  const earlier = latest(evidence, 'felica-detected');
  if (earlier?.holds || identity?.felica === 'present') {
    return {
      found: stringsOf(earlier?.value['found'], ['seen by identify']),
      looked: ['identify'],
    };
  }
  if (visit.link.sighting()?.condition !== 'adb:device') {
    return identity?.felica === 'not-present'
      ? { found: [], looked: ['identify'] }
      : { found: [], looked: [] };
  }
  const report = await probe(visit);
  assertSameHandset(visit, report);
  const { felica } = report.state;
  return felica.looked.length === 0 && identity?.felica === 'not-present'
    ? { found: [], looked: ['identify'] }
    : felica;
}

function stringsOf(value: unknown, fallback: readonly string[]): readonly string[] {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : fallback;
}

/** A person's word about the chip. The verdict decides by policy whether it is enough. */
function declared(visit: Visit): boolean {
  return visit.context
    .history()
    .evidence.some(
      ({ kind, holds, value }) =>
        kind === 'person-confirmed' && holds && value['felica'] !== undefined,
    );
}
