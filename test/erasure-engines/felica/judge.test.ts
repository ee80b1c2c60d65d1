import t from 'tap';
import {
  type FelicaVerdict,
  type JudgeContext,
  judgeFelica,
  NOTHING_ELSE_KNOWN,
} from '../../../src/erasure-engines/felica/judge-felica.js';
import type { FelicaReason } from '../../../src/erasure-engines/felica/reasons.js';
import type {
  SurveyedSystem,
  SurveyReport,
  SurveyRun,
} from '../../../src/erasure-engines/felica/survey-report.js';
import { StagedScenario } from '../../../src/simulator/felica/scenarios/staged-scenario.js';
import { quickReader } from '../../support/simulated-pasori.js';
import { scenarioOf, surveyOn } from './helpers/surveyed.js';

type Edit = (report: SurveyReport) => SurveyReport;

async function pairOf(name: string): Promise<{ before: SurveyReport; after: SurveyReport }> {
  const air = quickReader('RC-S380/P');
  const staged = new StagedScenario(scenarioOf(name), air);
  staged.before();
  const before = await surveyOn(air);
  staged.after();
  return { before, after: await surveyOn(air, { before }) };
}

const change =
  (fields: Partial<SurveyReport>): Edit =>
  (report) => ({ ...report, ...fields });
/** The same change in every run, so that the runs still agree. */
const inRuns =
  (fields: Partial<SurveyRun>): Edit =>
  (report) => ({ ...report, runs: report.runs.map((run) => ({ ...run, ...fields })) });
const inLast =
  (fields: Partial<SurveyRun>): Edit =>
  (report) => ({
    ...report,
    runs: report.runs.map((run, at) =>
      at === report.runs.length - 1 ? { ...run, ...fields } : run,
    ),
  });
const inIdentity =
  (fields: Partial<SurveyRun['identity']>): Edit =>
  (report) => ({
    ...report,
    runs: report.runs.map((run) => ({ ...run, identity: { ...run.identity, ...fields } })),
  });
const inSystem =
  (code: number, edit: (system: SurveyedSystem) => Partial<SurveyedSystem>): Edit =>
  (report) => ({
    ...report,
    runs: report.runs.map((run) => ({
      ...run,
      systems: run.systems.map((one) => (one.code === code ? { ...one, ...edit(one) } : one)),
    })),
  });
const inCommon = (fields: Partial<SurveyedSystem>) => inSystem(0xfe00, () => fields);
const firstRuns =
  (count: number): Edit =>
  (report) => ({ ...report, runs: report.runs.slice(0, count) });

function identityOf(report: SurveyReport, fields: Partial<SurveyRun['identity']>) {
  const [run] = report.runs;
  if (!run) throw new RangeError('no run');
  return { ...run.identity, ...fields };
}

const OTHER = 'f'.repeat(32);
const APPLE = { ic: 0x16, rom: 1, name: null, pmm: '01188b868fbecbff' };

const SPOILS: readonly (readonly [what: string, edit: Edit, why: FelicaReason])[] = [
  ['one run', firstRuns(1), 'air-disturbed'],
  ['a fault in one run', inLast({ faults: 1 }), 'air-disturbed'],
  ['another chip in one run', inLast({ sameChip: false }), 'chip-changed'],
  ['a run without its end', inLast({ ended: false }), 'chip-lost'],
  ['nothing in one run', inLast({ target: 'none' }), 'chip-lost'],
  ['a card in one run', inLast({ target: 'mixed' }), 'more-than-one-chip'],
  ['cut short', change({ cutShortBy: 'reader-gone' }), 'survey-cut-short'],
  ['state not told', inRuns({ state: 'UNKNOWN' }), 'state-unknown'],
  ['clear under way', inLast({ state: 'CLEAR_IN_PROGRESS' }), 'clear-in-progress'],
  ['runs that differ', inLast({ state: 'UNINITIALISED' }), 'runs-disagree'],
  ['sweep gone', inRuns({ sweep: 'gone' }), 'not-enumerated'],
  ['sweep with faults', inRuns({ sweep: 'fault' }), 'not-enumerated'],
  ['no system list', inRuns({ systemList: 'silent' }), 'not-enumerated'],
  ['an unnamed system', inRuns({ unnamed: 1 }), 'not-enumerated'],
  ['no systems', inRuns({ systems: [] }), 'not-enumerated'],
  ['a system without an answer', inCommon({ id: null }), 'not-enumerated'],
  ['no mode', inCommon({ mode: null }), 'not-enumerated'],
  ['mode 2', inCommon({ mode: 2 }), 'not-in-mode-0'],
  ['control fails', inCommon({ control: 'rootless' }), 'not-enumerated'],
  ['control silent', inCommon({ control: 'silent' }), 'not-enumerated'],
  ['search silent', inCommon({ search: 'silent' }), 'not-enumerated'],
  ['search without area 0', inCommon({ search: 'rootless' }), 'not-enumerated'],
  ['search without end', inCommon({ search: 'endless' }), 'not-enumerated'],
  ['list refused', inCommon({ list: 'refused' }), 'not-enumerated'],
  ['list silent, though 4.1', inCommon({ list: 'silent' }), 'not-enumerated'],
  ['blocks silent, though 4.1', inCommon({ blocks: 'silent' }), 'not-enumerated'],
  ['probe silent', inCommon({ probe: 'silent' }), 'not-enumerated'],
  ['not probed', inCommon({ probe: 'not-asked' }), 'not-enumerated'],
  ['before not asked', inCommon({ askedFromBefore: [] }), 'not-asked-by-name'],
  ['another container', inIdentity({ container: OTHER }), 'other-chip-than-before'],
  [
    'another management id where no container is told',
    inIdentity({ container: null, management: OTHER }),
    'other-chip-than-before',
  ],
  [
    'no id in common',
    inIdentity({ container: null, management: null, common: null }),
    'other-chip-than-before',
  ],
  ['another model', inIdentity({ model: 'else' }), 'other-model'],
  ['another issuer', inIdentity({ carrier: '000099' }), 'other-model'],
  ['an Apple chip', inRuns({ chip: APPLE }), 'other-platform'],
  [
    'a reader that hears nothing',
    change({ preflight: { emptyField: 'silent', reference: 'silent' } }),
    'reader-not-proved',
  ],
  [
    'something in the empty field',
    change({ preflight: { emptyField: 'answered', reference: 'answered' } }),
    'reader-not-proved',
  ],
];

t.test('one thing that is not as it must be, and nothing is clear', async (t) => {
  const { before, after } = await pairOf('clean41');
  t.equal(judgeFelica(before, after).verdict, 'CLEAR_RF');
  for (const [what, edit, why] of SPOILS) {
    const { verdict, reasons } = judgeFelica(before, edit(after));
    t.equal(verdict, 'INCONCLUSIVE', what);
    t.ok(reasons.includes(why), `${what}: ${reasons.join(', ')}`);
  }
  const unusable: readonly Edit[] = [
    firstRuns(0),
    inRuns({ ended: false }),
    inLast({ sameChip: false }),
    inLast({ identity: identityOf(before, { container: OTHER }) }),
  ];
  for (const edit of unusable)
    t.match(judgeFelica(edit(before), after).reasons, ['survey-before-unusable']);
});

t.test('a find is enough, wherever it was made', async (t) => {
  const { before, after } = await pairOf('clean41');
  const node = { code: 0x5588, endCode: null, keyVersion: 1, seenBy: ['probe'] } as const;
  const area = { code: 0x5580, endCode: 0x56bf, keyVersion: null, seenBy: ['list'] } as const;
  const finds: readonly Edit[] = [
    inSystem(0xfe00, ({ nodes }) => ({ nodes: [...nodes, node] })),
    inSystem(0xfe00, ({ nodes }) => ({ nodes: [...nodes, area] })),
    inCommon({ blocksFree: 1_274 }),
  ];
  for (const find of finds) {
    const half = change({ cutShortBy: 'reader-gone' })(firstRuns(1)(find(after)));
    const found = inLast({ faults: 3 })(half);
    t.equal(judgeFelica(before, found).verdict, 'RESIDUAL', 'even in half a survey');
    t.equal(judgeFelica(null, found).verdict, 'RESIDUAL');
  }
  const management = inSystem(0xfe0f, ({ nodes }) => ({ nodes: nodes.slice(1) }))(after);
  const said = judgeFelica(before, management);
  t.equal(said.verdict, 'CLEAR_RF', 'the management area is the chip');
  t.ok(said.notes.includes('profile-unknown'));
});

t.test('a disturbed run does not count where two others agree', async (t) => {
  const { before, after } = await pairOf('clean41');
  const [first] = after.runs;
  if (!first) throw new RangeError('no run');
  const third = { ...after, runs: [{ ...first, faults: 2 }, ...after.runs] };
  t.equal(judgeFelica(before, third).verdict, 'CLEAR_RF');
  const met = { ...first, faults: 2, identity: identityOf(after, { container: OTHER }) };
  const other = { ...after, runs: [met, ...after.runs] };
  t.equal(judgeFelica(before, other).verdict, 'INCONCLUSIVE', 'unless it met another chip');
});

t.test('what somebody else says of the clear', async (t) => {
  const { before, after } = await pairOf('clean41');
  const with_ = (more: Partial<JudgeContext>): FelicaVerdict =>
    judgeFelica(before, after, { ...NOTHING_ELSE_KNOWN, ...more });
  const leg = (says: NonNullable<JudgeContext['secondLeg']>['says']) =>
    with_({ secondLeg: { source: 'licensed-tool', says } });
  t.equal(leg('cleared').verdict, 'CLEAR');
  t.equal(leg('already-clear').verdict, 'CLEAR');
  t.equal(leg('failed').verdict, 'CLEAR_RF', 'the chip decides');
  t.match({ ...leg('interrupted') }, { verdict: 'INCONCLUSIVE', rerunClear: true });
  t.match({ ...leg('in-use') }, { verdict: 'RESIDUAL', reasons: ['still-in-use'] });
  t.equal(with_({ expectedModel: '007016' }).verdict, 'CLEAR_RF');
  t.match(with_({ expectedModel: 'A301XM' }).reasons, ['other-model']);
  t.equal(with_({ airIsEnoughForOldChips: true }).verdict, 'CLEAR_RF', '4.1 has instances');
  const residue = await pairOf('dirty-nanaco');
  const cleared = { source: 'licensed-tool', says: 'cleared' } as const;
  t.equal(
    judgeFelica(residue.before, residue.after, { ...NOTHING_ELSE_KNOWN, secondLeg: cleared })
      .verdict,
    'RESIDUAL',
    'a tool that says cleared is not believed',
  );
});

t.test(
  'chips of 3.0: by the air alone where the policy has it so, and never below their own word',
  async (t) => {
    const { before, after } = await pairOf('mobile30-blocks-0-of-1275');
    const policy = { ...NOTHING_ELSE_KNOWN, airIsEnoughForOldChips: true };
    t.equal(judgeFelica(before, after, policy).verdict, 'CLEAR');
    const silentNow = inCommon({ blocks: 'silent' })(after);
    t.equal(judgeFelica(before, silentNow).verdict, 'INCONCLUSIVE', 'it knew the command before');
    const neverKnown: Edit = (report) =>
      inSystem(0xfe0f, () => ({ blocks: 'silent' }))(inCommon({ blocks: 'silent' })(report));
    const [was, is] = [neverKnown(before), neverKnown(after)];
    t.equal(judgeFelica(was, is).verdict, 'CLEAR_RF', 'a chip that never knew it has its list');
  },
);

t.test('a chip that nobody saw personalised is not cleared by being blank', async (t) => {
  const { before, after } = await pairOf('unpersonalised-ffff');
  t.equal(judgeFelica(before, after).verdict, 'CLEAR_INITIAL');
  t.match(judgeFelica(after, after), { verdict: 'INCONCLUSIVE', reasons: ['never-personalised'] });
  const zero = await pairOf('uninitialised-zero');
  t.equal(judgeFelica(zero.before, zero.after).verdict, 'CLEAR_INITIAL');
});

t.test('silence with a reader that was not proved is not even silence', async (t) => {
  const { before, after } = await pairOf('locked-silent');
  t.equal(judgeFelica(before, after).verdict, 'NO_CHIP_RESPONSE');
  const deaf = change({ preflight: { emptyField: 'silent', reference: 'fault' } })(after);
  t.equal(judgeFelica(before, deaf).verdict, 'INCONCLUSIVE');
  t.equal(judgeFelica(before, null).verdict, 'INCONCLUSIVE');
});
