import { randomBytes } from 'node:crypto';
import type { Evidence, JsonObject } from '../../../evidence.js';

/** The unit in which the pattern is shifted and copied, in bytes. */
export const UNIT = 65_536;
/** The pattern repeats after this many units: 4 MiB. */
export const PERIOD_UNITS = 64;
/** The page at the end of each complete file that names it. */
export const FOOTER_BYTES = 4096;
/** Most bytes of one long file. */
export const LONG_FILE_BYTES = 1_073_741_824;
/** Size of the small files at the end, and after how many of them their content repeats. */
export const CRUMB_BYTES = 49_152;
export const CRUMB_PERIOD = 44;
/** Chunk number at which each long file begins, so that it is no copy of the first file. */
export const LONG_FILE_CHUNK = 32;

/** Everything from which each written byte follows. */
export interface FillPlan {
  /** 32 random bytes, hex: the AES-256-CTR key of the 1 MiB block from which the pattern is made. */
  readonly seed: string;
  /** Stands in every footer and in the folder's name. */
  readonly word: string;
  /** The folder on the handset. */
  readonly directory: string;
  readonly unitsPerChunk: number;
  readonly chunksPerFile: number;
  /** Size of the spacer behind each chunk: a sixteenth of it, more on small storage. */
  readonly spacerUnits: number;
}

/**
 * A new plan. Chunks are large so that few processes are started, and the pattern with one period to spare is what a
 * chunk is cut from. Pure but for the seed.
 * @param directory an existing folder on the handset
 * @param size fileBytes: of one fill file without its footer, a multiple of 1 MiB; availableKb: of the storage
 */
export function newFillPlan(
  word: string,
  directory: string,
  { fileBytes, availableKb }: { readonly fileBytes: number; readonly availableKb: number },
): FillPlan {
  const units = Math.max(1, Math.floor(fileBytes / UNIT));
  const small = availableKb < SMALL_KB;
  const sizes = small ? [64, 16] : [256, 64, 16];
  const unitsPerChunk = sizes.find((count) => units % count === 0) ?? 1;
  const chunksPerFile = units / unitsPerChunk;
  return {
    seed: randomBytes(32).toString('hex'),
    word,
    directory: `${directory}/sarachi-fill-${word}-${randomBytes(4).toString('hex')}`,
    unitsPerChunk,
    chunksPerFile,
    spacerUnits: Math.max(1, Math.floor(unitsPerChunk * spacerPart(availableKb))),
  };
}

/** Below 4 GiB, what the file system keeps back is a larger part of all, and small chunks find it better. */
const SMALL_KB = 4 * 1024 * 1024;

/**
 * Size of a spacer as a part of its chunk. Together they must outweigh what is held back: at most 2 % twice, and
 * some megabytes for each processor, which on a small storage is much. Measured on ext4.
 */
function spacerPart(availableKb: number): number {
  if (availableKb < 192 * 1024) return 3 / 8;
  if (availableKb < 384 * 1024) return 1 / 4;
  return availableKb < SMALL_KB ? 1 / 8 : 1 / 16;
}

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
      block: '1 MiB of AES-256-CTR key stream, key = seed, initial counter block = 16 zero bytes',
      pattern: 'the block rotated left by 0, 256, 512 and 768 KiB: 4 MiB, repeated without end',
      chunk: 'number n is unitsPerChunk * 64 KiB of the pattern from offset (n mod 64) * 64 KiB',
      file: 'f.<i>: chunks from number i * chunksPerFile, chunksPerFile of them, then a 4096-byte footer',
      long: 'g.<i>: chunks from number 32, at most 1 GiB, no footer',
      footer: '"SARACHI <word> <file>" padded with spaces to 4095 bytes, then a line feed',
      crumbs: 'h.<i>: 48 KiB of the pattern from offset (i mod 44) * 48 KiB',
      partial: 'a file that ends early is the beginning of its stream; pp is the pattern itself',
      spacers:
        's.<i>: written between the files, deleted when the storage is full; g.* takes their room in pieces that may end early',
    },
  };
}

/** The plan of the last `overwrite-planned` fact; null where there is none that can be read. */
export function recordedPlan(fact: Evidence | null): FillPlan | null {
  const plan = fact?.value['plan'];
  return typeof plan === 'object' && plan !== null ? (plan as unknown as FillPlan) : null;
}
