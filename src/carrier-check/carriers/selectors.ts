import { load } from 'cheerio';
import { z } from 'zod';

const EMPTY_PAGE = load('');

/** A CSS selector that the HTML parser understands. */
export const selector = z.string().min(1).max(200).refine(isSelector, 'is not a CSS selector');

/** A row of a list or table whose heading names the result. */
export const rowSelectors = z.strictObject({
  row: selector,
  heading: selector,
  headingText: z.string().min(1).max(40),
  value: selector,
});

/** The one element that matches. */
export const elementSelector = z.strictObject({ element: selector });

function isSelector(text: string): boolean {
  if (text.trimStart().startsWith('<')) return false;
  try {
    EMPTY_PAGE(text);
    return true;
  } catch {
    // The parser throws a plain Error on anything that it cannot read; that is all there is to know.
    return false;
  }
}
