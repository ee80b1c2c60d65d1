import { SILENCE } from '../../devices/felica/card-values.js';
import type { FelicaReader } from '../../devices/felica/felica-reader.js';
import type { WaitOptions } from '../../wait.js';
import { withDeadline } from '../../wait.js';
import { Asker, FAULT } from './asker.js';
import type { Preflight } from './survey-report.js';
import { SYSTEM } from './systems.js';

const POLLS = 3;

/** Three polls with nothing on the reader. `answered` where something lies in its field all the same. */
export function tryEmptyField(
  reader: FelicaReader,
  options: WaitOptions,
): Promise<Preflight['emptyField']> {
  return pollAny(reader, options);
}

/** Three polls with a tag on the reader that is known to work: shows that silence of a handset is the handset's. */
export function tryReference(
  reader: FelicaReader,
  options: WaitOptions,
): Promise<Preflight['reference']> {
  return pollAny(reader, options);
}

/** Errors: those that end a reader, deadline-passed, aborted. */
function pollAny(
  reader: FelicaReader,
  options: WaitOptions,
): Promise<'silent' | 'answered' | 'fault'> {
  return withDeadline(options, 'deadline-passed', async (signal) => {
    const asker = new Asker(reader, signal);
    let worst: 'silent' | 'fault' = 'silent';
    for (let polls = 0; polls < POLLS; polls += 1) {
      const answer = await asker.once((card, wait) =>
        card.poll({ systemCode: SYSTEM.unpersonalised }, wait),
      );
      if (answer === FAULT) worst = 'fault';
      else if (answer !== SILENCE) return 'answered';
      await asker.cycleField();
    }
    return worst;
  });
}
