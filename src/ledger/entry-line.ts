import { canonicalJson } from './canonical-json.js';
import { ENTRY_TYPES, type LedgerEntry, type NewEntry } from './entry.js';
import { sha256Hex } from './sha256.js';

/** Where a chain stands: the place of its last line. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
  /** ISO time of the last line; empty before the first. */
  readonly at: string;
}

export const CHAIN_START: ChainEnd = { seq: 0, hash: '0'.repeat(64), at: '' };

const HASH = /^[0-9a-f]{64}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;
const KEYS = 'at,body,hash,port,prev,run,seq,type';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Gives an entry its place, time and hash. A clock that ran backwards does not: time never falls along the chain. */
export function sealEntry(
  entry: NewEntry,
  end: ChainEnd,
  now: number,
): { readonly entry: LedgerEntry; readonly line: string } {
  const time = end.at === '' ? now : Math.max(now, Date.parse(end.at));
  const unsealed = {
    seq: end.seq + 1,
    at: new Date(time).toISOString(),
    type: entry.type,
    run: entry.run,
    port: entry.port,
    body: entry.body,
    prev: end.hash,
  };
  const line = canonicalJson({ ...unsealed, hash: sha256Hex(canonicalJson(unsealed)) });
  // Read back from the text, so that a body that the caller changes later is not in it.
  return { entry: JSON.parse(line) as LedgerEntry, line };
}

/** The segment that holds an entry: one file for each UTC day. */
export function segmentOf(at: string): string {
  return `${at.slice(0, 10)}.jsonl`;
}

export type ReadLine =
  | { readonly entry: LedgerEntry; readonly fault: string | null }
  | { readonly entry: null; readonly fault: string };

/** Reads one line as written by `sealEntry`. A line that can be read but does not hold comes with both. */
export function readEntryLine(bytes: Uint8Array): ReadLine {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return { entry: null, fault: 'is not JSON in UTF-8' };
  }
  if (!isEntry(value)) return { entry: null, fault: 'is not a ledger entry' };
  const { hash, ...unsealed } = value;
  try {
    if (canonicalJson(value) !== text) return { entry: value, fault: 'is not canonical JSON' };
    if (sha256Hex(canonicalJson(unsealed)) !== hash) {
      return { entry: value, fault: 'does not match its hash' };
    }
  } catch {
    return { entry: null, fault: 'has no canonical form' };
  }
  return { entry: value, fault: null };
}

/** Whether `entry` may follow `end` in `segment`: the fault in words, or null. */
export function linkFault(end: ChainEnd, entry: LedgerEntry, segment: string): string | null {
  const next = end.seq + 1;
  if (entry.seq > next) return `follows a gap: entries ${next} to ${entry.seq - 1} are missing`;
  if (entry.seq < next) return `has seq ${entry.seq} where ${next} must follow`;
  if (entry.prev !== end.hash) return 'does not follow the line before it (prev)';
  if (entry.at < end.at) return `is older (${entry.at}) than the line before it (${end.at})`;
  if (segmentOf(entry.at) !== segment) return `is of another day (${entry.at})`;
  return null;
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (Object.keys(value).sort().join() !== KEYS) return false;
  const { at, body, hash, port, prev, run, seq, type } = value as Record<string, unknown>;
  return (
    isTime(at) &&
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    isHash(hash) &&
    isHash(prev) &&
    isNameOrNull(port) &&
    isNameOrNull(run) &&
    Number.isSafeInteger(seq) &&
    (ENTRY_TYPES as readonly unknown[]).includes(type)
  );
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && TIME.test(value);
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && HASH.test(value);
}

function isNameOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
