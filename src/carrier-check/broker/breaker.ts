import type { LookUpOutcome } from '../answer.js';
import type { Trouble } from './unknown-answer.js';

export interface BreakerPolicy {
  /** So many look-ups in a row that got no page open the breaker; 1 or more. */
  readonly failures: number;
  /** The first pause, in ms; each further break without a good answer between them doubles it. */
  readonly coolDownMs: number;
  readonly longestCoolDownMs: number;
}

export type Breaker =
  | { readonly at: 'closed'; readonly failures: number; readonly breaks: number }
  | {
      readonly at: 'open';
      readonly outcome: Trouble;
      readonly breaks: number;
      readonly since: number;
      /** From then on one look-up may try whether the carrier is itself again. */
      readonly until: number;
    }
  /** A captcha: only a person ends it. */
  | {
      readonly at: 'parked';
      readonly outcome: Trouble;
      readonly breaks: number;
      readonly since: number;
    };

export type BreakerEvent =
  | { readonly type: 'answered'; readonly outcome: LookUpOutcome }
  | { readonly type: 'canary-right' }
  | { readonly type: 'canary-wrong' }
  | { readonly type: 'resumed' };

export interface BreakerRules {
  readonly policy: BreakerPolicy;
  /** ms since the epoch. */
  readonly now: number;
}

export const CLOSED: Breaker = { at: 'closed', failures: 0, breaks: 0 };

/** The breaker after an event; the very same object where nothing changes. */
export function nextBreaker(breaker: Breaker, event: BreakerEvent, rules: BreakerRules): Breaker {
  if (event.type === 'resumed') return resumed(breaker);
  if (breaker.at === 'parked') return breaker;
  // Only a look-up that began before the break can end within its pause; it says nothing about afterwards.
  const late = breaker.at === 'open' && rules.now < breaker.until;
  const outcome = outcomeOf(event);
  if (late && outcome !== 'captcha') return breaker;
  switch (outcome) {
    case 'captcha':
      return { at: 'parked', outcome, ...another(breaker, rules.now) };
    case 'ok':
      // A canary is read in peace; how the carrier takes real questions decides whether the next pause grows.
      return closed(breaker, event.type === 'canary-right' ? breaker.breaks : 0);
    case 'parser-drift':
    case 'rate-limited':
    case 'maintenance':
      return open(breaker, outcome, rules);
    case 'http-error':
      return failed(breaker, rules);
    case 'not-applicable':
    case 'skipped':
      return breaker;
  }
}

/** Whether nobody may be asked at this moment. */
export function isHeld(breaker: Breaker, now: number): boolean {
  return breaker.at === 'parked' || (breaker.at === 'open' && now < breaker.until);
}

function outcomeOf(event: Exclude<BreakerEvent, { type: 'resumed' }>): LookUpOutcome {
  if (event.type === 'answered') return event.outcome;
  return event.type === 'canary-right' ? 'ok' : 'parser-drift';
}

function resumed(breaker: Breaker): Breaker {
  return breaker.at === 'closed' ? breaker : { at: 'closed', failures: 0, breaks: breaker.breaks };
}

function closed(breaker: Breaker, breaks: number): Breaker {
  const same = breaker.at === 'closed' && breaker.failures === 0 && breaker.breaks === breaks;
  return same ? breaker : { at: 'closed', failures: 0, breaks };
}

function failed(breaker: Breaker, rules: BreakerRules): Breaker {
  const failures = breaker.at === 'closed' ? breaker.failures + 1 : rules.policy.failures;
  if (failures >= rules.policy.failures) return open(breaker, 'http-error', rules);
  return { at: 'closed', failures, breaks: breaker.breaks };
}

function open(breaker: Breaker, outcome: Trouble, { policy, now }: BreakerRules): Breaker {
  const { coolDownMs, longestCoolDownMs } = policy;
  const pause = Math.min(coolDownMs * 2 ** Math.min(breaker.breaks, 30), longestCoolDownMs);
  return { at: 'open', outcome, ...another(breaker, now), until: now + pause };
}

function another({ breaks }: Breaker, now: number): { breaks: number; since: number } {
  return { breaks: breaks + 1, since: now };
}
