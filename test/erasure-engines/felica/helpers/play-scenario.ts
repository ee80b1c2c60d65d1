import type { Test } from 'tap';
import {
  type FelicaVerdict,
  type JudgeContext,
  judgeFelica,
  NOTHING_ELSE_KNOWN,
} from '../../../../src/erasure-engines/felica/judge-felica.js';
import { probeTransit } from '../../../../src/erasure-engines/felica/probe-transit.js';
import {
  type SurveyReport,
  surveyReportSchema,
  transitReportSchema,
} from '../../../../src/erasure-engines/felica/survey-report.js';
import type { ChipState } from '../../../../src/simulator/felica/chip/chip-state.js';
import type { FelicaScenario } from '../../../../src/simulator/felica/scenarios/scenario.js';
import { FELICA_SCENARIOS } from '../../../../src/simulator/felica/scenarios/scenarios.js';
import { StagedScenario } from '../../../../src/simulator/felica/scenarios/staged-scenario.js';
import { type MODELS, quickReader } from '../../../support/simulated-pasori.js';
import { surveyOn, surveyOptions, withReader } from './surveyed.js';

export const IPHONE: JudgeContext = { ...NOTHING_ELSE_KNOWN, platform: 'apple', eraseProved: true };
const CLEARED: JudgeContext = {
  ...NOTHING_ELSE_KNOWN,
  secondLeg: { source: 'licensed-tool', says: 'cleared' },
};

/** What must be said beside the verdict; by the words of each scenario. */
const ALSO: Readonly<Record<string, Partial<FelicaVerdict>>> = {
  clean41: { reasons: [], rerunClear: false, notes: ['background-instances', 'reader-not-tested'] },
  'root-only-0003': { reasons: [] },
  'clear-in-progress': { reasons: ['clear-in-progress'], rerunClear: true },
  'ssc-refused': { reasons: ['not-enumerated'] },
  'idm-swapped': { reasons: ['other-chip-than-before'] },
  'plastic-suica': { reasons: ['not-a-handset'] },
  'mode1-stuck': { reasons: ['not-in-mode-0'] },
  'locked-silent': { reasons: ['no-answer'] },
  'phone-lifted': { reasons: ['chip-lost', 'air-disturbed', 'not-enumerated'] },
  'iphone-transit-after-erase': { reasons: ['transit-answers'] },
  'two-handsets': { reasons: ['air-disturbed'] },
};

/** Plays every scenario on one model of reader. */
export async function playAll(t: Test, model: (typeof MODELS)[number]): Promise<void> {
  const surveyed = new Map<ChipState, SurveyReport>();
  for (const scenario of FELICA_SCENARIOS)
    await t.test(scenario.name, (t) => play(t, model, scenario, surveyed));
}

async function play(
  t: Test,
  model: (typeof MODELS)[number],
  scenario: FelicaScenario,
  surveyed: Map<ChipState, SurveyReport>,
): Promise<void> {
  const air = quickReader(model);
  const staged = new StagedScenario(scenario, air);
  const { expected, name, what } = scenario;
  if (what === 'iphone') {
    staged.after();
    const after = await withReader(air, (reader) => probeTransit(reader, surveyOptions()));
    transitReportSchema.parse(JSON.parse(JSON.stringify(after)));
    const said = judgeFelica(null, after, IPHONE);
    t.match({ ...said }, { verdict: expected.verdict, ...ALSO[name] });
    t.equal(walletOf(staged), 0, 'the Wallet stays where it is');
    return;
  }
  staged.before();
  const before = surveyed.get(scenario.before) ?? (await surveyOn(air));
  surveyed.set(scenario.before, before);
  staged.after();
  const after = await surveyOn(air, { before });
  t.equal(staged.thing.chip.blocksAsked, 0, 'no block was asked for');
  const onRecord = (report: SurveyReport) =>
    surveyReportSchema.parse(JSON.parse(JSON.stringify(report)));
  const said = judgeFelica(onRecord(before), onRecord(after));
  t.equal(said.verdict, expected.verdict, expected.words);
  t.match({ ...said }, { ...ALSO[name] });
  if (expected.withSecondLeg)
    t.equal(judgeFelica(before, after, CLEARED).verdict, expected.withSecondLeg);
  const alone = judgeFelica(null, after).verdict;
  t.notMatch(alone, /CLEAR/, 'nothing is clear without a survey before');
  if (expected.withoutBefore) t.equal(alone, expected.withoutBefore);
  t.notMatch(JSON.stringify([before, after, said]), /f1401111|01401111|01402222|03333333/i);
}

function walletOf({ thing }: StagedScenario): number {
  return 'walletOpened' in thing ? thing.walletOpened : Number.NaN;
}
