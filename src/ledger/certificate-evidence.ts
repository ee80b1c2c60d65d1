import type { Evidence, EvidenceKind, Json, JsonObject } from '../evidence.js';
import type { Platform } from '../handset.js';
import type { Seen } from './certificate-reset.js';
import type { Proved } from './certificate-schema.js';
import { PROOF_WORDS, proofWords } from './evidence-words.js';

/** Places of every fact of one kind in the list of evidence. */
export function placesOf(
  evidence: readonly Pick<Seen, 'kind'>[],
  ...kinds: EvidenceKind[]
): number[] {
  const wanted: readonly string[] = kinds;
  return evidence.flatMap(({ kind }, place) => (wanted.includes(kind) ? [place] : []));
}

/** Whether the last look at a fact showed it. What held once and did not hold later, does not hold. */
export function holds(
  evidence: readonly Pick<Seen, 'kind' | 'holds'>[],
  kind: EvidenceKind,
): boolean {
  return evidence.findLast((fact) => fact.kind === kind)?.holds === true;
}

/** The kinds among the evidence whose last observation did not hold, in order of appearance. */
export function contradicted(evidence: readonly Evidence[]): EvidenceKind[] {
  const kinds = new Set(evidence.map(({ kind }) => kind));
  return [...kinds].filter((kind) => PROOF_WORDS[kind] && !holds(evidence, kind));
}

/** One statement for each kind of fact that was observed and holds, in order of the first observation. */
export function provedItems(evidence: readonly Evidence[], platform: Platform): Proved[] {
  return [...new Set(evidence.map(({ kind }) => kind))].flatMap((kind) => {
    const words = proofWords(kind, platform);
    if (!words || !holds(evidence, kind)) return [];
    const places = placesOf(evidence, kind).filter((place) => evidence[place]?.holds);
    const stage = evidence[places[0] ?? 0]?.stage ?? 'verify';
    return [{ id: kind, ...words, stage, evidence: places.flatMap((at) => refer(evidence, at)) }];
  });
}

function refer(evidence: readonly Evidence[], index: number): Proved['evidence'] {
  const fact = evidence[index];
  if (!fact) return [];
  return [{ index, kind: fact.kind, method: fact.method, at: fact.at, value: fact.value }];
}

/** What people stated under this name, oldest first: from confirmations and from their acts at the port. */
export function statedBy(evidence: readonly Seen[], name: string): Stated[] {
  return placesOf(evidence, 'person-confirmed').flatMap((place) => {
    const fact = evidence[place];
    const said = fact?.holds ? fact.value[name] : undefined;
    return typeof said === 'string' && fact ? [{ said, at: fact.at, place }] : [];
  });
}

export interface Stated {
  readonly said: string;
  readonly at: string;
  readonly place: number;
}

export interface ByteRange {
  readonly what: string;
  readonly start: number | null;
  readonly bytes: number;
}

/**
 * Byte counts that a fact names: members whose name ends in `bytes`, at any depth, and objects with `bytes` and, where
 * it is known, `start`.
 */
export function rangesIn(value: JsonObject, path = ''): ByteRange[] {
  const { start, bytes, what } = value;
  return Object.entries(value).flatMap(([name, member]) => {
    const where = path ? `${path}.${name}` : name;
    if (!isCount(member)) return membersOf(member).flatMap((child) => rangesIn(child, where));
    if (name !== 'bytes') {
      return /bytes$/i.test(name) ? [{ what: where, start: null, bytes: member }] : [];
    }
    const named = typeof what === 'string' ? what : path || name;
    return isCount(bytes) ? [{ what: named, start: isCount(start) ? start : null, bytes }] : [];
  });
}

function membersOf(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => membersOf(item));
  return typeof value === 'object' && value !== null ? [value as JsonObject] : [];
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
