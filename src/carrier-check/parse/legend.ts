import type { Cheerio, CheerioAPI } from 'cheerio';
import { type GlyphRule, type Mark, readMark } from '../marks.js';
import { elementsOf, type PageElement } from './element-text.js';

const LISTS = 'table, ul, ol, dl';

/**
 * Why what was taken for the result may be a line of the legend, or null. A result has no other mark beside it or in
 * its list. And where a page explains the marks, a circle stands there as often as any other: one that is missing
 * there is the one that stands in the place of the result.
 */
export function legendFault(
  $: CheerioAPI,
  result: Cheerio<PageElement>,
  mark: Mark,
  glyphs: readonly GlyphRule[],
): string | null {
  const own = new Set<PageElement>([...result.toArray(), ...result.find('*').toArray()]);
  const others = elementsOf($, 'body *').filter((element) => !own.has(element));
  const printed = others.flatMap((element) => {
    const { mark: found, rawGlyph } = readMark(ownText(element), glyphs);
    return found === 'unknown' ? [] : [{ element, mark: found, glyph: rawGlyph ?? '' }];
  });
  const beside = (element: PageElement) =>
    $(element).parent().is(result.parent()) ||
    (result.closest(LISTS).length > 0 && $(element).closest(LISTS).is(result.closest(LISTS)));
  if (printed.some((other) => other.mark !== mark && beside(other.element))) {
    return 'the result stands in a list of marks';
  }
  if (mark !== 'circle') return null;
  const circles = printed.filter((other) => other.mark === 'circle').length;
  const counts = new Map<string, number>();
  for (const { glyph } of printed) counts.set(glyph, (counts.get(glyph) ?? 0) + 1);
  return [...counts.values()].some((count) => count > circles)
    ? 'the legend misses the circle that stands as the result'
    : null;
}

/** The text that stands in an element itself, not in those inside it. */
function ownText(element: PageElement): string {
  return element.children
    .map((child) => (child.type === 'text' ? child.data.replace(/\s+/gu, ' ').trim() : ''))
    .filter((line) => line !== '')
    .join('\n');
}
