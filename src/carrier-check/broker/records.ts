import { z } from 'zod';
import { type CarrierAnswer, LOOK_UP_OUTCOMES } from '../answer.js';
import { CARRIERS, MARKS } from '../marks.js';
import { type Breaker, CLOSED } from './breaker.js';
import { type CanaryState, UNREAD } from './canary.js';
import type { Question } from './keys.js';
import { HELD_FOR, type Hold } from './plan.js';

/** Everything that comes back from Redis passes here: other racks, other versions and people write there too. */

const imei = z.string().regex(/^[0-9]{15}$/);
const time = z.int().min(0);
const text = z.string().max(200);

const answerSchema: z.ZodType<CarrierAnswer> = z
  .strictObject({
    carrier: z.enum(CARRIERS),
    imei,
    mark: z.enum(MARKS),
    outcome: z.enum(LOOK_UP_OUTCOMES),
    rawGlyph: text.nullable(),
    rawText: text.nullable(),
    source: z.enum(['web', 'manual', 'csv', 'api']),
    checkedAt: z.iso.datetime({ offset: true }),
    evidence: z
      .strictObject({
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        excerpt: z.string().max(10_000),
        parser: z.string().max(100),
      })
      .nullable(),
    scope: z.enum(['carrier', 'all-carriers', 'unknown']),
  })
  .refine(({ mark, outcome }) => mark === 'unknown' || outcome === 'ok');

const outcome = z.enum(LOOK_UP_OUTCOMES).exclude(['ok']);
const count = z.int().min(0);
const breakerSchema: z.ZodType<Breaker> = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('closed'), failures: count, breaks: count }),
  z.strictObject({ at: z.literal('open'), outcome, breaks: count, since: time, until: time }),
  z.strictObject({ at: z.literal('parked'), outcome, breaks: count, since: time }),
]);
const canarySchema: z.ZodType<CanaryState> = z.strictObject({
  rightAt: time.nullable(),
  passed: count,
  last: z.strictObject({ at: time, right: z.boolean() }).nullable(),
});
const holdSchema: z.ZodType<Hold> = z.strictObject({ why: z.enum(HELD_FOR), outcome });
const questionSchema: z.ZodType<Question> = z.strictObject({ imei, newerThan: time });

/** An answer and when the broker had it, in ms since the epoch. */
export interface Entry {
  readonly at: number;
  readonly answer: CarrierAnswer;
}

/** What the racks tell each other. */
export type News =
  | { readonly type: 'answer'; readonly imei: string; readonly entry: Entry }
  | { readonly type: 'failed'; readonly imei: string }
  | { readonly type: 'held'; readonly hold: Hold }
  | { readonly type: 'revoked'; readonly imeis: readonly string[] };

/** The time stands first, so that a script in Redis can compare it without reading the rest. */
export function writeEntry({ at, answer }: Entry): string {
  return `${at} ${JSON.stringify(answer)}`;
}

/** null for anything that this version would not have written. */
export function readEntry(raw: string): Entry | null {
  const [, at, json] = /^([0-9]{1,15}) (\{.*\})$/s.exec(raw) ?? [];
  const answer = answerSchema.safeParse(parsed(json));
  return answer.success ? { at: Number(at), answer: answer.data } : null;
}

/** null for anything that is not an answer as the contract has it. */
export function readAnswer(value: unknown): CarrierAnswer | null {
  const answer = answerSchema.safeParse(value);
  return answer.success ? answer.data : null;
}

/** What cannot be read counts as never written, and the canaries then as unread. */
export function readHealth(health: { readonly breaker: string; readonly canary: string }): {
  breaker: Breaker;
  canary: CanaryState;
} {
  const breaker = breakerSchema.safeParse(parsed(health.breaker));
  const canary = canarySchema.safeParse(parsed(health.canary));
  return breaker.success && canary.success
    ? { breaker: breaker.data, canary: canary.data }
    : { breaker: CLOSED, canary: UNREAD };
}

/** null for a job that this version would not have added. */
export function readQuestion(value: unknown): Question | null {
  const question = questionSchema.safeParse(value);
  return question.success ? question.data : null;
}

export function writeHeld(hold: Hold): string {
  return `held ${JSON.stringify(hold)}`;
}

/** null for what cannot be understood. The scripts write the other half of these lines. */
export function readNews(raw: string): News | null {
  const [, type, rest = ''] = /^([a-z]{1,10}) (.*)$/s.exec(raw) ?? [];
  switch (type) {
    case 'answer': {
      const entry = readEntry(rest);
      return entry && { type, imei: entry.answer.imei, entry };
    }
    case 'failed':
      return imei.safeParse(rest).success ? { type, imei: rest } : null;
    case 'held': {
      const hold = holdSchema.safeParse(parsed(rest));
      return hold.success ? { type, hold: hold.data } : null;
    }
    case 'revoked': {
      const imeis = z.array(imei).safeParse(rest.split(','));
      return imeis.success ? { type, imeis: imeis.data } : null;
    }
    default:
      return null;
  }
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    // The schemas refuse it: none of them takes undefined.
    return undefined;
  }
}
