import type { Locator, Page } from 'playwright-core';
import type { Test } from 'tap';

/** What of a browser the functions below use; they run in the page. */
declare const document: {
  readonly activeElement: { readonly id: string } | null;
  readonly documentElement: { readonly lang: string; readonly scrollWidth: number };
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
