import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { cleanField } from '../../text.js';
import { ROLES, type Role } from './roles.js';

const SECRET_BYTES = 32;
const ID_BYTES = 5;
const KEY = /^sarachi_([0-9a-f]{10})_([A-Za-z0-9_-]{43})$/;
const DAY_MS = 86_400_000;

const keySchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{10}$/),
  role: z.enum(ROLES),
  person: z
    .string()
    .min(1)
    .max(40)
    .refine((text) => cleanField(text, 40) === text, 'must be one printable line'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});

/** What is kept of a key: never the key itself. `person` is who it was given to; two keys of one person are one person. */
export type KeyRecord = z.infer<typeof keySchema>;

export const keyFileSchema = z.strictObject({ version: z.literal(1), keys: z.array(keySchema) });

export interface NewKey {
  readonly role: Role;
  readonly person: string;
  /** How many days it is good for. */
  readonly days: number;
}

/** A fresh key: the text to hand over, and what is kept. Throws a zod error for a person that is no printable line. */
export function makeKey(asked: NewKey, now: number): { text: string; record: KeyRecord } {
  const id = randomBytes(ID_BYTES).toString('hex');
  const text = `sarachi_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const record = keySchema.parse({
    ...{ id, role: asked.role, person: asked.person, sha256: digestOf(text) },
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + asked.days * DAY_MS).toISOString(),
    revokedAt: null,
  });
  return { text, record };
}

/**
 * One SHA-256, not a slow hash: the secret is 256 random bits that nobody can guess, so slowness would only cost the rack
 * at each of a hundred panels' polls.
 */
function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/** For a key that is nobody's, so that it takes as long as any other. */
const NO_DIGEST = '0'.repeat(64);

export type KeyFault = 'no key of this rack' | 'a revoked key' | 'an expired key';

/** The record of a presented key, or why it is refused. Pure but for its hash. */
export function checkKey(
  presented: string,
  keys: readonly KeyRecord[],
  now: number,
): KeyRecord | KeyFault {
  const id = KEY.exec(presented)?.[1];
  const found = keys.find((key) => key.id === id);
  const expected = Buffer.from(found?.sha256 ?? NO_DIGEST);
  if (!timingSafeEqual(Buffer.from(digestOf(presented)), expected) || !found)
    return 'no key of this rack';
  if (found.revokedAt !== null) return 'a revoked key';
  return isExpired(found, now) ? 'an expired key' : found;
}

export function isExpired(key: KeyRecord, now: number): boolean {
  return Date.parse(key.expiresAt) <= now;
}

/** Whether the key would be taken now. */
export function isUsable(key: KeyRecord, now: number): boolean {
  return key.revokedAt === null && !isExpired(key, now);
}
