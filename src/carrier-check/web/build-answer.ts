import { createHash } from 'node:crypto';
import type { AnswerSource, CarrierAnswer } from '../answer.js';
import type { Carrier } from '../marks.js';
import { type CarrierPage, MAX_RAW_TEXT, noMark, type PageReading } from '../parse/page.js';

/** What an answer is about and by what it was read. */
export interface AnswerAbout {
  readonly carrier: Carrier;
  readonly source: AnswerSource;
  readonly imei: string;
  /** Which program and rules read the page. */
  readonly parser: string;
  /** Whom a cross of this carrier bars. */
  readonly crossScope: CarrierAnswer['scope'];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The answer that one reading gives; `page` is the page that was read, null when none came. */
export function buildAnswer(
  about: AnswerAbout,
  reading: PageReading,
  page: CarrierPage | null,
): CarrierAnswer {
  const { carrier, imei, source, parser } = about;
  const { outcome, mark, rawGlyph, excerpt } = reading;
  return {
    carrier,
    imei,
    mark,
    outcome,
    rawGlyph,
    rawText: (reading.rawText ?? reading.why)?.slice(0, MAX_RAW_TEXT) ?? null,
    source,
    checkedAt: new Date(about.at).toISOString(),
    evidence: page ? { sha256: sha256(page.body), excerpt, parser } : null,
    scope: mark === 'cross' ? about.crossScope : 'unknown',
  };
}

/** The reading for a page that never came. */
export function noPage(why: string): PageReading {
  return noMark('http-error', why, { excerpt: '' });
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
