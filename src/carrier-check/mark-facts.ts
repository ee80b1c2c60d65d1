import type { Evidence, Json, JsonObject } from '../evidence.js';
import type { CarrierAnswer } from './answer.js';
import { LOOK_UP_OUTCOMES } from './answer.js';
import { unknownAnswer } from './broker/unknown-answer.js';
import type { KnownMark } from './decide-restriction.js';
import { CARRIERS, type Carrier, MARKS, type Mark } from './marks.js';

/** One number of a handset. */
export interface Slot {
  /** From 1. */
  readonly slot: number;
  /** 15 digits. */
  readonly imei: string;
}

/** What is known of an answer besides the answer. */
export interface AnswerNotes {
  readonly slot: number;
  /** It was known before it was asked for. */
  readonly cached: boolean;
  /** Why nobody said anything, such as `captcha-parked` or `no-answer`; null for what a carrier or person said. */
  readonly held: string | null;
  /** Who said so, where a person did. */
  readonly by: string | null;
}

const GLYPHS: Readonly<Record<Mark, string>> = {
  circle: '○',
  triangle: '△',
  cross: '×',
  dash: '－',
  unknown: '?',
};

/** An answer as a fact for the ledger. It holds where a mark was said, whatever that says about the handset. */
export function markFact(
  answer: CarrierAnswer,
  notes: AnswerNotes,
): { method: string; holds: boolean; value: JsonObject } {
  const { evidence, ...said } = answer;
  const how = [said.source, ...(evidence ? [evidence.parser] : [])].join(' ');
  return {
    method: said.source === 'manual' ? 'stated at the port' : `asked by ${how}`,
    holds: said.outcome === 'ok',
    value: {
      ...said,
      glyph: shownGlyph(said),
      sha256: evidence?.sha256 ?? null,
      excerpt: evidence?.excerpt ?? null,
      parser: evidence?.parser ?? null,
      ...notes,
    },
  };
}

/** As printed where a person would know it for the mark: ▲, but no number of a partner's interface. */
function shownGlyph({ mark, rawGlyph }: Pick<CarrierAnswer, 'mark' | 'rawGlyph'>): string {
  const printed = /^[^\s\p{L}\p{N}][\uFE0E\uFE0F]?$/u.test(rawGlyph ?? '');
  return mark !== 'unknown' && printed && rawGlyph !== null ? rawGlyph : GLYPHS[mark];
}

/** The newest mark of each carrier for each number. A mark that nobody can read any more is unknown. */
export function knownMarks(evidence: readonly Evidence[]): KnownMark[] {
  const newest = new Map<string, KnownMark>();
  for (const { kind, value } of evidence) {
    if (kind !== 'carrier-mark') continue;
    const carrier = CARRIERS.find((one) => one === value['carrier']);
    if (!carrier) continue;
    const slot = typeof value['slot'] === 'number' ? value['slot'] : 1;
    newest.set(`${carrier} ${slot}`, {
      ...{ carrier, slot },
      mark: MARKS.find((one) => one === value['mark']) ?? 'unknown',
      outcome: LOOK_UP_OUTCOMES.find((one) => one === value['outcome']) ?? 'ok',
      scope: scopeOf(value['scope']),
      stated: value['source'] === 'manual',
    });
  }
  return [...newest.values()];
}

/** Whether the run has a mark of this carrier for this number, whatever it says. */
export function isRecorded(evidence: readonly Evidence[], carrier: Carrier, slot: number): boolean {
  return knownMarks(evidence).some((known) => known.carrier === carrier && known.slot === slot);
}

export interface Statement {
  readonly mark: Mark;
  readonly by: string | null;
  /** ISO time. */
  readonly at: string;
}

/** The marks that a person stated at the port, the newest of each carrier. */
export function statedMarks(evidence: readonly Evidence[]): Map<Carrier, Statement> {
  const marks = new Map<Carrier, Statement>();
  for (const { kind, value, at } of evidence) {
    const stated = kind === 'person-confirmed' ? value['marks'] : null;
    if (typeof stated !== 'object' || stated === null || Array.isArray(stated)) continue;
    const by = typeof value['by'] === 'string' ? value['by'] : null;
    for (const [name, said] of Object.entries(stated as Record<string, Json>)) {
      const carrier = CARRIERS.find((one) => one === name);
      const mark = MARKS.find((one) => one === said);
      if (carrier && mark) marks.set(carrier, { mark, by, at });
    }
  }
  return marks;
}

/** What a person stated, as an answer of the carrier for one number. */
export function statedAnswer(carrier: Carrier, imei: string, said: Statement): CarrierAnswer {
  const nobody = { carrier, source: 'manual' } as const;
  const unknown = unknownAnswer(nobody, imei, 'skipped', Date.parse(said.at));
  if (said.mark === 'unknown') return unknown;
  return { ...unknown, mark: said.mark, outcome: 'ok', rawGlyph: GLYPHS[said.mark] };
}

function scopeOf(value: Json | undefined): CarrierAnswer['scope'] {
  return value === 'carrier' || value === 'all-carriers' ? value : 'unknown';
}
