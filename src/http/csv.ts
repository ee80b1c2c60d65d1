import { setImmediate } from 'node:timers/promises';
import { cleanField } from '../text.js';
import type { RunQuery, RunSummary } from './rack-api.js';

/** Runs that are looked up at once; others are served between two pages. */
const PAGE = 200;
/** Programs that open a file without asking take it for UTF-8 only by this mark. */
const BYTE_ORDER_MARK = '\ufeff';
const LONGEST_CELL = 256;

// What a spreadsheet would begin to calculate: also in the full width that Japanese input gives.
const FORMULA = /^[=+\-@＝＋－＠]/u;

/**
 * One cell: quoted (RFC 4180), one printable line, and never a formula: text that would begin one gets an apostrophe, as OWASP
 * recommends ("CSV Injection"). Pure.
 */
export function csvCell(value: string | null): string {
  const text = cleanField(value ?? '', LONGEST_CELL) ?? '';
  const tame = FORMULA.test(text) ? `'${text}` : text;
  return `"${tame.replaceAll('"', '""')}"`;
}

/** One line of a CSV file with its line end. Pure. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

type Column = readonly [name: string, of: (run: RunSummary) => string | null];

const COLUMNS: readonly Column[] = [
  ['run', ({ run }) => run],
  ['port', ({ port }) => port],
  ['openedAt', ({ openedAt }) => openedAt],
  ['settledAt', ({ settledAt }) => settledAt],
  ['model', ({ model }) => model],
  ['imeis', ({ imeis }) => imeis.join(' ')],
  ['serial', ({ serial }) => serial],
  ['verdict', ({ verdict }) => verdict],
  ['lane', ({ lane }) => lane],
];

type Page = { readonly runs: readonly RunSummary[]; readonly nextCursor: string | null };

/**
 * The runs that fit a query as pieces of a CSV file with a heading, newest first. The first page is looked up at once: throws what
 * `look` throws.
 */
export function runsAsCsv(
  query: Omit<RunQuery, 'limit' | 'cursor'>,
  look: (query: RunQuery) => Page,
): AsyncIterable<string> {
  const first = look({ ...query, limit: PAGE });
  return pieces(first, (cursor) => look({ ...query, cursor, limit: PAGE }));
}

async function* pieces(first: Page, next: (cursor: string) => Page): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(COLUMNS.map(([name]) => name));
  for (let page = first; ; page = next(page.nextCursor)) {
    yield page.runs.map((run) => csvLine(COLUMNS.map(([, of]) => of(run)))).join('');
    if (page.nextCursor === null) return;
    await setImmediate();
  }
}
