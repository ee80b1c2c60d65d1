import { toJson } from '../../../evidence.js';
import type { StageContext, StageOutcome } from '../../engine.js';
import { DONE, failed } from '../../outcome.js';
import type { Bench } from './bench.js';
import { BenchSession } from './bench-session.js';

/**
 * Whether a transit card of an iPhone still answers after its erase. An answer fails the run; silence proves nothing and
 * is recorded as that: an iPhone on the reader cannot be told from an empty one.
 */
export async function transitStage(context: StageContext, bench: Bench): Promise<StageOutcome> {
  const session = new BenchSession(context, bench);
  try {
    await session.ask('felica-place-on-reader');
    const report = await session.transit();
    if (!report) return session.gaveUp();
    const answered = report.transit === 'answered';
    await context.record('felica-transit-after', {
      method: `transit polls by ${report.reader.name}`,
      holds: !answered,
      value: { bench: bench.reader, report: toJson(report), silenceProves: 'nothing' },
    });
    return answered ? failed('felica-residual', { verdict: 'transit-answers' }) : DONE;
  } finally {
    await session.release();
    await session.ask(null);
  }
}
