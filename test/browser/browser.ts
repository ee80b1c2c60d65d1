import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Where the pictures go; they are looked at by people, not compared. */
export const PICTURES = path.resolve(process.env['SARACHI_PICTURES'] ?? 'dist/pictures');

interface Test {
  teardown(fn: () => Promise<void>): void;
}

/** The Chromium of the system, without a window. */
export async function startBrowser(t: Test): Promise<Browser> {
  mkdirSync(PICTURES, { recursive: true });
  const executablePath = execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  // Chromium refuses its own sandbox to root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args: [...args, '--disable-gpu'] });
  t.teardown(() => browser.close());
  return browser;
}

export interface Looker {
  readonly page: Page;
  /** What the page complained of, and every address that it asked that is not the daemon's. */
  readonly complaints: string[];
}

/** A person before a panel that shows its rack. */
export async function look(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Looker> {
  const looker = await open(browser, url, options);
  await fresh(looker.page);
  return looker;
}

/** A person before a page. Every message of its console is a complaint, but for a server that is away or wants a key. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Looker> {
  const context = await browser.newContext({
    ...{ viewport: { width: 1920, height: 1080 }, locale: 'ja-JP', timezoneId: 'Asia/Tokyo' },
    ...options,
  });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => {
    if (!/net::ERR_|status of (401|5\d\d)/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) complaints.push(`asked ${request.url()}`);
  });
  await context.addInitScript(AXE);
  await page.goto(`${url}/`);
  return { page, complaints };
}

export async function fresh(page: Page, seconds = 20): Promise<void> {
  await page.waitForSelector('html[data-fresh="true"]', { timeout: seconds * 1000 });
}

/** Takes a picture of what is shown, or of the whole page. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage });
}

const AXE = readFileSync(path.resolve('node_modules/axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe finds that is serious or worse, as lines. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`,
      ),
    );
}

/** A TCP port that is free now, for a daemon that has to come back to the same one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
