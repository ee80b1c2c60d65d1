import type { Cheerio, CheerioAPI } from 'cheerio';
import { cleanField } from '../../text.js';
import { MAX_EXCERPT } from './page.js';

/** A node of a parsed page. */
export type PageNode = Parameters<CheerioAPI['contains']>[0];
/** One that is a tag. */
export type PageElement = Extract<PageNode, { attribs: unknown }>;

/** Nothing in these is ever shown. */
const NEVER_SHOWN = 'script, style, template, noscript, [hidden]';

/** Every tag of a page that a selector matches, in the order of the page. */
export function elementsOf($: CheerioAPI, selector: string): PageElement[] {
  return $(selector)
    .toArray()
    .filter((node) => 'attribs' in node);
}

/** Drops from a page what a reader never sees. */
export function dropUnseen($: CheerioAPI): void {
  $(NEVER_SHOWN).remove();
  $('[style]')
    .filter((_index, element) =>
      /display\s*:\s*none|visibility\s*:\s*hidden/i.test($(element).attr('style') ?? ''),
    )
    .remove();
}

/** The text of an element, one line for each text node, white space within a node collapsed. */
export function nodeLines(element: Cheerio<PageNode>): string {
  const lines: string[] = [];
  const waiting: PageNode[] = element.toArray().reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === 'text') {
      const line = node.data.replace(/\s+/gu, ' ').trim();
      if (line !== '') lines.push(line);
    } else if ('children' in node) {
      for (let index = node.children.length - 1; index >= 0; index -= 1) {
        const child = node.children[index];
        if (child) waiting.push(child);
      }
    }
  }
  return lines.join('\n');
}

/** The HTML of an element as evidence: one printable line, capped. */
export function excerptOf($: CheerioAPI, element: Cheerio<PageElement>): string {
  return cleanField($.html(element), MAX_EXCERPT) ?? '';
}

/** What a reader sees of a whole page, capped. */
export function pageExcerpt($: CheerioAPI): string {
  return cleanField(nodeLines($.root()), MAX_EXCERPT) ?? '';
}
