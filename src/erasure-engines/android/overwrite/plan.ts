import { randomBytes } from 'node:crypto';
import type { Evidence, JsonObject } from '../../../evidence.js';

/** The unit in which the pattern is shifted and copied, in bytes. */
export const UNIT = 65_536;
/** The pattern repeats after this many units: 4 MiB. */
export const PERIOD_UNITS = 64;
/** The page at the end of each complete file that names it. */
export const FOOTER_BYTES = 4096;
/** Most bytes of the long file. */
export const LONG_FILE_BYTES = 1_073_741_824;
/** Chunk number at which the long file begins, so that it is no copy of the first file. */
export const LONG_FILE_CHUNK = 32;

/** Everything from which each written byte follows. */
export interface FillPlan {
  /** 32 random bytes, hex: the AES-256-CTR key of the 512 KiB block from which the pattern is made. */
  readonly seed: string;
  /** Stands in every footer and in the folder's name. */
  readonly word: string;
  /** The folder on the handset. */
  readonly directory: string;
  readonly unitsPerChunk: number;
  readonly chunksPerFile: number;
}

/**
 * A new plan. Chunks are large so that few processes are started, and the pattern with one period to spare is what a
 * chunk is cut from. A small storage gets smaller files, so that there are enough of them to shorten. Pure but for
 * the seed.
 * @param directory an existing folder on the handset
 * @param size fileBytes: of one fill file without its footer, a multiple of 4 MiB; availableKb: of the storage
 */
export function newFillPlan(
  word: string,
  directory: string,
  { fileBytes, availableKb }: { readonly fileBytes: number; readonly availableKb: number },
): FillPlan {
  const most = Math.min(fileBytes, (availableKb * 1024) / LEAST_FILES);
  const unitsPerChunk = CHUNK_UNITS.find((units) => units * UNIT <= most) ?? PERIOD_UNITS;
  return {
    seed: randomBytes(32).toString('hex'),
    word,
    directory: `${directory}/sarachi-fill-${word}-${randomBytes(4).toString('hex')}`,
    unitsPerChunk,
    chunksPerFile: Math.max(1, Math.floor(most / (unitsPerChunk * UNIT))),
  };
}

/** Chunks of 16 MiB where files are at least that long, of 4 MiB otherwise. */
const CHUNK_UNITS: readonly number[] = [256, PERIOD_UNITS];
/** The more files are shortened, the shorter are the rooms that take the place of what is kept back. */
const LEAST_FILES = 16;

/** Bytes of a fill file without its footer. */
export function bodyBytes(plan: FillPlan): number {
  return plan.unitsPerChunk * plan.chunksPerFile * UNIT;
}

/** Bytes of the pattern file from which every chunk is cut: a chunk and one period more. */
export function patternFileBytes(plan: FillPlan): number {
  return (Math.ceil(plan.unitsPerChunk / PERIOD_UNITS) + 1) * PERIOD_UNITS * UNIT;
}

/** The plan as it goes on record, with the rule by which anyone can compute every byte again. */
export function planValue(plan: FillPlan): JsonObject {
  return {
    plan: { ...plan },
    rule: {
      block: '512 KiB of AES-256-CTR key stream, key = seed, initial counter block = 16 zero bytes',
      pattern:
        'the block rotated left by 0, 64, 128 and so on to 448 KiB: 4 MiB, repeated without end',
      chunk: 'number n is unitsPerChunk * 64 KiB of the pattern from offset (n mod 64) * 64 KiB',
      file: 'f.<i>: chunks from number i * chunksPerFile, chunksPerFile of them, then a 4096-byte footer',
      footer: '"SARACHI <word> <file>" padded with spaces to 4095 bytes, then a line feed',
      long: 'g.0: chunks from number 32, at most 1 GiB, no footer',
      partial:
        'a file that ends early, or was shortened, is the beginning of its stream; pp is the pattern itself',
      rotation:
        'when the storage is full, every other whole file is shortened and g.0 takes that room, beginning with the longest free extents',
    },
  };
}

/** The plan of the last `overwrite-planned` fact; null where there is none that can be read. */
export function recordedPlan(fact: Evidence | null): FillPlan | null {
  const plan = fact?.value['plan'];
  return typeof plan === 'object' && plan !== null ? (plan as unknown as FillPlan) : null;
}
