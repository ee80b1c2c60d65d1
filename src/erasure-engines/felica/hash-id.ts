import { createHmac } from 'node:crypto';
import type { Idm } from '../../devices/felica/card-values.js';

/** Makes ids unreadable and still comparable. */
export type HashId = (id: Idm) => string;

const HEX_DIGITS = 32;

/**
 * Keyed digest of an IDm, which identifies a chip for life: HMAC-SHA-256, its first 128 bits in hex. Surveys that are to
 * be compared need the same key, at least 16 random bytes. Without it nobody can try out the IDm of a chip at hand.
 */
export function hashIdWith(key: Uint8Array): HashId {
  if (key.length < 16) throw new RangeError('a key for ids has at least 16 bytes');
  return (id) =>
    createHmac('sha256', key).update(`felica ${id}`).digest('hex').slice(0, HEX_DIGITS);
}
