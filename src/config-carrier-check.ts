import path from 'node:path';
import { z } from 'zod';
import { normaliseImei } from './imei.js';

const CARRIER_NAMES = ['docomo', 'kddi', 'softbank', 'rakuten', 'mineo'] as const;
const seconds = (least: number, most: number, fallback: number) =>
  z.number().min(least).max(most).default(fallback);

const canary = z.strictObject({
  imei: z.string().refine(isWhole, 'must be the 15 digits of a handset that is in trade'),
  mark: z.enum(['circle', 'triangle', 'cross', 'dash']),
});

function isWhole(text: string): boolean {
  const read = normaliseImei(text, 'typed');
  return read.kind === 'imei' && read.imei === text;
}

/** How one carrier's marks are come by, and in what pace it is asked. */
const perCarrier = z
  .strictObject({
    source: z
      .enum(['web', 'api', 'csv', 'manual', 'off'])
      .default('manual')
      .describe(
        'web, api: asked as the file of carriers describes. csv: taken from imports. manual: a person enters the mark. off: not asked.',
      ),
    spacingSeconds: seconds(0.001, 3600, 5).describe(
      'Least time between two look-ups, over all racks that share a Redis.',
    ),
    jitterSeconds: seconds(0, 3600, 3).describe('Up to so much more, drawn anew each time.'),
    perDay: z.int().min(1).max(1_000_000).default(1000).describe('Look-ups a day of Japan.'),
    requestSeconds: seconds(0.1, 50, 45).describe('Longest time of one look-up.'),
    keepHours: z
      .number()
      .min(0)
      .max(24 * 31)
      .default(24)
      .describe('How long an answer may be given again.'),
    troubleKeepSeconds: seconds(1, 86_400, 300).describe(
      'How long nobody asks again after a look-up that brought no mark.',
    ),
    breakerFailures: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .describe('So many look-ups in a row without a page, and the carrier is left alone.'),
    breakerSeconds: seconds(0.001, 86_400, 300).describe('For so long at first.'),
    breakerLongestSeconds: seconds(0.001, 86_400, 21_600).describe('And at most so long.'),
    canaries: z
      .array(canary)
      .max(10)
      .default([])
      .describe('IMEIs whose marks are known, read before real answers are trusted.'),
    canaryEvery: z
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe('They are read again after so many answers.'),
  })
  .prefault({});

/** The section `carrierCheck` of the configuration. */
export const carrierCheckSection = z
  .strictObject({
    source: z
      .enum(['off', 'manual', 'broker'])
      .default('manual')
      .describe(
        'off: no carrier is asked and the certificate says so. manual: a person enters the marks. broker: each carrier as perCarrier says.',
      ),
    carriers: z
      .array(z.enum(CARRIER_NAMES))
      .min(1)
      .default(['docomo', 'kddi', 'softbank', 'rakuten'])
      .describe('Whose marks are needed.'),
    file: z
      .string()
      .min(1)
      .default('carriers.yaml')
      .describe('How the carriers are asked and read; relative to this file.'),
    policyFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('What the marks mean; relative to this file. null: the rules that come with it.'),
    waitSeconds: seconds(0.1, 3600, 120).describe(
      'How long a handset waits for the carriers; a mark that has not come by then is unknown.',
    ),
    perCarrier: z
      .strictObject({
        docomo: perCarrier,
        kddi: perCarrier,
        softbank: perCarrier,
        rakuten: perCarrier,
        mineo: perCarrier,
      })
      .prefault({}),
  })
  .prefault({});

export type CarrierCheckConfig = z.infer<typeof carrierCheckSection>;
export type PerCarrier = CarrierCheckConfig['perCarrier'][(typeof CARRIER_NAMES)[number]];

/** The same with its files found from the folder of the configuration file. */
export function filesFrom(folder: string, section: CarrierCheckConfig): CarrierCheckConfig {
  const { file, policyFile } = section;
  return {
    ...section,
    file: path.resolve(folder, file),
    policyFile: policyFile === null ? null : path.resolve(folder, policyFile),
  };
}
