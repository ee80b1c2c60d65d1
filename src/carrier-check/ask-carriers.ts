import type { StageContext } from '../erasure-engines/engine.js';
import { hasCode } from '../errors.js';
import type { CarrierAnswer } from './answer.js';
import { unknownAnswer } from './broker/unknown-answer.js';
import type { CarrierCheckParts, Way } from './check-parts.js';
import { type AnswerNotes, isRecorded, markFact, type Slot } from './mark-facts.js';
import type { Carrier } from './marks.js';

/** One carrier check under way. */
export interface Check {
  readonly context: StageContext;
  readonly parts: CarrierCheckParts;
  readonly port: string;
}

interface Question extends Slot {
  readonly carrier: Carrier;
  readonly way: Exclude<Way, { by: 'person' }>;
}

type Heard = readonly [CarrierAnswer, Omit<AnswerNotes, 'slot'>];

const FRESH = { cached: false, held: null, by: null } as const;

/**
 * Asks every carrier about every number at once, within one time for all, and writes down each answer as it comes.
 * What is on record is not asked again. A mark that does not come in time is unknown, and its question stays in the
 * queue. Rejects where an answer could not be had or kept for want of the host, after the others are on record.
 */
export async function askCarriers(check: Check, slots: readonly Slot[]): Promise<void> {
  const { context } = check;
  const questions = openQuestions(check, slots);
  let done = 0;
  const ends = await Promise.allSettled(
    questions.map(async (question) => {
      const [answer, notes] = await answerTo(check, question);
      await recordAnswer(check, answer, { ...notes, slot: question.slot });
      done += 1;
      context.progress({ done: done / questions.length, step: 'ask-carriers' });
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/**
 * Tells whoever keeps answers by IMEI, then writes the fact: after a crash in between it is told again, not lost. What
 * nobody said is a fact of this run only, and an import was told when it came.
 */
export async function recordAnswer(
  { context, parts, port }: Check,
  answer: CarrierAnswer,
  notes: AnswerNotes,
): Promise<void> {
  const { run } = context.history();
  if (notes.held === null && answer.source !== 'csv')
    await parts.note(answer, { run, port, by: notes.by, reason: 'stage' });
  await context.record('carrier-mark', markFact(answer, notes));
}

function openQuestions({ context, parts }: Check, slots: readonly Slot[]): Question[] {
  const { evidence } = context.history();
  return [...parts.ways].flatMap(([carrier, way]) => {
    if (way.by === 'person') return [];
    const open = slots.filter(({ slot }) => !isRecorded(evidence, carrier, slot));
    return open.map((slot) => ({ carrier, way, ...slot }));
  });
}

async function answerTo({ context, parts }: Check, question: Question): Promise<Heard> {
  const { carrier, imei, way } = question;
  const source = way.by === 'csv' ? 'csv' : way.source;
  const unknown = (why: string): CarrierAnswer => ({
    ...unknownAnswer({ carrier, source }, imei, 'skipped', context.clock()),
    rawText: why,
  });
  if (way.by === 'csv') {
    const imported = await parts.imported(carrier, imei);
    return imported
      ? [imported, { ...FRESH, cached: true }]
      : [unknown('not among the imports'), { ...FRESH, held: 'not-imported' }];
  }
  const { waitMs } = parts;
  try {
    const limit = { signal: context.signal, timeoutMs: waitMs };
    const { cached, held, ...answer } = await parts.ask(
      { carrier, imei, maxAgeMs: way.maxAgeMs },
      limit,
    );
    return [answer, { cached, held, by: null }];
  } catch (error) {
    if (context.signal.aborted || !hasCode(error, 'deadline-passed')) throw error;
    return [unknown(`no answer within ${waitMs / 1000} s`), { ...FRESH, held: 'no-answer' }];
  }
}
