import type { WaitOptions } from '../wait.js';
import type { Carrier, Mark } from './marks.js';

/** How one look-up ended; only `ok` has a mark that came from the carrier. */
export const LOOK_UP_OUTCOMES = [
  'ok',
  'captcha',
  'parser-drift',
  'rate-limited',
  'maintenance',
  'http-error',
  'not-applicable',
  'skipped',
] as const;
export type LookUpOutcome = (typeof LOOK_UP_OUTCOMES)[number];
export type AnswerSource = 'web' | 'manual' | 'csv' | 'api';

/** What one carrier said about one IMEI at one moment. */
export interface CarrierAnswer {
  readonly carrier: Carrier;
  /** 15 digits. */
  readonly imei: string;
  /** `unknown` unless outcome is `ok`. */
  readonly mark: Mark;
  readonly outcome: LookUpOutcome;
  readonly rawGlyph: string | null;
  /** At most 200 characters. */
  readonly rawText: string | null;
  readonly source: AnswerSource;
  /** ISO time. */
  readonly checkedAt: string;
  readonly evidence: {
    readonly sha256: string;
    readonly excerpt: string;
    readonly parser: string;
  } | null;
  /** Whom a cross bars. */
  readonly scope: 'carrier' | 'all-carriers' | 'unknown';
}

/** One way to ask one carrier. Settles with an answer for everything that the carrier says, also for trouble; rejects only with the signal's error. */
export interface CarrierSource {
  readonly carrier: Carrier;
  readonly source: AnswerSource;
  lookUp(imei: string, options: WaitOptions): Promise<CarrierAnswer>;
}
