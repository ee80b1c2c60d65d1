import { randomBytes } from 'node:crypto';
import type { AttentionCode } from '../../../attention.js';
import type { ClearOutcome } from '../../../config-felica.js';
import { type Json, type JsonObject, toJson } from '../../../evidence.js';
import type { StageContext, StageOutcome } from '../../engine.js';
import { attention, DONE, failed } from '../../outcome.js';
import type { ClearAnswer, ClearingMethod } from '../clearing/clearing-method.js';
import { inventoryOf } from '../findings.js';
import {
  type FelicaVerdict,
  isFelicaClear,
  judgeFelica,
  NOTHING_ELSE_KNOWN,
} from '../judge-felica.js';
import type { SurveyLeg, SurveyReport } from '../survey-report.js';
import type { Bench } from './bench.js';
import { BenchSession } from './bench-session.js';
import { bindingFact, bindingOf, digestsOf } from './bind-chip.js';
import { boundManagement, isSaidToBeClear, secondLeg, surveyBefore } from './past-felica.js';

/**
 * The FeliCa chip of one handset at one reader: surveyed, cleared by whoever may where it holds something, surveyed
 * again. Only what the reader saw ends it well; a chip that was said to be clear and is not fails the run for good.
 */
export async function felicaStage(context: StageContext, bench: Bench): Promise<StageOutcome> {
  const session = new BenchSession(context, bench);
  try {
    return await attend(session);
  } finally {
    await session.release();
    await session.ask(null);
  }
}

async function attend(session: BenchSession): Promise<StageOutcome> {
  const { context } = session;
  const report = await surveyed(session);
  if (!report) return session.gaveUp();
  const verdict = judge(session, report);
  const { evidence } = context.history();
  const mustClear = verdict.verdict === 'RESIDUAL' || verdict.rerunClear;
  const isClaimed = isSaidToBeClear(evidence) && !verdict.rerunClear;
  if (!mustClear || isClaimed) return conclude(session, report, verdict);
  const stopped = await clear(session);
  if (stopped) return stopped;
  const after = await surveyed(session);
  if (!after) return session.gaveUp();
  return conclude(session, after, judge(session, after));
}

/** How often another thing may lie there instead, or the handset be lifted, before others get the reader. */
const ROUNDS = 5;

/** The survey of the chip that belongs to this handset; null where it did not come to the reader in time. */
async function surveyed(session: BenchSession): Promise<SurveyReport | null> {
  const { context } = session;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { evidence } = context.history();
    const before = surveyBefore(evidence);
    if (!(await session.placed(boundManagement(evidence)))) return null;
    const report = await session.survey(before);
    const binding = bindingOf(report, context.history().identity);
    // Lifted off again before it was heard: it is asked for anew.
    if (!binding) continue;
    if (before) return report;
    if (await bound(session, report)) {
      await record(session, 'felica-survey-before', { holds: true, report, said: {} });
      return report;
    }
    await session.ask('felica-wrong-handset');
  }
  return null;
}

/** Puts on record whose chip this is. False: not this handset's. */
async function bound({ context, bench, rejected }: BenchSession, report: SurveyReport) {
  const { identity: handset } = context.history();
  const binding = bindingOf(report, handset);
  if (!binding) return false;
  const digests = digestsOf(binding.identity);
  const elsewhere = digests.some((digest) => bench.boundElsewhere(digest));
  const holds = binding.models !== 'other' && !elsewhere;
  const { port, reader } = bench;
  const at = { port, reader, handsetModel: handset?.model ?? null };
  await context.record('felica-identity-bound', {
    method: 'called to the reader by its port, then asked for its names over the air',
    holds,
    value: { ...bindingFact(binding, at), elsewhere },
  });
  if (!holds) for (const digest of digests) rejected.add(digest);
  return holds;
}

function judge({ context }: BenchSession, report: SurveyReport): FelicaVerdict {
  const { evidence } = context.history();
  const known = { ...NOTHING_ELSE_KNOWN, secondLeg: secondLeg(evidence) };
  return judgeFelica(surveyBefore(evidence), report, known);
}

/** Null where somebody says that it is done. */
async function clear(session: BenchSession): Promise<StageOutcome | null> {
  const { bench } = session;
  const detail = { reader: bench.reader };
  if (bench.config.clear === null) return attention('felica-clear-needed', detail);
  if (bench.method === null) return attention('felica-carrier-shop', detail);
  const { outcome, nativeCode } = await order(session, bench.method);
  const asks = ASKS[outcome];
  return asks === null ? null : attention(asks, { ...detail, outcome, nativeCode });
}

/** Who is asked for after each outcome; null where the survey shows what is so. */
const ASKS: Readonly<Record<ClearOutcome, AttentionCode | null>> = {
  cleared: null,
  'already-clear': null,
  interrupted: 'felica-clear-interrupted',
  unsupported: 'felica-carrier-shop',
  cancelled: 'felica-clear-failed',
  locked: 'felica-clear-failed',
  busy: 'felica-clear-failed',
  'cards-remain': 'felica-clear-failed',
  network: 'felica-clear-failed',
  server: 'felica-clear-failed',
  licence: 'felica-clear-failed',
  failed: 'felica-clear-failed',
};

async function order(session: BenchSession, method: ClearingMethod): Promise<ClearAnswer> {
  const { context, bench } = session;
  const { run, identity } = context.history();
  const job = `${run}.${context.fence}.${randomBytes(4).toString('hex')}`;
  await context.intend('felica-clear', { method: method.id, job, reader: bench.reader });
  context.progress({ done: 0.5, step: `felica-clear-${method.id}` });
  // Whoever clears may need the very reader that we hold.
  await session.release();
  const answer = await method.clear(
    { job, run, port: bench.port, reader: bench.reader, model: identity?.model ?? '' },
    {
      signal: context.signal,
      ask: (code) => session.ask(code),
      awayAndBack: (timeoutMs) => session.awayAndBack(timeoutMs),
    },
  );
  await context.record('felica-cleared-by', {
    method: method.id,
    holds: answer.outcome === 'cleared' || answer.outcome === 'already-clear',
    value: { ...toJson(answer), job, believed: false },
  });
  return answer;
}

async function conclude(
  session: BenchSession,
  report: SurveyReport,
  verdict: FelicaVerdict,
): Promise<StageOutcome> {
  const holds = isFelicaClear(verdict.verdict);
  await record(session, 'felica-survey-after', { holds, report, said: toJson(verdict) });
  const detail = { reader: session.bench.reader, verdict: verdict.verdict };
  if (holds) return DONE;
  if (verdict.rerunClear) return attention('felica-clear-interrupted', detail);
  if (verdict.verdict === 'RESIDUAL') return failed('felica-residual', detail);
  return attention('felica-survey-inconclusive', {
    ...detail,
    reasons: verdict.reasons as readonly Json[],
  });
}

/** The ways of looking that came to their end everywhere and in every run. */
function legsOf({ runs }: SurveyReport): readonly string[] {
  const systems = runs.flatMap((run) => run.systems);
  const ended: readonly (readonly [string, boolean])[] = [
    ['system-list', runs.every(({ systemList }) => systemList === 'complete')],
    ['sweep', runs.every(({ sweep }) => sweep === 'complete')],
    ...LEGS.map((leg) => [leg, isEnded(systems.map((system) => system[leg]))] as const),
  ];
  return runs.length === 0 ? [] : ended.filter(([, isSo]) => isSo).map(([leg]) => leg);
}

/** `not-asked` where there was nothing to ask for. */
function isEnded(legs: readonly SurveyLeg[]): boolean {
  const asked = legs.filter((leg) => leg !== 'not-asked');
  return asked.length > 0 && asked.every((leg) => leg === 'complete');
}

const LEGS = ['control', 'search', 'list', 'blocks', 'probe'] as const;

async function record(
  { context, bench }: BenchSession,
  kind: 'felica-survey-before' | 'felica-survey-after',
  seen: { readonly holds: boolean; readonly report: SurveyReport; readonly said: JsonObject },
): Promise<void> {
  const { holds, report, said } = seen;
  const value = {
    ...said,
    bench: bench.reader,
    legs: legsOf(report),
    inventory: inventoryOf(report).map(({ nodes, ...system }) => ({
      ...system,
      nodes: nodes.map(({ code, label }) => ({ code, label })),
    })),
    report,
  };
  await context.record(kind, {
    method: `contactless survey by ${report.reader.name}`,
    holds,
    value: toJson(value),
  });
}
