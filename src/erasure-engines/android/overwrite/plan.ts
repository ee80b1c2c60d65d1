import { randomBytes } from 'node:crypto';
import type { Evidence, JsonObject } from '../../../evidence.js';

/** The unit in which the pattern is shifted and copied, in bytes. */
export const UNIT = 65_536;
/** The pattern repeats after this many units: 4 MiB. */
export const PERIOD_UNITS = 64;
/** The page at the end of each complete file that names it. */
export const FOOTER_BYTES = 4096;
/** Chunk number at which the second series begins, so that its first file is no copy of the first one's. */
export const SECOND_SERIES_CHUNK = 32;

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
  /** Each spacer is this many pieces of `spacerUnits`; about a sixteenth of a file. */
  readonly spacerPieces: number;
  readonly spacerUnits: number;
}

/**
 * A new plan. Chunks are large so that few processes are started, and the pattern with one period to spare is what a
 * chunk is cut from. Pure but for the seed.
 * @param fileBytes size of one fill file without its footer, a multiple of 1 MiB
 * @param directory an existing folder on the handset
 */
export function newFillPlan(word: string, directory: string, fileBytes: number): FillPlan {
  const units = Math.max(1, Math.floor(fileBytes / UNIT));
  const unitsPerChunk = [256, 64, 16].find((count) => units % count === 0) ?? 1;
  const chunksPerFile = units / unitsPerChunk;
  const sixteenth = Math.max(1, Math.floor(units / 16));
  const spacerUnits = Math.min(sixteenth, unitsPerChunk);
  return {
    seed: randomBytes(32).toString('hex'),
    word,
    directory: `${directory}/sarachi-fill-${word}-${randomBytes(4).toString('hex')}`,
    unitsPerChunk,
    chunksPerFile,
    spacerUnits,
    spacerPieces: Math.max(1, Math.floor(sixteenth / spacerUnits)),
  };
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
      file: 'f.<i>: chunks from number i * chunksPerFile; g.<i>: from 32 + i * chunksPerFile; then a 4096-byte footer',
      footer: '"SARACHI <word> <file>" padded with spaces to 4095 bytes, then a line feed',
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
