import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { LedgerEntry, NewEntry } from '../../../src/ledger/entry.js';
import { Ledger } from '../../../src/ledger/ledger.js';

export const DAY = 86_400_000;
/** 2026-11-20T23:59:00Z. */
export const START = Date.UTC(2026, 10, 20, 23, 59);

export async function freshFolder(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sarachi-ledger-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export function note(number: number, run: string | null = 'run-1'): NewEntry {
  return { type: 'stage-started', run, port: 'P01', body: { number, text: '更地 "x"\n' } };
}

/** A clock that goes on by `step` milliseconds at each look. */
export function tickingClock(step = 20_000): () => number {
  let now = START - step;
  return () => {
    now += step;
    return now;
  };
}

/** Writes `count` entries, 20 s apart, over midnight UTC, and closes. */
export async function writeLedger(dir: string, count: number): Promise<void> {
  const ledger = await Ledger.open(dir, { clock: tickingClock() });
  for (let number = 1; number <= count; number += 1) await ledger.append(note(number));
  await ledger.close();
}

export async function readEntries(ledger: Ledger): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of ledger.entries()) entries.push(entry);
  return entries;
}

export async function segmentLines(dir: string): Promise<{ segment: string; lines: string[] }[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.jsonl')).sort();
  return Promise.all(
    names.map(async (segment) => ({
      segment,
      lines: (await readFile(join(dir, segment), 'utf8')).split('\n').slice(0, -1),
    })),
  );
}
