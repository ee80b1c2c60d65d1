import { validate as isCronPattern } from 'node-cron';
import { z } from 'zod';

const days = z.int().min(1).max(3650);

/** The section `restrictionWatch`: how handsets that left the rack are asked about again. */
export const restrictionWatch = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Ask the carriers again about handsets that left the rack. Only carriers that are asked at all.',
      ),
    tick: z
      .string()
      .refine(isCronPattern, 'must be a cron pattern such as 17 * * * *')
      .default('17 * * * *')
      .describe('When to look what is due, as a cron pattern in the time of Japan.'),
    schedule: z
      .array(z.strictObject({ untilDays: days, everyDays: days }))
      .min(1)
      .max(12)
      .refine(
        (rows) => rows.every(({ untilDays }, at) => untilDays > (rows[at - 1]?.untilDays ?? 0)),
        {
          message: 'untilDays must grow from row to row',
        },
      )
      .default([
        { untilDays: 30, everyDays: 7 },
        { untilDays: 180, everyDays: 30 },
        { untilDays: 365, everyDays: 60 },
      ])
      .describe(
        'How often to ask by the days since the verdict; the last row holds until stopAfterDays.',
      ),
    stopAfterDays: days.default(365).describe('Nothing is asked about older runs.'),
    perTick: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe('The most that one look asks each carrier.'),
    dayShare: z
      .number()
      .min(0.05)
      .max(1)
      .default(0.5)
      .describe(
        "Share of a carrier's day that a look may use in the morning; what the ports leave over grows with the day.",
      ),
    retryHours: z
      .int()
      .min(1)
      .max(168)
      .default(24)
      .describe('How long a carrier that gave no mark is left alone about that IMEI.'),
    lanes: z
      .array(z.enum(['release', 'attention', 'quarantine', 'destroy', 'return']))
      .min(1)
      .default(['release', 'attention'])
      .describe(
        'Runs with these lanes are watched: what was released, and what is held for its marks.',
      ),
  })
  .prefault({});
