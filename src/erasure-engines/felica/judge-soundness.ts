import { essence } from './findings.js';
import { nodesToProbe } from './nodes-to-probe.js';
import type { FelicaReason } from './reasons.js';
import type { SurveyedSystem, SurveyLeg, SurveyReport, SurveyRun } from './survey-report.js';
import { SYSTEM } from './systems.js';

const RUNS = 2;
/** Of this generation it is published that it answers Request Code List and Request Block Information Ex. */
const TABLED = 0x18;

/**
 * What keeps a survey that found nothing from being worth anything. Pure. Disturbed runs do not count, but there must be
 * two others, and no run at all may have met another chip.
 */
export function soundnessReasons(
  before: SurveyReport | null,
  after: SurveyReport,
): readonly FelicaReason[] {
  const { runs } = after;
  const heard = runs.filter(({ target }) => target === 'mobile');
  const good = heard.filter(({ faults }) => faults === 0);
  const told: readonly (readonly [boolean, FelicaReason])[] = [
    [after.cutShortBy !== null, 'survey-cut-short'],
    [runs.some(({ target }) => target === 'mixed' || target === 'other'), 'more-than-one-chip'],
    [!runs.every(({ sameChip }) => sameChip), 'chip-changed'],
    [!runs.every(wasThereToTheEnd), 'chip-lost'],
    [good.length < RUNS, 'air-disturbed'],
    [new Set(good.map(essence)).size > 1, 'runs-disagree'],
    [!heard.every(isUsual), 'no-usual-system'],
    [heard.some(({ state }) => state === 'UNKNOWN'), 'state-unknown'],
    [heard.some(isOutOfMode), 'not-in-mode-0'],
    [!heard.every((run) => isEnumerated(run, supportOf(before, after))), 'not-enumerated'],
    [before !== null && !heard.every((run) => asksByName(run, before)), 'not-asked-by-name'],
  ];
  return told.filter(([isSo]) => isSo).map(([, reason]) => reason);
}

function wasThereToTheEnd({ target, ended }: SurveyRun): boolean {
  return target !== 'none' && ended;
}

/** The chip without personalisation has neither, and says so. */
function isUsual({ identity, state }: SurveyRun): boolean {
  return identity.management !== null || identity.common !== null || state === 'UNPERSONALISED';
}

function isOutOfMode({ systems }: SurveyRun): boolean {
  return systems.some(({ mode }) => mode !== null && mode !== 0);
}

interface Support {
  readonly list: boolean;
  readonly blocks: boolean;
}

/** Whether this chip ever answered a command that not every chip knows: then silence to it is no excuse. */
function supportOf(before: SurveyReport | null, after: SurveyReport): Support {
  const runs = [...(before?.runs ?? []), ...after.runs];
  const systems = runs.flatMap((run) => run.systems);
  const isTabled = runs.some(({ chip }) => chip?.ic === TABLED);
  return {
    list: isTabled || systems.some(({ list }) => wasAnswered(list)),
    blocks: isTabled || systems.some(({ blocks }) => wasAnswered(blocks)),
  };
}

function wasAnswered(leg: SurveyLeg): boolean {
  return leg === 'complete' || leg === 'refused' || leg === 'rootless' || leg === 'endless';
}

function isEnumerated(run: SurveyRun, support: Support): boolean {
  const { systemList, sweep, unnamed, systems } = run;
  const isWhole = systemList === 'complete' && sweep === 'complete' && unnamed === 0;
  return isWhole && systems.length > 0 && systems.every((system) => isComplete(system, support));
}

function isComplete(system: SurveyedSystem, support: Support): boolean {
  const { id, mode, control, search, list, blocks, probe, code } = system;
  const mayBeSilent = (leg: SurveyLeg, isKnown: boolean) =>
    leg === 'complete' || (leg === 'silent' && !isKnown);
  return (
    id !== null &&
    mode !== null &&
    control === 'complete' &&
    search === 'complete' &&
    mayBeSilent(list, support.list) &&
    mayBeSilent(blocks, support.blocks) &&
    (probe === 'complete' || code === SYSTEM.management)
  );
}

/** Every node of before, in every system that is still there. */
function asksByName({ systems }: SurveyRun, before: SurveyReport): boolean {
  const wanted = nodesToProbe(before);
  return systems.every(({ code, askedFromBefore }) =>
    (wanted.get(code) ?? []).every((node) => askedFromBefore.includes(node)),
  );
}
