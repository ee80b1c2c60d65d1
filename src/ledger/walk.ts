import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerEntry } from './entry.js';
import { CHAIN_START, type ChainEnd, linkFault, readEntryLine } from './entry-line.js';

const SEGMENT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}\.jsonl$/;
const NEWLINE = 0x0a;

/** Names of the segments of a ledger folder, oldest first. */
export async function listSegments(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => SEGMENT.test(name)).sort();
}

interface RawLine {
  readonly bytes: Buffer;
  /** Byte offset in the file. */
  readonly start: number;
  /** False for bytes after the last newline. */
  readonly ended: boolean;
}

async function* rawLines(file: string): AsyncGenerator<RawLine> {
  let rest = Buffer.alloc(0);
  let start = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield { bytes: bytes.subarray(from, to), start: start + from, ended: true };
      from = to + 1;
    }
    start += from;
    rest = Buffer.from(bytes.subarray(from));
  }
  if (rest.length > 0) yield { bytes: rest, start, ended: false };
}

/** One line of the ledger as it was found. */
export interface WalkStep {
  readonly segment: string;
  /** Line number in its segment, from 1. */
  readonly line: number;
  /** Null where the line cannot be read. */
  readonly entry: LedgerEntry | null;
  readonly fault: string | null;
  /** Set where the last segment ends in the middle of a line: what a crash leaves. */
  readonly torn: { readonly start: number; readonly bytes: Buffer } | null;
}

/**
 * Reads a whole ledger in order and checks each line against itself and against the line before. After a fault it goes
 * on from what the faulty line says of itself, so that one fault is told once.
 */
export async function* walkLedger(dir: string): AsyncGenerator<WalkStep> {
  const segments = await listSegments(dir);
  let end: ChainEnd | null = CHAIN_START;
  for (const segment of segments) {
    let line = 0;
    for await (const raw of rawLines(join(dir, segment))) {
      line += 1;
      if (!raw.ended && segment === segments.at(-1)) {
        const torn = { start: raw.start, bytes: raw.bytes };
        yield { segment, line, entry: null, fault: 'is cut off before its end', torn };
        continue;
      }
      const read = raw.ended
        ? readEntryLine(raw.bytes)
        : { entry: null, fault: 'is cut off before its end' };
      const fault: string | null =
        read.fault ?? (end && read.entry ? linkFault(end, read.entry, segment) : null);
      yield { segment, line, entry: read.entry, fault, torn: null };
      end = read.entry;
    }
  }
}
