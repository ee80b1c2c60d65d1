import type { Afc } from '../../../devices/apple/afc/afc.js';
import { WINDOW_BYTES } from '../../../devices/apple/afc/afc-connection.js';
import { refusedWith } from '../../../devices/apple/afc/afc-status.js';
import { SarachiError } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import { askAhead } from './ahead.js';
import { comparePart } from './compare.js';
import { type FillFile, listFill, sumOf } from './fill-folder.js';
import type { Expected } from './pattern.js';
import { BLOCK, type FillPlan, filePath, MAX_UNIT } from './plan.js';

/** Sizes of one write: the largest until it does not fit, then smaller ones for the room that is left. */
const UNITS: readonly number[] = [MAX_UNIT, 16 * BLOCK, BLOCK];
/** What is not believed of a file whose writing was cut off: everything that may have been under way, twice. */
const TAIL_BYTES = 2 * WINDOW_BYTES;

export interface FillWork {
  readonly plan: FillPlan;
  readonly expected: Expected;
  /** Told how many bytes of the fill stand on the handset, counted from the first file. */
  readonly onFilled: (bytes: number) => void;
}

interface Filling extends FillWork {
  readonly afc: Afc;
  readonly request: WaitOptions;
}

interface Place {
  readonly index: number;
  readonly offset: number;
}

/**
 * Goes on from what the handset shows until it takes no more, over one AFC connection. Errors: overwrite-incomplete
 * where the folder is gone or a file operation was refused, and those of the connection.
 */
export async function fillFrom(
  work: FillWork,
  afc: Afc,
  request: WaitOptions,
): Promise<readonly FillFile[]> {
  const filling = { ...work, afc, request };
  try {
    let { index, offset } = await whereToGoOn(filling);
    while ((await fillFile(filling, { index, offset })) === 'whole') {
      index += 1;
      offset = 0;
    }
    return present(await listFill(afc, work.plan, request));
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/** A refused file operation leaves the fill as it is: it may be tried again. */
export function refusalOf(error: unknown): SarachiError | null {
  if (!(error instanceof SarachiError) || error.code !== 'afc-refused') return null;
  return new SarachiError('overwrite-incomplete', error.detail, { cause: error });
}

/** The end of what is surely written. What follows it, as after a loss in the middle, is deleted. */
async function whereToGoOn(filling: Filling): Promise<Place> {
  const { afc, plan, request } = filling;
  const files = present(await listFill(afc, plan, request));
  const whole = files.findIndex(
    ({ index, size }, place) => index !== place || size < plan.fileBytes,
  );
  const good = whole < 0 ? files : files.slice(0, whole + (files[whole]?.index === whole ? 1 : 0));
  for (const { index } of files.slice(good.length))
    await afc.remove(filePath(plan, index), request);
  const last = good.at(-1);
  if (!last) return { index: 0, offset: 0 };
  const offset = await surelyWritten(filling, last);
  filling.onFilled(sumOf(good) - last.size + offset);
  return offset === plan.fileBytes
    ? { index: last.index + 1, offset: 0 }
    : { index: last.index, offset };
}

/** Reads the end of a file again and cuts off what is not as it should be; all of the file where the whole end is not. */
async function surelyWritten(filling: Filling, { index, size }: FillFile): Promise<number> {
  const { afc, plan, request } = filling;
  const whole = size - (size % BLOCK);
  const from = Math.max(0, whole - TAIL_BYTES);
  let upTo = from;
  const mismatch = await comparePart(filling, { index, from, to: whole }, (matched) => {
    upTo = matched;
  });
  if (mismatch) upTo = mismatch.offset === from ? 0 : mismatch.offset;
  if (upTo === size) return size;
  const handle = await afc.open(filePath(plan, index), 'read-write', request);
  await afc.truncate(handle, upTo, request);
  await afc.close(handle, request);
  return upTo;
}

async function fillFile(filling: Filling, { index, offset }: Place): Promise<'whole' | 'full'> {
  const { afc, plan, request } = filling;
  const mode = offset === 0 ? 'create' : 'read-write';
  const handle = await unlessFull(afc.open(filePath(plan, index), mode, request));
  if (handle === 'full') return 'full';
  if (offset > 0) await afc.seek(handle, offset, request);
  let end = offset;
  for (const unit of UNITS) {
    end = await writePart(filling, { index, handle, from: end, unit });
    if (end === plan.fileBytes) break;
    // A part of the last write may stand there, and of those behind it: none of it is counted on.
    await afc.truncate(handle, end, request);
    await afc.seek(handle, end, request);
  }
  await afc.close(handle, request);
  return end === plan.fileBytes ? 'whole' : 'full';
}

/** Writes until the file is whole or no write of this size fits; up to where all went in. */
async function writePart(
  { afc, plan, expected, request, onFilled }: Filling,
  part: { readonly index: number; readonly handle: bigint; readonly from: number; unit: number },
): Promise<number> {
  const { index, handle, from, unit } = part;
  const before = index * plan.fileBytes;
  let end = from;
  await askAhead(
    { from, to: plan.fileBytes, unit },
    ({ at, length }) => unlessFull(afc.write(handle, expected(index, at, length), request)),
    (answer, at, length) => {
      if (answer === 'full') return false;
      end = at + length;
      onFilled(before + end);
      return true;
    },
  );
  return end;
}

async function unlessFull<T>(work: Promise<T>): Promise<T | 'full'> {
  try {
    return await work;
  } catch (error) {
    if (refusedWith(error, 'no-space')) return 'full';
    throw error;
  }
}

function present<T>(files: T | null): T {
  if (!files) throw new SarachiError('overwrite-incomplete', { step: 'folder-gone' });
  return files;
}
