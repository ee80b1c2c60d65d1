import { randomBytes } from 'node:crypto';
import { MAX_DATA } from '../../../devices/apple/afc/afc-frames.js';
import type { Evidence, JsonObject } from '../../../evidence.js';

/** Every place in a fill file where writing may begin or end is a multiple of this, in bytes. */
export const BLOCK = 4096;
/** Bytes of the largest write, within which the pattern runs on: as much as one frame of AFC holds. */
export const MAX_UNIT = MAX_DATA;

/** Everything from which each written byte follows. */
export interface FillPlan {
  /** 32 random bytes, hex: the key from which the pattern is made. */
  readonly seed: string;
  /** The folder on the handset, as AFC names it. */
  readonly directory: string;
  /** Bytes of each file but the last. */
  readonly fileBytes: number;
}

const FOLDER = /^sarachi-fill-[A-Za-z0-9-]{1,60}$/;
const FILE = /^f\.(0|[1-9]\d{0,5})$/;

/** A new plan. Pure but for the seed and the end of the folder's name. `fileBytes`: a multiple of 4096. */
export function newFillPlan(run: string, fileBytes: number): FillPlan {
  const word = run.replace(/[^A-Za-z0-9-]/g, '').slice(0, 40) || 'run';
  return {
    seed: randomBytes(32).toString('hex'),
    directory: `/sarachi-fill-${word}-${randomBytes(4).toString('hex')}`,
    fileBytes,
  };
}

/** Whether a name in the media folder is that of a fill, of this run or of an earlier one that did not end. */
export function isFillFolder(name: string): boolean {
  return FOLDER.test(name);
}

export function filePath(plan: FillPlan, index: number): string {
  return `${plan.directory}/${fileName(index)}`;
}

export function fileName(index: number): string {
  return `f.${index}`;
}

/** The number of a fill file; null for a name that no plan gives. */
export function fileIndex(name: string): number | null {
  const digits = FILE.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The plan as it goes on record, with the rule by which anyone can compute every byte again. */
export function planValue(plan: FillPlan): JsonObject {
  return {
    plan: { ...plan },
    rule: {
      pool: '4 MiB of AES-256-CTR key stream, key = seed, initial counter block = 16 zero bytes',
      unit: 'number n is 1044480 bytes of the pool from offset (n * 2654435) mod 4 MiB, from its end on to its beginning',
      file: 'f.<i>: fileBytes of the units from number i * ceil(fileBytes / 1044480) on',
      partial: 'a file that ends early is the beginning of what it would have been',
    },
  };
}

/** The plan of an `overwrite-planned` fact; null where there is none that can be read. */
export function recordedPlan(fact: Evidence | null): FillPlan | null {
  const plan = fact?.value['plan'];
  if (typeof plan !== 'object' || plan === null) return null;
  const { seed, directory, fileBytes } = plan as Readonly<Record<string, unknown>>;
  const sound =
    typeof seed === 'string' &&
    /^[0-9a-f]{64}$/.test(seed) &&
    typeof directory === 'string' &&
    isFillFolder(directory.slice(1)) &&
    typeof fileBytes === 'number' &&
    fileBytes >= BLOCK;
  return sound ? { seed, directory, fileBytes } : null;
}
