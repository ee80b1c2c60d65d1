import { SILENCE } from '../../devices/felica/card-values.js';
import { select } from './ask-system.js';
import { type Asker, FAULT } from './asker.js';
import type { RunNotes } from './run-notes.js';
import type { SurveyLeg } from './survey-report.js';
import { sweepCodes } from './systems.js';

/** Polls between two looks at whether the chip is still there: silence proves nothing without them. */
const STRETCH = 64;
const REPEATS = 3;

/**
 * Polls every possible first and second byte of a system code, for systems that the chip does not name itself. A stretch
 * of silence counts only when the chip answers at its end, in the same field.
 */
export async function sweep(asker: Asker, notes: RunNotes): Promise<SurveyLeg> {
  const codes = sweepCodes();
  let ended: SurveyLeg = 'complete';
  for (let at = 0; at < codes.length; at += STRETCH) {
    const stretch = await sweepStretch(asker, notes, codes.slice(at, at + STRETCH));
    if (stretch === 'gone') return 'gone';
    if (stretch !== 'complete') ended = stretch;
  }
  return ended;
}

async function sweepStretch(
  asker: Asker,
  notes: RunNotes,
  codes: readonly number[],
): Promise<SurveyLeg> {
  const { anchor } = notes;
  if (anchor === null) return 'gone';
  for (let repeats = 0; repeats < REPEATS; repeats += 1) {
    const faults = await pollAll(asker, notes, codes);
    if (await answersAtOnce(asker, notes, anchor)) return faults > 0 ? 'fault' : 'complete';
    const there = await select(asker, notes, anchor);
    if (there !== true) return 'gone';
  }
  return 'gone';
}

async function pollAll(asker: Asker, notes: RunNotes, codes: readonly number[]): Promise<number> {
  let faults = 0;
  for (const systemCode of codes) {
    const answer = await asker.once((card, wait) =>
      card.poll({ systemCode, requestCode: 1 }, wait),
    );
    if (answer === FAULT) faults += 1;
    else if (answer !== SILENCE) notes.met(systemCode, answer);
  }
  return faults;
}

/** Without raising the field anew, which would bring back a chip that had none. */
async function answersAtOnce(asker: Asker, notes: RunNotes, anchor: number): Promise<boolean> {
  const answer = await asker.once((card, wait) =>
    card.poll({ systemCode: anchor, requestCode: 1 }, wait),
  );
  if (answer === FAULT || answer === SILENCE) return false;
  notes.met(anchor, answer);
  return true;
}
