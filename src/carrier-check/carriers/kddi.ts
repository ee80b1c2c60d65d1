import { readHtmlResult } from '../parse/html-result.js';
import { locateRow, type RowRules } from '../parse/locate.js';
import type { CarrierPage, PageReading, PageRules } from '../parse/page.js';

export const KDDI_PARSER = 'kddi-html/1';

/** Reads the result page of au and UQ mobile: of a list of headed items, the one whose heading names the state. */
export function parseKddi(
  page: CarrierPage,
  imei: string,
  rules: PageRules & { readonly result: RowRules },
): PageReading {
  return readHtmlResult(page, imei, rules, ($) => locateRow($, rules.result));
}
