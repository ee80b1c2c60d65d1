import { z } from 'zod';
import { holds, placesOf } from './certificate-evidence.js';
import type { Seen } from './certificate-reset.js';

const text = z.string();
const both = z.strictObject({ ja: text, en: text });
const place = z.int().min(0);
const count = z.int().min(0);

const inventory = z.array(
  z.object({
    code: count,
    label: text.nullable(),
    areas: count,
    services: count,
    usedBlocks: count.nullable(),
    nodes: z.array(z.object({ code: count, label: text.nullable() })),
    isResidue: z.boolean(),
  }),
);

/** What a reader saw of a FeliCa chip: names and counts, no id that can be read, no data of a person. */
export const felicaSurveySchema = z.strictObject({
  before: z.strictObject({ at: text, inventory, evidence: place }).nullable(),
  after: z.strictObject({
    at: text,
    verdict: text,
    reasons: z.array(text),
    notes: z.array(text),
    inventory,
    /** Ways of looking that came to their end everywhere, in every run. */
    legs: z.array(text),
    evidence: place,
  }),
  /** Keyed digests of the names of the chip; null where it is not bound to the handset. */
  chip: z
    .strictObject({ container: text.nullable(), management: text.nullable(), evidence: place })
    .nullable(),
  /** What was said of the clear by whoever did it. Not believed. */
  said: z.array(z.strictObject({ by: text, outcome: text, at: text, evidence: place })),
  limits: both,
  independent: both,
});
export type FelicaSurvey = z.infer<typeof felicaSurveySchema>;

const INDEPENDENT = {
  ja: '本装置による独立した確認であり、フェリカネットワークス株式会社の認証を受けたものではない。',
  en: 'An independent check by this rack, not certified by FeliCa Networks.',
};

const beforeValue = z.object({ inventory });
const afterValue = z.object({
  verdict: text,
  reasons: z.array(text),
  notes: z.array(text),
  inventory,
  legs: z.array(text),
  limits: both,
});
const boundValue = z.object({ container: text.nullable(), management: text.nullable() });

/** The surveys of this run, from its evidence alone; null where none was made after the clear. Pure. */
export function felicaSurveyOf(evidence: readonly Seen[]): FelicaSurvey | null {
  const at = placesOf(evidence, 'felica-survey-after').at(-1);
  const seen = at === undefined ? undefined : evidence[at];
  const after = afterValue.safeParse(seen?.value).data;
  if (at === undefined || !seen || !after) return null;
  const { limits, ...what } = after;
  return {
    before: beforeOf(evidence),
    after: { at: seen.at, ...what, evidence: at },
    chip: chipOf(evidence),
    said: placesOf(evidence, 'felica-cleared-by').flatMap((said) => {
      const fact = evidence[said];
      if (!fact) return [];
      const outcome = String(fact.value['outcome']);
      return [{ by: fact.method, outcome, at: fact.at, evidence: said }];
    }),
    limits,
    independent: INDEPENDENT,
  };
}

/** Whether the evidence shows a clear chip that is the handset's. */
export function felicaIsClear(evidence: readonly Seen[]): boolean {
  return holds(evidence, 'felica-survey-after') && holds(evidence, 'felica-identity-bound');
}

function beforeOf(evidence: readonly Seen[]): FelicaSurvey['before'] {
  const at = placesOf(evidence, 'felica-survey-before').at(-1);
  const seen = at === undefined ? undefined : evidence[at];
  const value = beforeValue.safeParse(seen?.value).data;
  if (at === undefined || !seen || !value) return null;
  return { at: seen.at, inventory: value.inventory, evidence: at };
}

function chipOf(evidence: readonly Seen[]): FelicaSurvey['chip'] {
  const at = placesOf(evidence, 'felica-identity-bound').at(-1);
  if (at === undefined || !holds(evidence, 'felica-identity-bound')) return null;
  const value = boundValue.safeParse(evidence[at]?.value).data;
  return value ? { container: value.container, management: value.management, evidence: at } : null;
}
