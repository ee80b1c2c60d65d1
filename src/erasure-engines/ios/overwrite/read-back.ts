import type { Afc } from '../../../devices/apple/afc/afc.js';
import type { WaitOptions } from '../../../wait.js';
import { comparePart, type Mismatch } from './compare.js';
import { refusalOf } from './fill.js';
import type { FillFile } from './fill-folder.js';
import type { Expected } from './pattern.js';
import type { FillPlan } from './plan.js';

/** How far a read-back has got. What was compared once need not be again when the connection is another. */
export interface ReadBack {
  readonly files: readonly FillFile[];
  /** The file that is being read, by its place in `files`. */
  place: number;
  offset: number;
  /** Bytes that were read and are as they should be. */
  bytes: number;
}

export interface ReadWork {
  readonly plan: FillPlan;
  readonly expected: Expected;
  readonly onRead: (bytes: number) => void;
}

/** Reads on from where it stands and compares every byte, over one AFC connection. Null: all is as it was written. */
export async function readOn(
  state: ReadBack,
  work: ReadWork,
  { afc, request }: { readonly afc: Afc; readonly request: WaitOptions },
): Promise<Mismatch | null> {
  try {
    for (let file = state.files[state.place]; file; file = state.files[state.place]) {
      const part = { index: file.index, from: state.offset, to: file.size };
      const mismatch = await comparePart({ ...work, afc, request }, part, (upTo) => {
        state.bytes += upTo - state.offset;
        state.offset = upTo;
        work.onRead(state.bytes);
      });
      if (mismatch) return mismatch;
      state.place += 1;
      state.offset = 0;
    }
    return null;
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}
