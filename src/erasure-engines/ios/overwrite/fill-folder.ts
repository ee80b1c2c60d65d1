import type { Afc } from '../../../devices/apple/afc/afc.js';
import { refusedWith } from '../../../devices/apple/afc/afc-status.js';
import { SarachiError } from '../../../errors.js';
import type { WaitOptions } from '../../../wait.js';
import { type FillPlan, fileIndex, filePath } from './plan.js';

/** One file of the fill as the handset tells it. */
export interface FillFile {
  readonly index: number;
  readonly size: number;
}

/** The files of the fill in their order, those without a byte left out; null where the folder is gone. */
export async function listFill(
  afc: Afc,
  plan: FillPlan,
  request: WaitOptions,
): Promise<readonly FillFile[] | null> {
  const names = await afc.list(plan.directory, request).catch((error: unknown) => {
    if (refusedWith(error, 'not-found')) return null;
    throw error;
  });
  if (!names) return null;
  const indexes = names.map(fileIndex).filter((index) => index !== null);
  const files: FillFile[] = [];
  for (const index of indexes.sort((a, b) => a - b)) {
    const { size, kind } = await afc.fileInfo(filePath(plan, index), request);
    if (kind !== 'file' || size > plan.fileBytes)
      throw new SarachiError('overwrite-incomplete', { step: 'foreign-file', index, size });
    if (size > 0) files.push({ index, size });
  }
  return files;
}

export function sumOf(files: readonly FillFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
