import { createCipheriv } from 'node:crypto';
import { type FillPlan, MAX_UNIT } from './plan.js';

/** Bytes that are made once for each overwrite; a power of two. */
export const POOL_BYTES = 4 << 20;
/** Odd, so that as many units as the pool has bytes, 4 TiB of them, all begin at different places. */
export const STEP = 2_654_435;

/** The bytes that belong at `offset` of the file `index`; they are not to be changed. At most MAX_UNIT of them. */
export type Expected = (index: number, offset: number, length: number) => Uint8Array;

/**
 * The pattern of a plan, from any place without what came before. No byte of it is made or copied while it is written
 * or compared, as long as a piece does not cross the border of two units: a rack has many handsets and few processors.
 */
export function createPattern(plan: FillPlan): Expected {
  const pool = poolOf(plan.seed);
  const unitsPerFile = Math.ceil(plan.fileBytes / MAX_UNIT);
  const within = (index: number, offset: number, length: number) => {
    const unit = index * unitsPerFile + Math.floor(offset / MAX_UNIT);
    const at = ((unit * STEP) % POOL_BYTES) + (offset % MAX_UNIT);
    return pool.subarray(at, at + length);
  };
  return (index, offset, length) => {
    const first = Math.min(length, MAX_UNIT - (offset % MAX_UNIT));
    const piece = within(index, offset, first);
    return first === length
      ? piece
      : Buffer.concat([piece, within(index, offset + first, length - first)]);
  };
}

/** The pool with its beginning once more behind it, so that every unit is one piece. */
function poolOf(seed: string): Buffer {
  const cipher = createCipheriv('aes-256-ctr', Buffer.from(seed, 'hex'), Buffer.alloc(16));
  const pool = cipher.update(Buffer.alloc(POOL_BYTES));
  return Buffer.concat([pool, pool.subarray(0, MAX_UNIT)]);
}
