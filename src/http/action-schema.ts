import { z } from 'zod';
import { PORT_ACTIONS } from '../ports/view.js';
import { cleanField } from '../text.js';

/** One printable line: it goes to the ledger and onto the certificate. */
export function line(limit: number) {
  return z
    .string()
    .min(1)
    .max(limit)
    .refine((text) => cleanField(text, limit) === text, 'must be one printable line');
}

const key = z.string().regex(/^[A-Za-z0-9-]{1,32}$/, 'letters, digits and -, at most 32');
const scalar = z.union([line(200), z.number(), z.boolean(), z.null()]);
const few = 'at most 16 entries';

function atMost16(record: object): boolean {
  return Object.keys(record).length <= 16;
}

const statement = z
  .record(key, z.union([scalar, z.record(key, scalar).refine(atMost16, few)]))
  .refine(atMost16, few)
  .describe('What is stated, such as {"jpki":"revoked"} or {"marks":{"docomo":"circle"}}.');

export const actionSchema = z
  .strictObject({
    action: z.enum(PORT_ACTIONS),
    by: line(64).default('unnamed').describe('Who does it, for the ledger.'),
    statement: statement.default({}),
  })
  .meta({ id: 'Action' });
