import { SILENCE } from '../../devices/felica/card-values.js';
import type { FelicaReader } from '../../devices/felica/felica-reader.js';
import { cleanField } from '../../text.js';
import { type Clock, sleep, type WaitOptions, withDeadline } from '../../wait.js';
import { Asker, FAULT } from './asker.js';
import { TRANSIT_FORMAT, type TransitReport } from './survey-report.js';
import { SYSTEM } from './systems.js';

const POLLS = 12;
/** An Express card answers within 750 ms of polls. Source: apple-enhanced-contactless-polling. */
const BETWEEN_POLLS_MS = 150;

export interface TransitOptions extends WaitOptions {
  readonly clock: Clock;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Whether a transit card of an iPhone answers. Asks for nothing else: any other poll brings the Wallet onto its screen.
 * The field stays up meanwhile. Errors: those that end a reader, deadline-passed, aborted.
 */
export async function probeTransit(
  reader: FelicaReader,
  options: TransitOptions,
): Promise<TransitReport> {
  const { clock, pause = sleep } = options;
  const startedAt = new Date(clock()).toISOString();
  const asked = await withDeadline(options, 'deadline-passed', async (signal) => {
    const asker = new Asker(reader, signal);
    await asker.cycleField();
    let transit: TransitReport['transit'] = 'silent';
    for (let polls = 1; polls <= POLLS; polls += 1) {
      const answer = await asker.once((card, wait) =>
        card.poll({ systemCode: SYSTEM.transit }, wait),
      );
      if (answer === FAULT) transit = 'fault';
      else if (answer !== SILENCE) return { transit: 'answered' as const, polls };
      await pause(BETWEEN_POLLS_MS, signal);
    }
    await asker.cycleField();
    return { transit, polls: POLLS };
  });
  return {
    format: TRANSIT_FORMAT,
    startedAt,
    endedAt: new Date(clock()).toISOString(),
    reader: { name: cleanField(reader.name) ?? 'unnamed', serial: reader.serial },
    ...asked,
  };
}
