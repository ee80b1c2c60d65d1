import { readHtmlResult } from '../parse/html-result.js';
import { type JsonRules, readJsonResult } from '../parse/json-result.js';
import { type ElementRules, locateOnly } from '../parse/locate.js';
import type { CarrierPage, PageReading, PageRules } from '../parse/page.js';

export const RAKUTEN_PARSER = 'rakuten-json/1';

/** Reads what Rakuten answers: the JSON behind the page, or the page as it looks after its script has run. */
export function parseRakuten(
  page: CarrierPage,
  imei: string,
  rules: PageRules & { readonly result: ElementRules; readonly json: JsonRules },
): PageReading {
  return /^text\/html\b/i.test(page.contentType ?? '')
    ? readHtmlResult(page, imei, rules, ($) => locateOnly($, rules.result.element))
    : readJsonResult(page, imei, rules.json, rules.trouble);
}
