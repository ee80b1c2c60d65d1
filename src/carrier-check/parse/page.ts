import type { LookUpOutcome } from '../answer.js';
import type { GlyphRule, Mark } from '../marks.js';

/** One page as it came over the wire. */
export interface CarrierPage {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Buffer;
  readonly url: string;
}

/** What one page says about one handset. */
export interface PageReading {
  readonly outcome: LookUpOutcome;
  /** `unknown` unless outcome is `ok`. */
  readonly mark: Mark;
  readonly rawGlyph: string | null;
  /** What was printed beside the mark; at most 200 characters. */
  readonly rawText: string | null;
  /** The part of the page that was read; at most 500 characters. */
  readonly excerpt: string;
  /** Why it is not `ok`. */
  readonly why: string | null;
}

/** What a page that is no answer says; captcha signs are looked for in the HTML, the others in the visible text. */
export interface TroubleSigns {
  readonly captcha: readonly string[];
  readonly rateLimited: readonly string[];
  readonly maintenance: readonly string[];
}

/** What all pages of one carrier are read by. */
export interface PageRules {
  /** Used where neither the reply nor the page says how it is encoded. */
  readonly charset: string;
  readonly glyphs: readonly GlyphRule[];
  readonly trouble: TroubleSigns;
  /** Sentences that belong to one mark only; one that contradicts the glyph makes the page unreadable. */
  readonly sentences: Readonly<Partial<Record<Mark, readonly string[] | undefined>>>;
}

export const MAX_RAW_TEXT = 200;
export const MAX_EXCERPT = 500;

/** A reading that has no mark. */
export function noMark(
  outcome: Exclude<LookUpOutcome, 'ok'>,
  why: string,
  seen: { readonly excerpt: string; readonly rawText?: string | null },
): PageReading {
  const { excerpt, rawText = null } = seen;
  return { outcome, mark: 'unknown', rawGlyph: null, rawText, excerpt, why };
}
