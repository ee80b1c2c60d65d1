import type { CarrierAnswer, LookUpOutcome } from './answer.js';
import type { Carrier, Mark } from './marks.js';
import {
  type MarkRule,
  RESTRICTION_LANES,
  type RestrictionLane,
  type RestrictionPolicy,
} from './restriction-policy.js';

/** What is known of one number of a handset at one carrier. */
export interface KnownMark {
  readonly carrier: Carrier;
  /** Which of the handset's numbers, from 1. */
  readonly slot: number;
  readonly mark: Mark;
  readonly outcome: LookUpOutcome;
  readonly scope: CarrierAnswer['scope'];
  /** A person said so: nobody needs to be asked for it once more. */
  readonly stated: boolean;
}

/** What all marks of a handset together mean. */
export interface Restriction {
  /** The worst of them: × before △ before unknown before ○ before －. */
  readonly aggregate: Mark;
  readonly beforeErase: 'go-on' | 'stop';
  /** Where the handset goes once it is erased: the strictest lane that any mark asks for. */
  readonly lane: RestrictionLane;
  /** Machine words, one for each mark that is worth naming, such as `restriction:kddi:cross`. */
  readonly reasons: readonly string[];
  /** Marks that keep the handset only until a later look shows a better one: `softbank:triangle`. */
  readonly holds: readonly string[];
  /** Why a person must decide first, by the worst of the marks that say so; null with `go-on`. */
  readonly stoppedBy: 'mark' | 'unknown' | null;
}

const WORST_FIRST: readonly Mark[] = ['cross', 'triangle', 'unknown', 'circle', 'dash'];

/**
 * What the marks of one handset mean by one policy. Pure. No mark makes another one better; without any mark the
 * handset is one that told no number.
 */
export function decideRestriction(
  marks: readonly KnownMark[],
  policy: RestrictionPolicy,
): Restriction {
  if (marks.length === 0) return withoutNumber(policy.noImei);
  const ruled = marks.map((known) => ({ known, rule: ruleFor(known, policy) }));
  const stops = ruled.filter(({ rule }) => rule.beforeErase === 'stop');
  const all = (mark: Mark) => marks.every((known) => known.mark === mark);
  return {
    aggregate: WORST_FIRST.find((mark) => marks.some((known) => known.mark === mark)) ?? 'unknown',
    beforeErase: stops.length > 0 ? 'stop' : 'go-on',
    lane: strictest(ruled.map(({ rule }) => rule.lane)),
    reasons: [
      ...ruled.filter(isWorthNaming).map(({ known }) => `restriction:${nameOf(known)}`),
      ...(all('dash') ? ['note:sim-free-or-not-registered'] : []),
    ],
    holds: ruled
      .filter(({ known, rule }) => rule.lane === 'attention' && known.mark !== 'cross')
      .map(({ known }) => nameOf(known)),
    stoppedBy: stoppedBy(stops.map(({ known }) => known)),
  };
}

/** The rule for one mark: that of what came in its way, of its carrier, or of the mark itself. */
function ruleFor(known: KnownMark, policy: RestrictionPolicy): MarkRule {
  const { carrier, mark, outcome, scope } = known;
  const own = policy.carriers[carrier]?.[mark] ?? policy.marks[mark];
  if (mark === 'cross' && scope === 'all-carriers') return both(own, policy.crossOnAllCarriers);
  if (mark !== 'unknown') return own;
  const rule = outcome === 'ok' ? own : (policy.unknownBecause[outcome] ?? own);
  return known.stated ? { ...rule, beforeErase: 'go-on' } : rule;
}

function both(a: MarkRule, b: MarkRule): MarkRule {
  const stop = a.beforeErase === 'stop' || b.beforeErase === 'stop';
  return { beforeErase: stop ? 'stop' : 'go-on', lane: strictest([a.lane, b.lane]) };
}

function isWorthNaming({ known, rule }: { known: KnownMark; rule: MarkRule }): boolean {
  const harmless = known.mark === 'circle' || known.mark === 'dash';
  return !harmless || rule.lane !== 'release' || rule.beforeErase === 'stop';
}

function nameOf({ carrier, slot, mark, outcome, scope }: KnownMark): string {
  return [
    ...[carrier, mark],
    ...(mark === 'unknown' && outcome !== 'ok' ? [outcome] : []),
    ...(mark === 'cross' && scope === 'all-carriers' ? [scope] : []),
    ...(slot === 1 ? [] : [`imei${slot}`]),
  ].join(':');
}

function stoppedBy(stops: readonly KnownMark[]): Restriction['stoppedBy'] {
  if (stops.length === 0) return null;
  return stops.some(({ mark }) => mark !== 'unknown') ? 'mark' : 'unknown';
}

function strictest(lanes: readonly RestrictionLane[]): RestrictionLane {
  return RESTRICTION_LANES.findLast((lane) => lanes.includes(lane)) ?? 'attention';
}

function withoutNumber({ beforeErase, lane }: MarkRule): Restriction {
  return {
    aggregate: 'unknown',
    ...{ beforeErase, lane },
    reasons: ['restriction:no-imei'],
    holds: [],
    stoppedBy: beforeErase === 'stop' ? 'mark' : null,
  };
}
