import { type Cheerio, type CheerioAPI, load } from 'cheerio';
import { cleanField } from '../../text.js';
import { PRINTED_MARKS, readMark } from '../marks.js';
import { decodePage } from './decode-page.js';
import { dropUnseen, excerptOf, nodeLines, type PageElement, pageExcerpt } from './element-text.js';
import {
  type CarrierPage,
  MAX_EXCERPT,
  MAX_RAW_TEXT,
  noMark,
  type PageReading,
  type PageRules,
} from './page.js';
import { captchaReading, statusReading, wordsReading } from './trouble.js';

/** The one element that holds the result, or why it cannot be told which one that is. */
export type Located =
  | { readonly element: Cheerio<PageElement> }
  | { readonly element: null; readonly why: string };

/** Finds the result of `imei` in a page. */
export type Locate = ($: CheerioAPI, imei: string) => Located;

/**
 * Reads one result page. A challenge is looked for first, then what the status says, then the result element; only a
 * page without it may still be maintenance or a rate limit. Whatever does not fit is `parser-drift`.
 */
export function readHtmlResult(
  page: CarrierPage,
  imei: string,
  rules: PageRules,
  locate: Locate,
): PageReading {
  const html = decodePage(page, rules.charset);
  if (html === null) {
    const excerpt = cleanField(page.contentType ?? '', MAX_EXCERPT) ?? '';
    return (
      statusReading(page.status, '', rules.trouble) ??
      noMark('parser-drift', 'the charset of the page is not known', { excerpt })
    );
  }
  const $ = load(html);
  dropUnseen($);
  const excerpt = pageExcerpt($);
  const trouble =
    captchaReading(html, excerpt, rules.trouble) ??
    statusReading(page.status, excerpt, rules.trouble);
  if (trouble) return trouble;
  if (
    page.contentType !== null &&
    !/^(text\/html|application\/xhtml\+xml)\b/i.test(page.contentType)
  ) {
    return noMark('parser-drift', 'the reply is not a page', { excerpt });
  }
  const located = locate($, imei);
  if (located.element) return readElement($, located.element, rules);
  return (
    wordsReading(nodeLines($.root()), excerpt, rules.trouble) ??
    noMark('parser-drift', located.why, { excerpt })
  );
}

function readElement($: CheerioAPI, element: Cheerio<PageElement>, rules: PageRules): PageReading {
  const text = nodeLines(element);
  const excerpt = excerptOf($, element);
  const rawText = cleanField(text, MAX_RAW_TEXT);
  const { mark, rawGlyph, why } = readMark(text, rules.glyphs);
  const drift = (reason: string) => noMark('parser-drift', reason, { excerpt, rawText });
  if (mark === 'unknown') return { ...drift(why ?? ''), rawGlyph };
  if (text.includes('\uFFFD')) return drift('the result holds bytes that are no characters');
  if (standsAmongMarks($, element, rules)) return drift('the result stands in a list of marks');
  const sentence = sentenceMarks(text, rules);
  if (sentence.some((said) => said !== mark)) {
    return drift(`the mark says ${mark}, the sentence ${sentence.join(' and ')}`);
  }
  return { outcome: 'ok', mark, rawGlyph, rawText, excerpt, why: null };
}

/** A legend shows each mark in an element of its own, side by side; a result has no other marks beside it. */
function standsAmongMarks($: CheerioAPI, element: Cheerio<PageElement>, rules: PageRules): boolean {
  return element
    .siblings()
    .toArray()
    .some((sibling) => readMark(nodeLines($(sibling)), rules.glyphs).mark !== 'unknown');
}

function sentenceMarks(text: string, rules: PageRules): string[] {
  const said = squeeze(text);
  return PRINTED_MARKS.filter((mark) =>
    (rules.sentences[mark] ?? []).some((sentence) => said.includes(squeeze(sentence))),
  );
}

/** Text without width and white space, so that a line break inside a sentence does not hide it. */
function squeeze(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, '');
}
