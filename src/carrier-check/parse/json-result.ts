import { cleanField } from '../../text.js';
import type { PrintedMark } from '../marks.js';
import { decodePage } from './decode-page.js';
import {
  type CarrierPage,
  MAX_EXCERPT,
  MAX_RAW_TEXT,
  noMark,
  type PageReading,
  type TroubleSigns,
} from './page.js';
import { captchaReading, statusReading } from './trouble.js';

/** Where in a JSON reply the mark stands (RFC 6901 pointers) and what its values mean. */
export interface JsonRules {
  readonly mark: string;
  readonly marks: Readonly<Record<string, PrintedMark>>;
  /** Repeats the number that was asked for; must be the same where given. */
  readonly imei?: string | null | undefined;
  /** A 404 whose value here equals `equals` means that the number is not in the books: dash. */
  readonly notFound?: { readonly pointer: string; readonly equals: string } | null | undefined;
}

/**
 * Reads one JSON reply. Only a value of the table in a well-formed 2xx reply is a mark; the one exception is the
 * well-formed 404 that the rules describe. An error of the server is never a dash.
 */
export function readJsonResult(
  page: CarrierPage,
  imei: string,
  rules: JsonRules,
  trouble: TroubleSigns,
): PageReading {
  const text = decodePage(page, 'utf-8') ?? '';
  const excerpt = cleanField(text, MAX_EXCERPT) ?? '';
  const challenge = captchaReading(text, excerpt, trouble);
  if (challenge) return challenge;
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(page.contentType ?? '');
  const document = isJson ? parseJson(text) : undefined;
  const { notFound } = rules;
  if (page.status === 404 && notFound && scalarAt(document, notFound.pointer) === notFound.equals) {
    return ok('dash', notFound.equals, excerpt);
  }
  const status = statusReading(page.status, excerpt, trouble);
  if (status) return status;
  const drift = (why: string) => noMark('parser-drift', why, { excerpt });
  if (document === undefined) return drift('the reply is not JSON');
  if (rules.imei && scalarAt(document, rules.imei) !== imei) {
    return drift('the reply is about another IMEI');
  }
  const value = scalarAt(document, rules.mark);
  if (value === null) return drift(`the reply has nothing at ${rules.mark}`);
  const mark = Object.hasOwn(rules.marks, value) ? rules.marks[value] : undefined;
  return mark ? ok(mark, value, excerpt) : drift('the value of the mark is not known');
}

function ok(mark: PrintedMark, value: string, excerpt: string): PageReading {
  const rawText = cleanField(value, MAX_RAW_TEXT);
  return { outcome: 'ok', mark, rawGlyph: rawText, rawText, excerpt, why: null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The string, number or truth value at an RFC 6901 pointer as text; null where there is none. */
export function scalarAt(document: unknown, pointer: string): string | null {
  let value: unknown = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : null;
}
