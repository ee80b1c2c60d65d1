import type { AfcDeviceInfo } from '../../../devices/apple/afc/afc.js';
import { triesOf } from '../../past.js';
import type { Visit } from '../visit.js';
import type { Mismatch } from './compare.js';
import { type FillFile, sumOf } from './fill-folder.js';
import type { FillPlan } from './plan.js';
import { planValue } from './plan.js';

/** Free storage that may be left when no write goes in any more: the system keeps its last megabytes for itself. */
const LEFT_OVER_PART = 0.01;
const LEFT_OVER_BYTES = 8 * 1024 * 1024;
/** A system that runs goes on writing files of its own, so not every block comes back. */
const PART_TO_COME_BACK = 0.5;

/** The most that may be left over. Pure. */
export function allowedLeftOver(freeBefore: number): number {
  return Math.max(LEFT_OVER_BYTES, Math.floor(freeBefore * LEFT_OVER_PART));
}

export async function recordPlanned(
  { context }: Visit,
  plan: FillPlan,
  info: AfcDeviceInfo,
): Promise<void> {
  const erased = triesOf(context.history(), 'reset-delete').some(({ held }) => held === true);
  await context.record('overwrite-planned', {
    method: 'random seed of this run',
    holds: true,
    value: {
      ...planValue(plan),
      scope: erased
        ? 'after the erase: all but the fresh system'
        : 'before the erase: free storage only',
      fileBytes: plan.fileBytes,
      freeBytes: info.freeBytes,
      totalBytes: info.totalBytes,
      blockBytes: info.blockBytes,
    },
  });
}

export interface Written {
  readonly files: readonly FillFile[];
  readonly freeBefore: number;
  readonly info: AfcDeviceInfo;
}

/** False where more is left than the system keeps for itself: something else stopped the writing, such as a quota. */
export async function recordWritten(
  { context }: Visit,
  { files, freeBefore, info }: Written,
): Promise<boolean> {
  const bytes = sumOf(files);
  const allowed = allowedLeftOver(freeBefore);
  const holds = files.length > 0 && info.freeBytes <= allowed;
  const coverage = freeBefore > 0 ? Math.min(100, (bytes / freeBefore) * 100) : 0;
  await context.record('overwrite-written', {
    method: 'AFC writes to the end of the space; sizes by GET_FILE_INFO, GET_DEVINFO',
    holds,
    value: {
      bytes,
      files: files.length,
      freeBeforeBytes: freeBefore,
      freeAfterBytes: info.freeBytes,
      allowedLeftOverBytes: allowed,
      coveragePercent: Math.floor(coverage * 100) / 100,
    },
  });
  await context.record('not-covered', {
    method: 'GET_DEVINFO on the full storage',
    holds: true,
    value: {
      leftOverBytes: info.freeBytes,
      systemUsedBytes: Math.max(0, info.totalBytes - info.freeBytes - bytes),
      reserve:
        'the last free bytes are kept back by the system; at most 1 % of what was free, or 8 MiB, may be left',
      beyond: [
        'files that are in use, and the system',
        'metadata of the file system',
        'blocks of the flash that the file system does not address',
        'secure element',
      ],
    },
  });
  return holds;
}

export async function recordReadBack(
  { context }: Visit,
  files: readonly FillFile[],
  { bytes, mismatch }: { readonly bytes: number; readonly mismatch: Mismatch | null },
): Promise<void> {
  await context.record('overwrite-read-back', {
    method: 'AFC reads of every byte, compared on the host',
    holds: mismatch === null,
    value: {
      bytes,
      files: files.length,
      connection: 'new',
      cache: 'not-excluded',
      ...(mismatch ? { ...mismatch } : {}),
    },
  });
}

/** False where the folder is still there or its room did not come back. */
export async function recordRemoved(
  { context }: Visit,
  seen: { readonly gone: boolean; readonly freeBefore: number; readonly freeBytes: number },
): Promise<boolean> {
  const { gone, freeBefore, freeBytes } = seen;
  const holds = gone && freeBytes >= freeBefore * PART_TO_COME_BACK;
  await context.record('overwrite-removed', {
    method: 'REMOVE_PATH_AND_CONTENTS, READ_DIR, GET_DEVINFO',
    holds,
    value: { freeBytes, freeBeforeBytes: freeBefore, trimmed: null },
  });
  return holds;
}

export async function recordSkipped(
  { context }: Visit,
  why: 'policy' | 'files-not-served',
  said: string | null,
): Promise<void> {
  await context.record('overwrite-skipped', {
    method: why === 'policy' ? 'configuration' : 'StartService com.apple.afc, READ_DIR',
    holds: true,
    value: said === null ? { why } : { why, said },
  });
}
