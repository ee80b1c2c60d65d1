import { type CheerioAPI, load } from 'cheerio';
import { decodePage } from './decode-page.js';
import type { PageNode } from './element-text.js';
import type { CarrierPage } from './page.js';

/** A page that could be opened, or why not. */
export type OpenedPage =
  | { readonly html: string; readonly $: CheerioAPI }
  | { readonly html: null; readonly why: string };

/** No page of a carrier comes near these; what is larger or deeper is built to exhaust its reader. */
const MAX_TAGS = 4000;
const MAX_DEPTH = 256;

/** Decodes and parses a page as a browser would (WHATWG HTML, parsing). */
export function openPage(page: CarrierPage, fallback: string): OpenedPage {
  const html = decodePage(page, fallback);
  if (html === null) return { html: null, why: 'the charset of the page is not known' };
  const tags = html.match(/<[a-z]/gi)?.length ?? 0;
  if (tags > MAX_TAGS) return { html: null, why: `the page has ${tags} tags` };
  const $ = load(html);
  return isDeeperThan(MAX_DEPTH, $)
    ? { html: null, why: 'the page is nested too deep' }
    : { html, $ };
}

function isDeeperThan(limit: number, $: CheerioAPI): boolean {
  let level: PageNode[] = $.root().toArray();
  for (let depth = 0; depth <= limit && level.length > 0; depth += 1) {
    level = level.flatMap((node) => ('children' in node ? node.children : []));
  }
  return level.length > 0;
}
