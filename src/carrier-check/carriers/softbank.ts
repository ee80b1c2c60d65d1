import { readHtmlResult } from '../parse/html-result.js';
import { type ElementRules, locateOnly } from '../parse/locate.js';
import type { CarrierPage, PageReading, PageRules } from '../parse/page.js';

export const SOFTBANK_PARSER = 'softbank-html/1';

/** Reads the result page of SoftBank, Y!mobile and LINEMO: one large piece of text has the mark. */
export function parseSoftbank(
  page: CarrierPage,
  imei: string,
  rules: PageRules & { readonly result: ElementRules },
): PageReading {
  return readHtmlResult(page, imei, rules, ($) => locateOnly($, rules.result.element));
}
