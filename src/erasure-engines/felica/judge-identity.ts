import type { FelicaReason } from './reasons.js';
import type { SurveyIdentity, SurveyReport, SurveyRun } from './survey-report.js';

/** In this order: what stays with the chip comes first, a clear may give the common area another id. */
const NAMES = ['container', 'management', 'common'] as const;

/** What keeps the chip of a survey from being that of the survey before the clear, and of the handset. Pure. */
export function identityReasons(
  before: SurveyReport | null,
  after: SurveyReport,
  expectedModel: string | null,
): readonly FelicaReason[] {
  if (before === null) return ['no-survey-before'];
  const was = before.runs.filter(isUsable);
  const [first] = was;
  if (!first || !isOne(before.runs)) return ['survey-before-unusable'];
  const is = after.runs.filter(({ target }) => target === 'mobile');
  const told: readonly (readonly [boolean, FelicaReason])[] = [
    [!is.every(({ identity }) => isSame(first.identity, identity)), 'other-chip-than-before'],
    [!is.every(({ chip }) => chip?.pmm === first.chip?.pmm), 'other-chip-than-before'],
    [!is.every((run) => isSameModel(first, run)), 'other-model'],
    [!is.every(({ identity }) => isExpected(identity.model, expectedModel)), 'other-model'],
    [!isExpected(first.identity.model, expectedModel), 'other-model'],
  ];
  return told.filter(([isSo]) => isSo).map(([, reason]) => reason);
}

function isUsable({ target, ended, sameChip }: SurveyRun): boolean {
  return target === 'mobile' && ended && sameChip;
}

/** No run of the earlier survey met another chip than the others. */
function isOne(runs: readonly SurveyRun[]): boolean {
  const heard = runs.filter(({ target }) => target !== 'none');
  const [first] = heard;
  return heard.every(
    ({ sameChip, target, identity }) =>
      sameChip && target === 'mobile' && first !== undefined && isSame(first.identity, identity),
  );
}

/** By the first name that both have. */
function isSame(one: SurveyIdentity, other: SurveyIdentity): boolean {
  const name = NAMES.find((key) => one[key] !== null && other[key] !== null);
  return name !== undefined && one[name] === other[name];
}

/** A chip in its initial state names neither model nor issuer. */
function isSameModel(was: SurveyRun, is: SurveyRun): boolean {
  if (is.state === 'UNINITIALISED' || is.state === 'UNPERSONALISED') return true;
  if (was.state === 'UNINITIALISED' || was.state === 'UNPERSONALISED') return true;
  const isCarrier =
    is.state !== 'INITIALISED' ||
    was.state !== 'INITIALISED' ||
    was.identity.carrier === is.identity.carrier;
  return isCarrier && was.identity.model === is.identity.model;
}

function isExpected(model: string | null, expected: string | null): boolean {
  return model === null || expected === null || model === expected;
}
