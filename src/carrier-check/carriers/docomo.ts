import type { CheerioAPI } from 'cheerio';
import { z } from 'zod';
import { elementsOf } from '../parse/element-text.js';
import { type Located, readHtmlResult } from '../parse/html-result.js';
import type { CarrierPage, PageReading, PageRules } from '../parse/page.js';
import { selector } from './selectors.js';

export const DOCOMO_PARSER = 'docomo-html/1';

/** Panels of equal looks, told apart by their place; one repeats the number, one has the mark. */
export const docomoResult = z.strictObject({
  panels: selector,
  count: z.int().min(1).max(20),
  index: z.int().min(0).max(19),
  echo: z.int().min(0).max(19).nullable(),
});
export type DocomoResult = z.infer<typeof docomoResult>;

/** Reads the docomo result page; another number of panels than `count` is a page that nobody has seen yet. */
export function parseDocomo(
  page: CarrierPage,
  imei: string,
  rules: PageRules & { readonly result: DocomoResult },
): PageReading {
  return readHtmlResult(page, imei, rules, ($) => locatePanel($, imei, rules.result));
}

function locatePanel($: CheerioAPI, imei: string, rules: DocomoResult): Located {
  const panels = elementsOf($, rules.panels);
  const panel = panels[rules.index];
  if (!panel || panels.length !== rules.count) {
    return { element: null, why: `${panels.length} result panels instead of ${rules.count}` };
  }
  const echo = rules.echo === null ? undefined : panels[rules.echo];
  const shown = /(?<![0-9])[0-9]{15}(?![0-9])/.exec(echo ? $(echo).text() : '')?.[0];
  if (shown !== undefined && shown !== imei) {
    return { element: null, why: 'the page is about another IMEI' };
  }
  return { element: $(panel) };
}
