import { dropUnseen, nodeLines, pageExcerpt } from './element-text.js';
import { openPage } from './open-page.js';
import { type CarrierPage, noMark, type PageReading, type PageRules } from './page.js';
import { captchaReading, statusReading, wordsReading } from './trouble.js';

type PassageRules = Pick<PageRules, 'charset' | 'trouble'>;

/** Why a page on the way to the result cannot be gone past, or null. */
export function passageReading(page: CarrierPage, rules: PassageRules): PageReading | null {
  const opened = openPage(page, rules.charset);
  if (opened.html === null) {
    const status = statusReading(page.status, '', rules.trouble);
    return status ?? noMark('parser-drift', opened.why, { excerpt: '' });
  }
  dropUnseen(opened.$);
  const excerpt = pageExcerpt(opened.$);
  return (
    captchaReading(opened.html, excerpt, rules.trouble) ??
    statusReading(page.status, excerpt, rules.trouble)
  );
}

/** What a page is whose form cannot be filled in because of `fault`. */
export function faultReading(page: CarrierPage, rules: PassageRules, fault: string): PageReading {
  const opened = openPage(page, rules.charset);
  if (opened.html === null) return noMark('parser-drift', opened.why, { excerpt: '' });
  dropUnseen(opened.$);
  const excerpt = pageExcerpt(opened.$);
  return (
    wordsReading(nodeLines(opened.$.root()), excerpt, rules.trouble) ??
    noMark('parser-drift', fault, { excerpt })
  );
}
