import type { Test } from 'tap';
import { isFelicaClear, judgeFelica } from '../../../../src/erasure-engines/felica/judge-felica.js';
import type { SurveyReport } from '../../../../src/erasure-engines/felica/survey-report.js';
import { cleanPhone, OTHER_PIXEL } from '../../../../src/simulator/felica/chip/phones.js';
import type { AirFault, CountedFault } from '../../../../src/simulator/felica/faults.js';
import { FelicaHandset } from '../../../../src/simulator/felica/felica-handset.js';
import type { SimulatedReader } from '../../../../src/simulator/felica/reader/simulated-reader.js';
import { pick, seeded } from '../../../support/random.js';
import { MODELS, quickReader } from '../../../support/simulated-pasori.js';
import { scenarioOf, surveyOn } from './surveyed.js';

/** Chips that no survey may call clear, disturbed or not. */
const NOT_CLEAR = [
  'dirty-nanaco',
  'dirty-suica-0003',
  'rcl-lies-ssc-shows',
  'hidden-node-only-request-service',
  'mobile30-blocks-used',
  'clear-in-progress',
  'mode1-stuck',
  'ssc-refused',
  'idm-swapped',
] as const;
/** Chips on which no disturbance may bring up a residue. */
const CLEAR = ['clean41', 'root-only-0003', 'mobile30-blocks-0-of-1275'] as const;

const AIR: readonly AirFault[] = ['lost', 'crc', 'collision', 'field-drop', 'truncated'];
const READER: readonly CountedFault[] = [
  'wrongChecksums',
  'truncatedReplies',
  'lateReplies',
  'lostReplies',
  'refusals',
  'errorFrames',
  'missingAcks',
  'slotBusy',
  'timeExtensions',
];
const DESK = ['swapped', 'swapped-and-back', 'lifted', 'lifted-and-back', 'unplugged'] as const;
type Kind = AirFault | CountedFault | (typeof DESK)[number];

interface Disturbance {
  readonly at: number;
  readonly lasts: number;
  readonly kind: Kind;
}

function isOfDesk(kind: Kind): boolean {
  return DESK.some((one) => one === kind);
}

const MOST_AT_ONCE = 10;
/** A little more than two runs of a survey. */
const EXCHANGES = 1_200;
/** Where a run names chip and systems, and where it looks into them: there a fault hurts most. */
const TENDER: readonly (readonly [from: number, to: number])[] = [
  [1, 30],
  [520, 590],
  [1_070, 1_140],
];

function disturbances(random: () => number): readonly Disturbance[] {
  const count = 1 + Math.floor(random() * MOST_AT_ONCE);
  return Array.from({ length: count }, () => {
    const [from, to] = (random() < 0.6 ? pick(random, TENDER) : null) ?? [1, EXCHANGES];
    const isDesk = random() < 0.1;
    const kinds: readonly Kind[] = isDesk ? DESK : random() < 0.6 ? AIR : READER;
    const kind = pick(random, kinds) ?? 'lost';
    const lasts = random() < 0.2 ? 1 + Math.floor(random() * 12) : 1;
    return { at: from + Math.floor(random() * (to - from)), lasts, kind };
  });
}

/** Things on the desk move when the air is used; the number of faults that really happened comes back. */
function disturb(air: SimulatedReader, thing: FelicaHandset, all: readonly Disturbance[]) {
  const start = air.exchanges;
  const other = new FelicaHandset('another', cleanPhone('mobile-4.1', OTHER_PIXEL));
  let happened = 0;
  const put = (target: FelicaHandset | null) => {
    for (const one of air.targets) air.take(one);
    if (target) air.put(target);
  };
  const move = (kind: Kind, isFirst: boolean, isLast: boolean) => {
    if (kind === 'unplugged') air.unplug();
    if (kind === 'swapped' || (kind === 'swapped-and-back' && isFirst)) put(other);
    if (kind === 'lifted' || (kind === 'lifted-and-back' && isFirst)) put(null);
    if (kind.endsWith('-and-back') && isLast) put(thing);
  };
  air.faults.onAir = (exchange) => {
    const now = exchange - start;
    let fault: AirFault | null = null;
    for (const { at, lasts, kind } of all) {
      // What goes and comes back needs an exchange in between.
      const end = at + (kind.endsWith('-and-back') ? lasts + 1 : lasts);
      if (now < at || now >= end) continue;
      // However long something is away, it went once.
      if (now === at || !isOfDesk(kind)) happened += 1;
      move(kind, now === at, now === end - 1);
      fault = AIR.find((one) => one === kind) ?? fault;
      const counted = READER.find((one) => one === kind);
      if (counted) air.faults[counted] += 1;
    }
    return fault;
  };
  return () => happened;
}

async function undisturbed(name: string, model: (typeof MODELS)[number]): Promise<SurveyReport> {
  const air = quickReader(model);
  air.put(new FelicaHandset(name, scenarioOf(name).before));
  return surveyOn(air);
}

/**
 * Surveys chips under `wanted` faults in all that the seed chooses; each survey has a few. No chip that is not clear is
 * called clear, and none that is clear is called residual.
 */
export async function surveyUnderFaults(t: Test, wanted: number, seed: number): Promise<void> {
  t.comment(`SARACHI_SEED=${seed}`);
  const random = seeded(seed);
  const before = new Map<string, SurveyReport>();
  const verdicts = new Map<string, number>();
  const wrong: string[] = [];
  let faults = 0;
  let surveys = 0;
  for (; faults < wanted; surveys += 1) {
    const model = MODELS[surveys % MODELS.length] ?? 'RC-S380/P';
    const isClear = random() < 0.2;
    const name = pick(random, isClear ? CLEAR : NOT_CLEAR) ?? 'clean41';
    const earlier = before.get(name) ?? (await undisturbed(name, model));
    before.set(name, earlier);
    const air = quickReader(model);
    const thing = new FelicaHandset(name, scenarioOf(name).after);
    air.put(thing);
    const all = disturbances(random);
    const happened = disturb(air, thing, all);
    const report = await surveyOn(air, { before: earlier });
    const { verdict } = judgeFelica(earlier, report);
    faults += happened();
    const row = `${isClear ? 'clear' : 'not clear'}: ${verdict}`;
    verdicts.set(row, (verdicts.get(row) ?? 0) + 1);
    const isWrong = isClear ? verdict === 'RESIDUAL' : isFelicaClear(verdict);
    if (isWrong) wrong.push(`survey ${surveys}, ${name} on ${model}: ${JSON.stringify(all)}`);
    t.equal(thing.chip.blocksAsked, 0, `survey ${surveys} asks for no block`);
  }
  t.comment(`${faults} faults in ${surveys} surveys: ${JSON.stringify([...verdicts].sort())}`);
  t.same(wrong, [], 'every verdict is one that the chip deserves');
  t.ok(faults >= wanted, `${faults} faults happened`);
  t.ok((verdicts.get('not clear: RESIDUAL') ?? 0) > 0, 'some residues were found all the same');
}
