import type { CheerioAPI } from 'cheerio';
import { elementsOf } from './element-text.js';
import type { Located } from './html-result.js';

/** A row of a list or table whose heading names the result. */
export interface RowRules {
  readonly row: string;
  readonly heading: string;
  readonly headingText: string;
  readonly value: string;
}

/** A selector that only the result matches. */
export interface ElementRules {
  readonly element: string;
}

/** The only element of a selector; two of them are one too many to tell which is the result. */
export function locateOnly($: CheerioAPI, selector: string): Located {
  const found = elementsOf($, selector);
  const [only] = found;
  if (found.length === 1 && only) return { element: $(only) };
  return { element: null, why: `${found.length} elements match ${selector} instead of 1` };
}

/** The only value of the only row whose heading holds the text. */
export function locateRow($: CheerioAPI, rules: RowRules): Located {
  const rows = elementsOf($, rules.row).filter((row) =>
    $(row)
      .find(rules.heading)
      .toArray()
      .some((heading) => $(heading).text().includes(rules.headingText)),
  );
  const [row] = rows;
  if (!row || rows.length > 1) {
    return { element: null, why: `${rows.length} rows are headed ${rules.headingText}` };
  }
  const headings = $(row).find(rules.heading);
  const values = $(row).find(rules.value);
  const [value] = values.toArray();
  if (!value || values.length > 1 || headings.length > 1) {
    return {
      element: null,
      why: `the row has ${headings.length} headings and ${values.length} values`,
    };
  }
  return { element: $(value) };
}
