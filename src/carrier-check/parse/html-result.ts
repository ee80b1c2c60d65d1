import type { Cheerio, CheerioAPI } from 'cheerio';
import { cleanField } from '../../text.js';
import { PRINTED_MARKS, readMark } from '../marks.js';
import { dropUnseen, excerptOf, nodeLines, type PageElement, pageExcerpt } from './element-text.js';
import { legendFault } from './legend.js';
import { openPage } from './open-page.js';
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

/** Half a page may lack what would have contradicted its mark. */
const END_OF_PAGE = /<\/html\s*>/i;

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
  const opened = openPage(page, rules.charset);
  if (opened.html === null) {
    const excerpt = cleanField(page.contentType ?? '', MAX_EXCERPT) ?? '';
    return (
      statusReading(page.status, '', rules.trouble) ??
      noMark('parser-drift', opened.why, { excerpt })
    );
  }
  const { html, $ } = opened;
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
  if (located.element && !END_OF_PAGE.test(html)) {
    return noMark('parser-drift', 'the page is cut off', { excerpt });
  }
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
  const legend = legendFault($, element, mark, rules.glyphs);
  if (legend) return drift(legend);
  const sentence = sentenceMarks(text, rules);
  if (sentence.some((said) => said !== mark)) {
    return drift(`the mark says ${mark}, the sentence ${sentence.join(' and ')}`);
  }
  return { outcome: 'ok', mark, rawGlyph, rawText, excerpt, why: null };
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
