import { type CardTarget, SILENCE, type Silence } from '../../devices/felica/card-values.js';
import type { FelicaCard } from '../../devices/felica/felica-card.js';
import type { WaitOptions } from '../../wait.js';
import { type Asker, FAULT } from './asker.js';
import type { RunNotes } from './run-notes.js';

const TRIES = 3;

/** Why a question to a system has no answer. */
export type Unanswered = 'silent' | 'gone' | 'fault';

export interface Question<T> {
  readonly system: number;
  readonly ask: (card: FelicaCard, target: CardTarget, wait: WaitOptions) => Promise<T | Silence>;
}

/**
 * Selects a system by polling its code, with the field off and on again where nobody answered. False: it is not there, or
 * another system answered in its place.
 */
export async function select(
  asker: Asker,
  notes: RunNotes,
  system: number,
): Promise<true | Unanswered> {
  let outcome: Unanswered = 'gone';
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await asker.cycleField();
    const answer = await asker.once((card, wait) =>
      card.poll({ systemCode: system, requestCode: 1 }, wait),
    );
    if (answer === FAULT) outcome = 'fault';
    if (answer === FAULT || answer === SILENCE) continue;
    notes.met(system, answer);
    if ((answer.systemCode ?? system) === system) return true;
  }
  return outcome;
}

/**
 * Asks one system, by the IDm that it had from the beginning. Only a chip that answers a poll right after it did not
 * answer the question is `silent`, which may mean that it does not know the command; else it is `gone`.
 */
export async function askSystem<T extends object | string | number>(
  asker: Asker,
  notes: RunNotes,
  { system, ask }: Question<T>,
): Promise<{ readonly answer: T } | { readonly answer: null; readonly why: Unanswered }> {
  const target = notes.targetOf(system);
  if (!target) return { answer: null, why: 'gone' };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await asker.once((card, wait) => ask(card, target, wait));
    if (answer === FAULT) return { answer: null, why: 'fault' };
    if (answer !== SILENCE) return { answer };
    const there = await select(asker, notes, system);
    if (there !== true) return { answer: null, why: there };
  }
  return { answer: null, why: 'silent' };
}
