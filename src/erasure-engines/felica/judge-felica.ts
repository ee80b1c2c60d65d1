import type { Platform } from '../../handset.js';
import { emptySystems, hasUnknownProfile, inventoryOf, wasPersonalised } from './findings.js';
import { identityReasons } from './judge-identity.js';
import { soundnessReasons } from './judge-soundness.js';
import {
  FELICA_CLEAR_LIMITS,
  FELICA_LIMITS,
  type FelicaNote,
  type FelicaReason,
} from './reasons.js';
import { SURVEY_FORMAT, type SurveyReport, type TransitReport } from './survey-report.js';
import { SYSTEM } from './systems.js';

export type FelicaVerdictName =
  | 'CLEAR'
  | 'CLEAR_RF'
  | 'CLEAR_INITIAL'
  | 'RESIDUAL'
  | 'INCONCLUSIVE'
  | 'NO_CHIP_RESPONSE'
  | 'WRONG_TARGET'
  | 'covered-by-reset';

/** What somebody other than the reader says of the clear: a licensed tool, a shop, or the handset's own screen. */
export interface SecondLeg {
  readonly source: 'licensed-tool' | 'on-device' | 'carrier-shop';
  readonly says: 'cleared' | 'already-clear' | 'interrupted' | 'in-use' | 'failed';
}

export interface JudgeContext {
  readonly platform: Platform;
  readonly secondLeg: SecondLeg | null;
  /** iPhones: whether the erase of the whole phone is proved. */
  readonly eraseProved: boolean;
  /** The model as the chip should name it; null where nobody knows. */
  readonly expectedModel: string | null;
  /** Policy: whether chips up to 3.0, which have no instances in the background, are CLEAR by the air alone. */
  readonly airIsEnoughForOldChips: boolean;
}

export const NOTHING_ELSE_KNOWN: JudgeContext = {
  platform: 'android',
  secondLeg: null,
  eraseProved: false,
  expectedModel: null,
  airIsEnoughForOldChips: false,
};

export interface FelicaVerdict {
  readonly verdict: FelicaVerdictName;
  readonly reasons: readonly FelicaReason[];
  readonly notes: readonly FelicaNote[];
  /** A clear was begun and did not end: it must be run again, and the handset is not to be released. */
  readonly rerunClear: boolean;
  readonly limits: { readonly ja: string; readonly en: string };
}

/** The chip generations that may keep cards where no contactless poll can see them: Mobile FeliCa 4.x. */
const FIRST_WITH_INSTANCES = 0x16;
const APPLE = 0x16;

/**
 * What two surveys and everything else that is known say of the chip. Pure, and the only place that decides it. Finding
 * something is enough for `RESIDUAL`; finding nothing is `CLEAR_RF` at most, and only where the chip answered, every way
 * of looking came to its end twice without a disturbance, both runs agree, and it is the chip of before the clear.
 */
export function judgeFelica(
  before: SurveyReport | null,
  after: SurveyReport | TransitReport | null,
  context: JudgeContext = NOTHING_ELSE_KNOWN,
): FelicaVerdict {
  if (context.platform === 'apple') return judgeIphone(after, context);
  if (after?.format !== SURVEY_FORMAT) return said('INCONCLUSIVE', ['not-surveyed']);
  const verdict = judgeHandset(before, after, context);
  return { ...verdict, notes: notesOf(before, after, verdict) };
}

function judgeHandset(
  before: SurveyReport | null,
  after: SurveyReport,
  context: JudgeContext,
): FelicaVerdict {
  const isInterrupted =
    after.runs.some(({ state }) => state === 'CLEAR_IN_PROGRESS') ||
    context.secondLeg?.says === 'interrupted';
  const marked = (verdict: FelicaVerdict) => ({ ...verdict, rerunClear: isInterrupted });
  const interrupted: readonly FelicaReason[] = isInterrupted ? ['clear-in-progress'] : [];
  const target = judgeTarget(after);
  if (target) return marked(target);
  const left = residueReasons(after, context.secondLeg);
  if (left.length > 0) return marked(said('RESIDUAL', [...left, ...interrupted]));
  const against = [
    ...interrupted,
    ...platformReasons(after),
    ...soundnessReasons(before, after),
    ...identityReasons(before, after, context.expectedModel),
  ];
  if (against.length > 0) return marked(said('INCONCLUSIVE', against));
  return gradeClear(before, after, context);
}

/** Null where a handset's chip was heard at least once. */
function judgeTarget({ runs, cutShortBy, preflight }: SurveyReport): FelicaVerdict | null {
  const targets = new Set(runs.map(({ target }) => target));
  if (targets.size === 1 && targets.has('other')) return said('WRONG_TARGET', ['not-a-handset']);
  const heard = targets.has('mobile') || targets.has('mixed') || targets.has('other');
  if (heard) return null;
  if (cutShortBy !== null) return said('INCONCLUSIVE', ['survey-cut-short']);
  if (runs.some(({ faults }) => faults > 0)) return said('INCONCLUSIVE', ['air-disturbed']);
  if (preflight && !isProved(preflight)) return said('INCONCLUSIVE', ['reader-not-proved']);
  return said('NO_CHIP_RESPONSE', ['no-answer']);
}

function isProved({ emptyField, reference }: NonNullable<SurveyReport['preflight']>): boolean {
  return (
    (emptyField === 'silent' || emptyField === 'not-tried') &&
    (reference === 'answered' || reference === 'not-tried')
  );
}

function residueReasons(after: SurveyReport, leg: SecondLeg | null): readonly FelicaReason[] {
  const isOnChip = inventoryOf(after).some(({ isResidue }) => isResidue);
  return [
    ...(isOnChip ? (['residue-found'] as const) : []),
    ...(leg?.says === 'in-use' ? (['still-in-use'] as const) : []),
  ];
}

function platformReasons({ runs, preflight }: SurveyReport): readonly FelicaReason[] {
  return [
    ...(runs.some(({ chip }) => chip?.ic === APPLE) ? (['other-platform'] as const) : []),
    ...(preflight && !isProved(preflight) ? (['reader-not-proved'] as const) : []),
  ];
}

/** Nothing speaks against it; `before` is there, or something would. */
function gradeClear(
  before: SurveyReport | null,
  after: SurveyReport,
  { secondLeg, airIsEnoughForOldChips }: JudgeContext,
): FelicaVerdict {
  const state = after.runs.at(-1)?.state;
  if (state === 'UNPERSONALISED' || state === 'UNINITIALISED') {
    if (before && wasPersonalised(before)) return said('CLEAR_INITIAL', []);
    if (state === 'UNPERSONALISED') return said('INCONCLUSIVE', ['never-personalised']);
  }
  const isSeconded = secondLeg?.says === 'cleared' || secondLeg?.says === 'already-clear';
  const isOld = after.runs.every(({ chip }) => (chip?.ic ?? 0xff) < FIRST_WITH_INSTANCES);
  return said(isSeconded || (isOld && airIsEnoughForOldChips) ? 'CLEAR' : 'CLEAR_RF', []);
}

function notesOf(
  before: SurveyReport | null,
  after: SurveyReport,
  { verdict }: FelicaVerdict,
): readonly FelicaNote[] {
  const chip = after.runs.find((run) => run.chip !== null)?.chip ?? null;
  const isOpen = verdict === 'CLEAR_RF' || verdict === 'CLEAR_INITIAL';
  const commonOf = (report: SurveyReport | null) =>
    report?.runs.find(({ identity }) => identity.common !== null)?.identity.common ?? null;
  const [was, is] = [commonOf(before), commonOf(after)];
  const told: readonly (readonly [boolean, FelicaNote])[] = [
    [isOpen && chip !== null && chip.ic >= FIRST_WITH_INSTANCES, 'background-instances'],
    [isOpen && chip !== null && chip.ic < FIRST_WITH_INSTANCES, 'masked-nodes'],
    [hasUnknownProfile(after), 'profile-unknown'],
    [emptySystems(after).length > 0, 'empty-systems'],
    [was !== null && is !== null && was !== is, 'common-id-changed'],
    [after.preflight === null, 'reader-not-tested'],
  ];
  return told.filter(([isSo]) => isSo).map(([, note]) => note);
}

/** Silence of an iPhone means nothing; a transit card that answers after the erase means that it did not work. */
function judgeIphone(
  after: SurveyReport | TransitReport | null,
  { eraseProved }: JudgeContext,
): FelicaVerdict {
  if (after && transitAnswered(after)) return said('RESIDUAL', ['transit-answers']);
  return eraseProved ? said('covered-by-reset', []) : said('INCONCLUSIVE', ['erase-not-proved']);
}

function transitAnswered(after: SurveyReport | TransitReport): boolean {
  if (after.format !== SURVEY_FORMAT) return after.transit === 'answered';
  const systems = after.runs.flatMap((run) => run.systems);
  return systems.some(({ code, id }) => code === SYSTEM.transit && id !== null);
}

const CLEAR: readonly FelicaVerdictName[] = ['CLEAR', 'CLEAR_RF', 'CLEAR_INITIAL'];

export function isFelicaClear(verdict: FelicaVerdictName): boolean {
  return CLEAR.includes(verdict);
}

function said(verdict: FelicaVerdictName, reasons: readonly FelicaReason[]): FelicaVerdict {
  const limits = isFelicaClear(verdict) ? FELICA_CLEAR_LIMITS : FELICA_LIMITS;
  return { verdict, reasons: [...new Set(reasons)], notes: [], rerunClear: false, limits };
}
