import { z } from 'zod';
import type { AttentionCode } from '../attention.js';
import { CARRIERS, MARKS } from '../carrier-check/marks.js';
import { SarachiError } from '../errors.js';
import type { JsonObject } from '../evidence.js';

/** What a person may state when confirming something at a port. */
const statementSchema = z.strictObject({
  jpki: z.enum(['revoked', 'never-registered']).optional(),
  felica: z.literal('cleared').optional(),
  screen: z.literal('first-boot').optional(),
  marks: z.partialRecord(z.enum(CARRIERS), z.enum(MARKS)).optional(),
});

/** What pressing Confirm says where there is only one thing to say. */
const MEANT: Readonly<Partial<Record<AttentionCode, JsonObject>>> = {
  'felica-clear-needed': { felica: 'cleared' },
  'confirm-first-boot-screen': { screen: 'first-boot' },
};

/**
 * What a person's Confirm states for this attention. Throws bad-request where it says nothing that could answer the
 * question: a bare Confirm must never stand for a choice nobody made.
 */
export function readStatement(code: AttentionCode, raw: JsonObject): JsonObject {
  const parsed = statementSchema.safeParse(raw);
  if (!parsed.success) {
    const fault = parsed.error.issues[0];
    throw new SarachiError('bad-request', {
      path: `statement.${fault?.path.join('.') ?? ''}`,
      fault: fault?.message ?? '',
    });
  }
  const said = JSON.parse(JSON.stringify({ ...MEANT[code], ...parsed.data })) as JsonObject;
  if (code === 'jpki-declaration-missing' && said['jpki'] === undefined) {
    throw new SarachiError('bad-request', {
      path: 'statement.jpki',
      fault: 'say "revoked" or "never-registered"',
    });
  }
  if (code === 'carrier-result-needed' && said['marks'] === undefined) {
    throw new SarachiError('bad-request', {
      path: 'statement.marks',
      fault: 'give the mark of each carrier, such as {"docomo":"circle"}',
    });
  }
  return said;
}
