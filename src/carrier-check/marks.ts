/** The carriers whose restriction pages are asked. */
export const CARRIERS = ['docomo', 'kddi', 'softbank', 'rakuten', 'mineo'] as const;
export type Carrier = (typeof CARRIERS)[number];

/** ○ circle, △ triangle, × cross, － dash; unknown is what a person or a page could not tell. */
export const MARKS = ['circle', 'triangle', 'cross', 'dash', 'unknown'] as const;
export type Mark = (typeof MARKS)[number];

/** A mark that a carrier can print. */
export const PRINTED_MARKS = ['circle', 'triangle', 'cross', 'dash'] as const;
export type PrintedMark = (typeof PRINTED_MARKS)[number];

/** One way to print a mark. */
export interface GlyphRule {
  /** One code point, without variation selector. */
  readonly glyph: string;
  readonly mark: PrintedMark;
  /** True for what is also a letter or a hyphen: ー stands in half of all katakana words. */
  readonly alone: boolean;
}

/** The mark that a text begins with, and why there is none. */
export interface MarkReading {
  readonly mark: Mark;
  /** As printed, with its variation selectors. */
  readonly rawGlyph: string | null;
  readonly why: string | null;
}

const VARIATION_SELECTORS = /[\uFE0E\uFE0F]/g;

/**
 * Reads the mark that the text of a result element begins with; the text of each node stands on its own line. A mark
 * is followed by white space or by nothing. An `alone` glyph must have its line to itself. A text that holds another
 * mark as well is a legend, whatever it begins with. Everything else is unknown: nothing is guessed.
 */
export function readMark(text: string, glyphs: readonly GlyphRule[]): MarkReading {
  const trimmed = text.trim();
  const rawGlyph = /^.[\uFE0E\uFE0F]*/u.exec(trimmed)?.[0] ?? null;
  const bare = trimmed.replace(VARIATION_SELECTORS, '');
  const [first = ''] = bare;
  const rest = bare.slice(first.length);
  const rule = glyphs.find(({ glyph }) => glyph === first);
  const unknown = (why: string): MarkReading => ({ mark: 'unknown', rawGlyph, why });
  if (first === '') return unknown('the result is empty');
  if (!rule) return unknown('the result does not begin with a known mark');
  if (!(rule.alone ? /^(\n|$)/ : /^(\s|$)/).test(rest)) {
    return unknown('the mark is part of a word');
  }
  const other = otherMark(rest, rule.mark, glyphs);
  if (other) return unknown(`the result holds ${rule.mark} and ${other}`);
  return { mark: rule.mark, rawGlyph, why: null };
}

/** ○ △ × are no part of any sentence; dashes and X are, so these count only as a word of their own. */
function otherMark(
  rest: string,
  mark: PrintedMark,
  glyphs: readonly GlyphRule[],
): PrintedMark | null {
  const words = new Set(rest.split(/\s+/));
  const found = glyphs.find((rule) => {
    if (rule.mark === mark) return false;
    return rule.alone || rule.mark === 'dash' ? words.has(rule.glyph) : rest.includes(rule.glyph);
  });
  return found?.mark ?? null;
}
