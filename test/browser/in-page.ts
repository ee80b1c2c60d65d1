import type { Locator, Page } from 'playwright-core';
import type { Test } from 'tap';

/** What of a browser the functions below use; they run in the page. */
declare const document: {
  readonly activeElement: { readonly id: string } | null;
  readonly documentElement: { readonly lang: string; readonly scrollWidth: number };
  readonly body: unknown;
  createTreeWalker(root: unknown, what: number): { nextNode(): Walked | null };
};
declare const location: { readonly hash: string };
declare function getComputedStyle(element: unknown): Readonly<Record<string, string>>;

export const focusedId = () => document.activeElement?.id;
export const language = () => document.documentElement.lang;
export const pageWidth = () => document.documentElement.scrollWidth;
export const searchesFor35 = () => location.hash.includes('q=35');
/** Lives as long as the page: whoever reloads it is found out. */
export const mark = () => void Object.assign(globalThis, { marked: true });
export const isMarked = () => 'marked' in globalThis;

interface Walked {
  readonly textContent: string | null;
  readonly parentElement: Walked | null;
  readonly tagName: string;
}

/** The elements that show a text without keeping its writing direction to itself: what stands beside it could be reordered. */
export function notIsolated(text: string): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, 4);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.textContent?.includes(text)) continue;
    let at = node.parentElement;
    while (at && !getComputedStyle(at)['unicodeBidi']?.startsWith('isolate')) at = at.parentElement;
    // A block isolates what stands in it together, which keeps nothing apart within.
    if (at?.tagName !== 'BDI' && at?.textContent !== node.textContent)
      found.push(node.parentElement?.tagName ?? '');
  }
  return found;
}

/** One computed style of an element. */
export function styleOf(locator: Locator, name: string): Promise<string> {
  return locator.evaluate((element, key) => getComputedStyle(element)[key] ?? '', name);
}

export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}

/** Within `ms`, nothing on the page looks like a state any more. */
export async function darkInTime(t: Test, page: Page, ms: number): Promise<void> {
  const began = Date.now();
  await page.waitForSelector('html[data-fresh="false"]', { timeout: 20_000 });
  const took = Date.now() - began;
  t.ok(took <= ms, `dark after ${took} ms`);
  t.equal(await page.locator('.tile:not([data-light="stale"])').count(), 0);
  t.equal(await styleOf(page.locator('.dead-man'), 'opacity'), '1');
  t.equal(await page.locator('.to-do, .to-do-none, .filter').count(), 0, 'nothing is counted');
  t.match(await page.title(), /情報なし/);
  t.match(await textOf(page.locator('.dead-man')), /信用しないでください/);
}
