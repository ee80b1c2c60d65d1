import type { Afc } from '../../../devices/apple/afc/afc.js';
import { refusedWith } from '../../../devices/apple/afc/afc-status.js';
import { hasCode } from '../../../errors.js';
import { sleep, type WaitOptions } from '../../../wait.js';
import type { StageOutcome } from '../../engine.js';
import { again, attention, DONE, failed } from '../../outcome.js';
import { latest } from '../../past.js';
import type { Visit } from '../visit.js';
import { type Crossing, throughDrops } from './come-back.js';
import { fillFrom } from './fill.js';
import { type FillFile, listFill, sumOf } from './fill-folder.js';
import { Meter } from './meter.js';
import { createPattern } from './pattern.js';
import { type FillPlan, isFillFolder, newFillPlan, recordedPlan } from './plan.js';
import { type ReadBack, readOn } from './read-back.js';
import {
  recordPlanned,
  recordReadBack,
  recordRemoved,
  recordSkipped,
  recordWritten,
} from './records.js';

/** A file system frees a deleted fill after it answered. */
const FREED_WITHIN_MS = 30_000;
/** A system that runs takes a little of it at once. */
const ALL_BUT_FREED = 0.98;
const LOOK_AGAIN_MS = 250;

/** One attempt: what every part of it needs. */
interface Attempt {
  readonly visit: Visit;
  readonly crossing: Omit<Crossing, 'reached'>;
}

/**
 * Fills the free storage that AFC gives with a stream that can be computed again, reads every byte back over another
 * connection, and deletes it. Goes on from what an earlier attempt left. Where the handset does not serve its files it
 * is as the policy says. Errors: those of `throughDrops` that a person must end, and ledger-unwritable.
 */
export async function overwriteErase(visit: Visit): Promise<StageOutcome> {
  const { context, link } = visit;
  const { overwrite } = context.policy.iphone;
  if (overwrite === 'off') return await skip(visit, 'policy', null);
  const { evidence } = context.history();
  if (latest(evidence, 'overwrite-removed')?.holds === true) return DONE;
  const attempt = { visit, crossing: { handset: link.sighting()?.handset ?? null } };
  try {
    return await attemptOverwrite(attempt);
  } catch (error) {
    if (staysAway(error)) return attention('handset-not-returning', { step: 'overwrite' });
    const said = closedBy(error);
    if (said === null) return incompleteBy(error);
    return overwrite === 'required'
      ? attention('iphone-storage-closed', { said })
      : await skip(visit, 'files-not-served', said);
  }
}

async function skip(
  visit: Visit,
  why: 'policy' | 'files-not-served',
  said: string | null,
): Promise<StageOutcome> {
  const before = latest(visit.context.history().evidence, 'overwrite-skipped');
  if (before?.value['why'] !== why) await recordSkipped(visit, why, said);
  return DONE;
}

/** The handset's own word where it does not serve its files; null where the error means something else. */
function closedBy(error: unknown): string | null {
  if (refusedWith(error, 'permission-denied')) return 'permission-denied';
  const isRefusal = hasCode(error, 'iphone-refused') && error.detail['request'] === 'StartService';
  return isRefusal ? String(error.detail['said'] ?? '') : null;
}

async function attemptOverwrite(attempt: Attempt): Promise<StageOutcome> {
  const { context } = attempt.visit;
  const { evidence } = context.history();
  const recorded = recordedPlan(latest(evidence, 'overwrite-planned'));
  if (recorded && latest(evidence, 'overwrite-read-back')?.holds === true)
    return await remove(attempt, recorded);
  const plan = await once(attempt, (afc, request) =>
    standing(attempt.visit, { afc, request, recorded }),
  );
  const free = freeBefore(attempt.visit);
  const meter = new Meter(context, free);
  const files = await fill(attempt, plan, meter);
  if (sumOf(files) !== writtenBefore(attempt.visit)) {
    const info = await once(attempt, (afc, request) => afc.deviceInfo(request));
    if (!(await recordWritten(attempt.visit, { files, freeBefore: free, info })))
      return again('overwrite-incomplete', { step: 'early-full', freeBytes: info.freeBytes });
  }
  const { bytes, mismatch } = await readBack(attempt, { plan, files, meter });
  await recordReadBack(attempt.visit, files, { bytes, mismatch });
  if (mismatch)
    return failed('overwrite-mismatch', { file: mismatch.file, offset: mismatch.offset });
  return await remove(attempt, plan);
}

/** A short piece of work that may be done anew from its beginning. */
function once<T>(
  { visit, crossing }: Attempt,
  work: (afc: Afc, request: WaitOptions) => Promise<T>,
): Promise<T> {
  return throughDrops(visit, { ...crossing, reached: () => 0 }, work);
}

interface Found {
  readonly afc: Afc;
  readonly request: WaitOptions;
  readonly recorded: FillPlan | null;
}

/** The recorded plan where its folder is still there; otherwise a new one, on record before its folder is made. */
async function standing(visit: Visit, { afc, request, recorded }: Found): Promise<FillPlan> {
  const { context } = visit;
  const folders = (await afc.list('/', request)).filter(isFillFolder);
  if (recorded && folders.includes(recorded.directory.slice(1))) return recorded;
  const plan = newFillPlan(context.history().run, context.overwriteFileBytes);
  await context.intend('overwrite-fill', { directory: plan.directory, removes: folders });
  // What a run that did not end left there cannot be proved any more, and its room is wanted.
  for (const folder of folders) await afc.removeAll(`/${folder}`, request);
  await recordPlanned(visit, plan, await afc.deviceInfo(request));
  await afc.makeDirectory(plan.directory, request);
  return plan;
}

function freeBefore({ context }: Visit): number {
  return Number(latest(context.history().evidence, 'overwrite-planned')?.value['freeBytes'] ?? 0);
}

/** An earlier attempt that filled everything need not be repeated where the handset still shows what was written then. */
async function fill(attempt: Attempt, plan: FillPlan, meter: Meter): Promise<readonly FillFile[]> {
  let filled = 0;
  const work = {
    plan,
    expected: createPattern(plan),
    onFilled: (bytes: number) => {
      filled = Math.max(filled, bytes);
      meter.filled(bytes);
    },
  };
  const before = writtenBefore(attempt.visit);
  return await throughDrops(
    attempt.visit,
    { ...attempt.crossing, reached: () => filled },
    async (afc, request) => {
      const files = before === null ? null : await listFill(afc, plan, request);
      if (files && sumOf(files) === before) return files;
      return await fillFrom(work, afc, request);
    },
  );
}

/** Bytes of a fill that ended well since the plan was made; null where there is none. */
function writtenBefore({ context }: Visit): number | null {
  const { evidence } = context.history();
  const since = evidence.slice(evidence.findLastIndex(({ kind }) => kind === 'overwrite-planned'));
  const written = latest(since, 'overwrite-written');
  return written?.holds === true ? Number(written.value['bytes']) : null;
}

async function readBack(
  { visit, crossing }: Attempt,
  { plan, files, meter }: { plan: FillPlan; files: readonly FillFile[]; meter: Meter },
) {
  const state: ReadBack = { files, place: 0, offset: 0, bytes: 0 };
  const written = sumOf(files);
  const work = {
    plan,
    expected: createPattern(plan),
    onRead: (bytes: number) => meter.read(bytes, written),
  };
  const mismatch = await throughDrops(
    visit,
    { ...crossing, reached: () => state.bytes },
    (afc, request) => readOn(state, work, { afc, request }),
  );
  return { bytes: state.bytes, mismatch };
}

async function remove(attempt: Attempt, plan: FillPlan): Promise<StageOutcome> {
  const { visit } = attempt;
  const free = freeBefore(visit);
  const seen = await once(attempt, async (afc, request) => {
    await afc.removeAll(plan.directory, request).catch((error: unknown) => {
      // A connection that died may have carried the order out.
      if (!refusedWith(error, 'not-found')) throw error;
    });
    const gone = !(await afc.list('/', request)).includes(plan.directory.slice(1));
    return {
      gone,
      freeBefore: free,
      freeBytes: await freed(visit, { afc, request, wanted: free * ALL_BUT_FREED }),
    };
  });
  const removed = await recordRemoved(visit, seen);
  return removed ? DONE : again('overwrite-incomplete', { step: 'remove', gone: seen.gone });
}

/** Free bytes when they are about those of before, or after half a minute. */
async function freed(
  { context }: Visit,
  { afc, request, wanted }: { afc: Afc; request: WaitOptions; wanted: number },
): Promise<number> {
  const end = context.clock() + FREED_WITHIN_MS;
  for (;;) {
    const { freeBytes } = await afc.deviceInfo(request);
    if (freeBytes >= wanted || context.clock() >= end) return freeBytes;
    await sleep(LOOK_AGAIN_MS, request.signal);
  }
}

/** Every other refusal of a file operation leaves the fill as it is, to be tried again. */
function incompleteBy(error: unknown): StageOutcome {
  if (!hasCode(error, 'overwrite-incomplete', 'afc-refused')) throw error;
  return again('overwrite-incomplete', error.detail);
}

function staysAway(error: unknown): boolean {
  return hasCode(error, 'handset-timeout') && error.detail['step'] === 'return';
}
