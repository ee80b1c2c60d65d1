import { z } from 'zod';
import { deepFreeze, faultyConfig, readYamlFile } from '../../config.js';
import { type Carrier, PRINTED_MARKS } from '../marks.js';
import { docomoResult } from './docomo.js';
import { elementSelector, rowSelectors } from './selectors.js';
import { apiSource, formSource, jsonSource } from './source-schemas.js';

const signs = z.array(z.string().min(1).max(100)).min(1).max(50);
const sentences = z.array(z.string().min(1).max(200)).max(20).optional();

const glyphs = z
  .array(
    z.strictObject({
      glyph: z.string().regex(/^[^\s\p{M}]$/u, 'must be one code point'),
      mark: z.enum(PRINTED_MARKS),
      alone: z.boolean().default(false),
    }),
  )
  .min(4)
  .max(60)
  .refine((rows) => new Set(rows.map(({ glyph }) => glyph)).size === rows.length, {
    message: 'a glyph stands twice',
  });

const carrier = <Web extends z.ZodType>(web: Web) =>
  z.strictObject({
    crossScope: z.enum(['carrier', 'all-carriers', 'unknown']).default('unknown'),
    web: web.nullable().default(null),
    api: apiSource.nullable().default(null),
    sentences: z.strictObject({
      circle: sentences,
      triangle: sentences,
      cross: sentences,
      dash: sentences,
    }),
  });

/** What `config/carriers.yaml` may hold. */
export const carrierRulesSchema = z.strictObject({
  version: z.string().trim().min(1).max(32),
  contact: z
    .string()
    .max(120)
    // It stands in a request header: printable ASCII without what would end the comment around it.
    .regex(/^[ -'*-~]*$/, 'printable ASCII without parentheses')
    .default(''),
  glyphs,
  trouble: z.strictObject({ captcha: signs, rateLimited: signs, maintenance: signs }),
  carriers: z.strictObject({
    docomo: carrier(formSource(docomoResult)),
    kddi: carrier(formSource(rowSelectors)),
    softbank: carrier(formSource(elementSelector)),
    rakuten: carrier(jsonSource(elementSelector)),
    mineo: carrier(formSource(rowSelectors)),
  } satisfies Record<Carrier, z.ZodType>),
});

/** How every carrier is asked and read: selectors, addresses, words and marks. */
export type CarrierRules = z.infer<typeof carrierRulesSchema>;

/** Checks a parsed document; unknown keys are faults. Throws ConfigError with every fault. Frozen to the last leaf. */
export function checkCarrierRules(document: unknown): CarrierRules {
  const parsed = carrierRulesSchema.safeParse(document ?? {});
  if (!parsed.success) throw faultyConfig(parsed.error);
  return deepFreeze(parsed.data);
}

/** Reads `config/carriers.yaml` or a file like it. Throws ConfigError with every fault. */
export function loadCarrierRules(file: string): CarrierRules {
  return checkCarrierRules(readYamlFile(file));
}
