import { readHtmlResult } from '../parse/html-result.js';
import { locateRow, type RowRules } from '../parse/locate.js';
import type { CarrierPage, PageReading, PageRules } from '../parse/page.js';

export const MINEO_PARSER = 'mineo-html/1';

/** Reads the mineo result page: of a table, the cell beside the heading that names the state. */
export function parseMineo(
  page: CarrierPage,
  imei: string,
  rules: PageRules & { readonly result: RowRules },
): PageReading {
  return readHtmlResult(page, imei, rules, ($) => locateRow($, rules.result));
}
