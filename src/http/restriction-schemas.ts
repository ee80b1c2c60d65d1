import { z } from 'zod';
import { LOOK_UP_OUTCOMES } from '../carrier-check/answer.js';
import type { CarrierView } from '../carrier-check/broker/carrier-view.js';
import { CARRIERS, MARKS, PRINTED_MARKS } from '../carrier-check/marks.js';
import {
  NOTE_REASONS,
  type StatedAnswer,
} from '../carrier-check/restrictions/restriction-history.js';
import { line } from './action-schema.js';
import type { Changes } from './restriction-api.js';
import { lane, stamp, verdict } from './schemas.js';

export const carrierName = z.enum(CARRIERS);
const time = z.iso.datetime();
const scope = z.enum(['carrier', 'all-carriers', 'unknown']);
const outcome = z.enum(LOOK_UP_OUTCOMES);
const trouble = outcome.exclude(['ok']);
const imei = z.string().describe('15 digits.');

const answerFields = {
  ...{ carrier: carrierName, imei, mark: z.enum(MARKS), outcome },
  rawGlyph: z.string().nullable().describe('The mark as it was printed.'),
  rawText: z.string().nullable(),
  source: z.enum(['web', 'manual', 'csv', 'api']),
  checkedAt: z.iso.datetime({ offset: true }),
  evidence: z
    .object({
      sha256: z.string().describe('Of the body of the page, or of the row of a file.'),
      excerpt: z.string().describe('The element that held the result.'),
      parser: z.string().describe('Which program and rules read it.'),
    })
    .nullable(),
  scope: scope.describe('Whom a cross bars.'),
};

const statedSchema = z
  .object({
    seq: z.int().describe('Entry of the ledger.'),
    at: time,
    run: z.string().nullable(),
    by: z.string(),
    reason: z.enum(NOTE_REASONS),
    answer: z.object(answerFields),
    withdrawn: z
      .object({ seq: z.int(), at: time, why: z.string() })
      .nullable()
      .describe('Set where it no longer counts.'),
  })
  .meta({ id: 'RestrictionAnswer' }) satisfies z.ZodType<StatedAnswer>;

const changeFields = {
  ...{ seq: z.int().describe('Entry of the ledger.'), at: time, carrier: carrierName, imei },
  from: z.string().describe('A mark; unknown where a handset was let go before one was known.'),
  to: z.string(),
  scope,
  runs: z.array(z.string()).readonly().describe('Every run of this IMEI, newest first.'),
  certificates: z.array(z.object({ run: z.string(), sha256: z.string() })).readonly(),
  withdrawn: z.boolean().describe('What it rests on was taken back.'),
};
const changeSchema = z.object(changeFields).meta({ id: 'RestrictionChange' }) satisfies z.ZodType<
  Changes['changes'][number]
>;

const runFields = {
  ...{ run: z.string(), port: z.string(), settledAt: time.nullable() },
  ...{ verdict: verdict.nullable(), lane: lane.nullable() },
  certificate: z.string().nullable().describe('SHA-256 of the certificate.'),
};

export const restrictionsSchema = z
  .object({
    ...stamp,
    imei,
    carriers: z
      .array(
        z.object({
          carrier: carrierName,
          newest: statedSchema.nullable().describe('The mark of the latest check that counts.'),
          answers: z.array(statedSchema).readonly().describe('Newest entry first.'),
        }),
      )
      .readonly(),
    changes: z.array(changeSchema).readonly(),
    runs: z.array(z.object(runFields)).readonly(),
  })
  .meta({ id: 'Restrictions' });

export const changesSchema = z
  .object({
    ...stamp,
    changes: z.array(changeSchema).readonly().describe('Oldest first.'),
    nextCursor: z
      .string()
      .nullable()
      .describe('Hand it in as `cursor`, now or later, for what came after.'),
    more: z.boolean().describe('There is more already.'),
  })
  .meta({ id: 'RestrictionChanges' });

export const changesQuerySchema = z.strictObject({
  changed: z.literal('1').describe('Only changes can be listed.'),
  since: z.iso.datetime({ offset: true }).optional().describe('Told at or after this time.'),
  cursor: z
    .string()
    .regex(/^[\x21-\x7e]{1,512}$/, 'must be a nextCursor')
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const by = line(64).describe('Who does it, for the ledger.');
export const bySchema = z.strictObject({ by }).meta({ id: 'By' });

export const statedMarkSchema = z
  .strictObject({
    imei: z.string().min(1).max(64),
    carrier: carrierName,
    mark: z.enum(PRINTED_MARKS),
    by,
    note: line(200).nullable().default(null).describe('Where it was seen, or why.'),
  })
  .meta({ id: 'StatedMark' });

export const recheckSchema = z
  .object({ ...stamp, imei, carriers: z.array(carrierName).readonly() })
  .meta({ id: 'Recheck' });
export const statedReportSchema = z
  .object({ ...stamp, imei, carrier: carrierName, changed: z.int() })
  .meta({ id: 'Stated' });
const count = z.int().min(0);
export const importReportSchema = z
  .object({
    ...stamp,
    lines: count.describe('Lines below the heading.'),
    imported: count,
    known: count.describe('Lines that say what was known already.'),
    changed: count.describe('Marks that are other ones now.'),
  })
  .meta({ id: 'Imported' });

const carrierFields = {
  carrier: carrierName,
  waiting: count.describe('Questions in the queue of all racks.'),
  active: count,
  rate: z.object({
    ...{ spacingMs: z.number(), jitterMs: z.number() },
    ...{ usedToday: count.describe('Of the day in Japan.'), perDay: count },
  }),
  breaker: z.object({
    state: z
      .enum(['closed', 'half-open', 'open', 'parked'])
      .describe('parked: a captcha, a person has to look.'),
    outcome: trouble.nullable(),
    ...{ since: time.nullable(), until: time.nullable() },
  }),
  canary: z.object({
    ...{ configured: count, due: z.boolean(), answersSince: count },
    last: z.object({ at: time, right: z.boolean() }).nullable(),
  }),
  askedAgain: count.describe('Questions asked twice because a worker died over them.'),
};
const carrierSchema = z
  .object(carrierFields)
  .meta({ id: 'Carrier' }) satisfies z.ZodType<CarrierView>;

export const carriersSchema = z
  .object({ ...stamp, carriers: z.array(carrierSchema).readonly() })
  .meta({ id: 'Carriers' });
export const carrierStateSchema = z
  .object({ ...stamp, ...carrierFields })
  .meta({ id: 'CarrierState' });
