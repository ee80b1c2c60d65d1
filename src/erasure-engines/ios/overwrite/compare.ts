import { createHash } from 'node:crypto';
import type { Afc } from '../../../devices/apple/afc/afc.js';
import type { WaitOptions } from '../../../wait.js';
import { AHEAD, askAhead } from './ahead.js';
import type { Expected } from './pattern.js';
import { BLOCK, type FillPlan, fileName, filePath, MAX_UNIT } from './plan.js';

/** The first block that is not what was written there. Never what the handset holds instead. */
export interface Mismatch {
  readonly file: string;
  /** Where the block begins in the file, in bytes. */
  readonly offset: number;
  /** SHA-256, hex, of the block as it should be and as it was read. */
  readonly expected: string;
  readonly got: string;
}

export interface Compared {
  readonly afc: Afc;
  readonly plan: FillPlan;
  readonly expected: Expected;
  readonly request: WaitOptions;
}

export interface Part {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads one part of a fill file and compares every byte. Null: all as it should be. `onMatch` is told up to where that
 * is so. A handset may give less than it was asked for; the reading goes on from there.
 */
export async function comparePart(
  compared: Compared,
  { index, from, to }: Part,
  onMatch: (upTo: number) => void = () => undefined,
): Promise<Mismatch | null> {
  const { afc, plan, expected, request } = compared;
  const handle = await afc.open(filePath(plan, index), 'read', request);
  let mismatch: Mismatch | null = null;
  const slots = Array.from({ length: AHEAD }, () =>
    Buffer.allocUnsafe(Math.min(MAX_UNIT, to - from)),
  );
  let unit = MAX_UNIT;
  for (let at = from; at < to && !mismatch; ) {
    await afc.seek(handle, at, request);
    await askAhead(
      { from: at, to, unit },
      ({ length, slot }) => afc.read(handle, length, { ...request, into: slots[slot] }),
      (got, place, length) => {
        const wanted = expected(index, place, length);
        const matches = got.equals(wanted.subarray(0, got.length));
        if (!matches || got.length === 0) mismatch = firstDifference(index, place, { wanted, got });
        if (mismatch) return false;
        at = place + got.length;
        onMatch(at);
        if (got.length < length) unit = Math.max(got.length, BLOCK);
        return got.length === length;
      },
    );
  }
  await afc.close(handle, request);
  return mismatch;
}

function firstDifference(
  index: number,
  place: number,
  { wanted, got }: { readonly wanted: Uint8Array; readonly got: Buffer },
): Mismatch {
  let offset = 0;
  const block = (bytes: Uint8Array) => bytes.subarray(offset, offset + BLOCK);
  while (offset < got.length && Buffer.compare(block(wanted), block(got)) === 0) offset += BLOCK;
  return {
    file: fileName(index),
    offset: place + offset,
    expected: digest(block(wanted)),
    got: digest(block(got)),
  };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
