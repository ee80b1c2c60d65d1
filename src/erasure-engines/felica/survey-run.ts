import { SILENCE } from '../../devices/felica/card-values.js';
import { askSystem, select, type Unanswered } from './ask-system.js';
import { type Asker, FAULT } from './asker.js';
import { chipStateOf } from './chip-state.js';
import type { RunNotes } from './run-notes.js';
import type { SurveyLeg } from './survey-report.js';
import { type ProbePlan, surveySystem } from './survey-system.js';
import { sweep } from './sweep.js';
import { NAMED_SYSTEMS, SYSTEM } from './systems.js';

const TRIES = 3;

/**
 * Looks once at everything that contactless polling can see of the chip in the field, from its first poll to the proof
 * that it is still the same chip at the end. Rejects only with what ends the whole survey.
 */
export async function surveyRun(asker: Asker, notes: RunNotes, plan: ProbePlan): Promise<void> {
  await detect(asker, notes, [...new Set([...NAMED_SYSTEMS, ...plan.before.keys()])]);
  if (notes.target !== 'mobile') {
    notes.ended = true;
    return;
  }
  await identify(asker, notes);
  notes.systemList = await listSystems(asker, notes);
  notes.sweep = await sweep(asker, notes);
  if (notes.sweep === 'gone') return;
  for (const code of notes.systemCodes)
    await surveySystem({ asker, notes, system: notes.system(code), plan });
  notes.ended = await stillThere(asker, notes);
}

/** By name, at both bit rates, three times with the field off in between. One rate that brings an answer is enough. */
async function detect(asker: Asker, notes: RunNotes, codes: readonly number[]): Promise<void> {
  for (const kbps of [212, 424] as const) {
    notes.kbps = kbps;
    await asker.bitRate(kbps);
    const missing = new Set(codes);
    for (let tries = 0; tries < TRIES && missing.size > 0; tries += 1) {
      if (tries > 0) await asker.cycleField();
      for (const systemCode of missing) {
        const answer = await asker.once((card, wait) =>
          card.poll({ systemCode, requestCode: 1 }, wait),
        );
        if (answer === FAULT || answer === SILENCE) continue;
        missing.delete(systemCode);
        notes.met(systemCode, answer);
      }
      if (notes.target === 'other' || notes.target === 'mixed') return;
    }
    if (notes.target !== 'none') return;
  }
}

async function identify(asker: Asker, notes: RunNotes): Promise<void> {
  await askContainer(asker, notes);
  const told = await askSystem(asker, notes, {
    system: SYSTEM.management,
    ask: (card, target, wait) => card.getContainerIssueInformation(target, wait),
  });
  if (told.answer !== null) {
    notes.state = chipStateOf(told.answer);
    notes.model = told.answer.model;
    notes.carrier = told.answer.carrier;
    return;
  }
  const hasOnly = notes.systemCodes.every((code) => code === SYSTEM.unpersonalised);
  notes.state = hasOnly && notes.systemCodes.length > 0 ? 'UNPERSONALISED' : 'UNKNOWN';
}

/** Chips up to 4.0 do not know the question. True where it was answered. */
async function askContainer(asker: Asker, notes: RunNotes): Promise<boolean> {
  const { anchor } = notes;
  if (anchor === null) return false;
  const told = await askSystem(asker, notes, {
    system: anchor,
    ask: (card, target, wait) => card.getContainerId(target, wait),
  });
  if (told.answer !== null) notes.metContainer(told.answer);
  return told.answer !== null;
}

/** What the chip itself says which systems it has. */
async function listSystems(asker: Asker, notes: RunNotes): Promise<SurveyLeg> {
  const askable = [SYSTEM.management, SYSTEM.common, SYSTEM.unpersonalised].filter(
    (code) => notes.targetOf(code) !== null,
  );
  let ended: SurveyLeg | Unanswered = askable.length > 0 ? 'complete' : 'not-asked';
  for (const system of askable) {
    const told = await askSystem(asker, notes, {
      system,
      ask: (card, target, wait) => card.requestSystemCode(target, wait),
    });
    if (told.answer === null) ended = told.why;
    for (const code of told.answer ?? []) notes.system(code);
  }
  return ended;
}

/** The same chip as at the beginning, by every name that it gave then. */
async function stillThere(asker: Asker, notes: RunNotes): Promise<boolean> {
  const { anchor } = notes;
  if (anchor === null || (await select(asker, notes, anchor)) !== true) return false;
  const hadContainer = notes.container !== null;
  return !hadContainer || (await askContainer(asker, notes));
}
