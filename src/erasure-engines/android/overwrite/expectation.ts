import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { SarachiError } from '../../../errors.js';
import {
  bodyBytes,
  type FillPlan,
  FOOTER_BYTES,
  LONG_FILE_CHUNK,
  PERIOD_UNITS,
  patternFileBytes,
  UNIT,
} from './plan.js';

const BLOCK_BYTES = 512 * 1024;
const TURNS = [0, 1, 2, 3, 4, 5, 6, 7];

/** The 512 KiB that are pushed to the handset. */
export function seedBlock(seed: string): Buffer {
  const cipher = createCipheriv('aes-256-ctr', Buffer.from(seed, 'hex'), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(BLOCK_BYTES));
}

/** The 4 MiB period: the block rotated left by 0 to 7 units. */
export function pattern(seed: string): Buffer {
  const block = seedBlock(seed);
  const turns = TURNS.flatMap((turn) => [
    block.subarray(turn * UNIT),
    block.subarray(0, turn * UNIT),
  ]);
  return Buffer.concat(turns);
}

export function footer(plan: FillPlan, name: string): Buffer {
  return Buffer.from(`${`SARACHI ${plan.word} ${name}`.padEnd(FOOTER_BYTES - 1)}\n`, 'latin1');
}

export interface Expectation {
  /** SHA-256, hex, of the first `size` bytes of the file of that name. Rejects with `internal` for a foreign name. */
  hashOf(name: string, size: number, signal: AbortSignal): Promise<string>;
}

/**
 * What the handset must read back. The bodies of files that start at the same place of the pattern are the same, so
 * each is hashed once and the state copied; memory stays at one period.
 */
export function createExpectation(plan: FillPlan): Expectation {
  const period = pattern(plan.seed);
  const bodies = new Map<number, Promise<Hash>>();
  const beginnings = new Map<string, Promise<string>>();
  const body = bodyBytes(plan);

  async function hashOf(name: string, size: number, signal: AbortSignal): Promise<string> {
    if (name === 'pp')
      return await hashPattern(0, { upTo: Math.min(size, patternFileBytes(plan)), signal });
    const first = firstChunk(plan, name);
    if (size < body || name.startsWith('g')) return await beginning(first, size, signal);
    const phase = first % PERIOD_UNITS;
    let whole = bodies.get(phase);
    if (!whole) {
      whole = wholeBody(first, signal);
      bodies.set(phase, whole);
      whole.catch(() => bodies.delete(phase));
    }
    return (await whole)
      .copy()
      .update(footer(plan, name).subarray(0, size - body))
      .digest('hex');
  }

  /** Shortened files have one size and few first chunks, so there are few different beginnings. */
  function beginning(first: number, size: number, signal: AbortSignal): Promise<string> {
    const key = `${first % PERIOD_UNITS}:${size}`;
    const known = beginnings.get(key);
    if (known !== undefined) return known;
    const made = hashBeginning(first, size, signal);
    beginnings.set(key, made);
    made.catch(() => beginnings.delete(key));
    return made;
  }

  async function hashBeginning(first: number, size: number, signal: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    await hashBody(hash, first, { upTo: size, signal });
    return hash.digest('hex');
  }

  async function wholeBody(first: number, signal: AbortSignal): Promise<Hash> {
    const hash = createHash('sha256');
    await hashBody(hash, first, { upTo: body, signal });
    return hash;
  }

  async function hashPattern(offset: number, reach: Reach): Promise<string> {
    const hash = createHash('sha256');
    await hashFrom(hash, offset, reach);
    return hash.digest('hex');
  }

  async function hashBody(hash: Hash, first: number, { upTo, signal }: Reach): Promise<void> {
    const chunkBytes = plan.unitsPerChunk * UNIT;
    for (let done = 0, chunk = first; done < upTo; done += chunkBytes, chunk += 1) {
      const piece = Math.min(chunkBytes, upTo - done);
      await hashFrom(hash, (chunk % PERIOD_UNITS) * UNIT, { upTo: piece, signal });
    }
  }

  /** Feeds `upTo` bytes of the endless pattern from `offset`, and lets others run in between. */
  async function hashFrom(hash: Hash, offset: number, { upTo, signal }: Reach): Promise<void> {
    for (let done = 0; done < upTo; ) {
      const at = (offset + done) % period.length;
      const piece = period.subarray(at, Math.min(period.length, at + upTo - done));
      hash.update(piece);
      done += piece.length;
      await breathe(undefined, { signal });
    }
  }

  return { hashOf };
}

interface Reach {
  readonly upTo: number;
  readonly signal: AbortSignal;
}

function firstChunk(plan: FillPlan, name: string): number {
  const [, series, index] = /^([fg])\.(\d{1,7})$/.exec(name) ?? [];
  if (index === undefined) throw new SarachiError('internal', { tag: 'fill-file-name' });
  return series === 'g' ? LONG_FILE_CHUNK : Number(index) * plan.chunksPerFile;
}
