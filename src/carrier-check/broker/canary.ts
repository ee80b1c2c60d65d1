import type { CarrierAnswer } from '../answer.js';
import type { Mark } from '../marks.js';

/** An IMEI whose mark is known: it shows whether the parser still reads the carrier's page. */
export interface Canary {
  /** 15 digits. */
  readonly imei: string;
  readonly mark: Exclude<Mark, 'unknown'>;
}

export interface CanaryPolicy {
  /** Read one after another, all of them, before real answers are trusted; none means that nothing is proved. */
  readonly imeis: readonly Canary[];
  /** And again after so many real answers. */
  readonly every: number;
}

/** Where the reading of the canaries stands. Times are ms since the epoch. */
export interface CanaryState {
  /** When all of them were last read right; null before that and after every break. */
  readonly rightAt: number | null;
  /** How many of the round that is going on were read right. */
  readonly passed: number;
  readonly last: { readonly at: number; readonly right: boolean } | null;
}

export const UNREAD: CanaryState = { rightAt: null, passed: 0, last: null };

export type CanaryReading = 'right' | 'wrong' | 'unread';

/**
 * What an answer about a canary proves. Trouble on the way proves nothing about the parser; a canary that the source
 * will not even ask about never could.
 */
export function readingOf({ mark }: Canary, answer: CarrierAnswer): CanaryReading {
  switch (answer.outcome) {
    case 'ok':
      return answer.mark === mark ? 'right' : 'wrong';
    case 'parser-drift':
    case 'not-applicable':
    case 'skipped':
      return 'wrong';
    case 'captcha':
    case 'rate-limited':
    case 'maintenance':
    case 'http-error':
      return 'unread';
  }
}

export interface CanaryRules {
  readonly policy: CanaryPolicy;
  readonly now: number;
  /** The calendar day of a time. */
  readonly dayOf: (now: number) => string;
}

/** Which canary must be read before the next real question: its place in the list, or null. */
export function dueCanary(
  state: CanaryState,
  answersSince: number,
  { policy, now, dayOf }: CanaryRules,
): number | null {
  if (policy.imeis.length === 0) return null;
  const fresh =
    state.rightAt !== null &&
    state.passed === 0 &&
    dayOf(state.rightAt) === dayOf(now) &&
    answersSince < policy.every;
  return fresh ? null : Math.min(state.passed, policy.imeis.length - 1);
}

/** After one reading; `wholeRound` says that all were read right now. */
export function afterReading(
  state: CanaryState,
  reading: CanaryReading,
  { policy, now }: Pick<CanaryRules, 'policy' | 'now'>,
): { state: CanaryState; wholeRound: boolean } {
  if (reading === 'unread') return { state, wholeRound: false };
  const last = { at: now, right: reading === 'right' };
  if (reading === 'wrong') return { state: { ...UNREAD, last }, wholeRound: false };
  const wholeRound = state.passed + 1 >= policy.imeis.length;
  return wholeRound
    ? { state: { rightAt: now, passed: 0, last }, wholeRound }
    : { state: { ...state, passed: state.passed + 1, last }, wholeRound };
}

/** After the breaker opened: what was read before proves nothing about afterwards. */
export function afterBreak(state: CanaryState): CanaryState {
  return { ...UNREAD, last: state.last };
}
