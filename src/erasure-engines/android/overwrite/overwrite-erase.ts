import { shellQuote } from '../../../text.js';
import type { StageOutcome } from '../../engine.js';
import { again, attention, DONE, failed } from '../../outcome.js';
import { latest, triesOf } from '../../past.js';
import { presentTrouble } from '../bus.js';
import { checkGates } from '../check-gates.js';
import { parseDiskFree } from '../parsers/storage.js';
import { probe, untilAnswering } from '../probe.js';
import type { HandsetReport } from '../report.js';
import { assertSameHandset } from '../same-handset.js';
import { enterEvaluation, withMode } from '../trade-in-mode.js';
import { commandWait, runWord, type Visit } from '../visit.js';
import { comeBack, isDrop, throughDrops } from './come-back.js';
import { fill } from './fill.js';
import { installFill, lookAtFill } from './filler.js';
import { bodyBytes, type FillPlan, newFillPlan, planValue, recordedPlan } from './plan.js';
import { type FillFile, listFill, readBack } from './read-back.js';

/** Free storage that may be left when no write goes in any more: what file systems keep back in odd places. */
const LEFT_OVER_PART = 0.01;
const LEFT_OVER_KB = 4096;

/**
 * Fills every block that the shell user may write, reads everything back, deletes it and trims. The same before a
 * reset, where it reaches only free storage, and after one, where it reaches nearly all.
 */
export async function overwriteErase(visit: Visit): Promise<StageOutcome> {
  const { context, link } = visit;
  const { evidence } = context.history();
  if (latest(evidence, 'overwrite-removed')?.holds === true) return DONE;
  const trouble = presentTrouble(link.sighting());
  if (trouble) return attention(trouble);
  const report = await openShell(visit);
  if (!wasReset(visit)) {
    const code = await checkGates(visit, report);
    if (code) return attention(code);
  }
  const recorded = recordedPlan(latest(evidence, 'overwrite-planned'));
  if (latest(evidence, 'overwrite-read-back')?.holds === true && recorded)
    return await remove(visit, recorded);
  const plan = await planFill(visit, report, recorded);
  const availableKb = Number(
    latest(context.history().evidence, 'overwrite-planned')?.value['availableKb'] ?? 0,
  );
  await fill(visit, plan, availableKb);
  const files = await throughDrops(visit, () => listFill(visit, plan));
  const written = await recordWritten(visit, { plan, files, availableKb });
  if (!written) return again('overwrite-incomplete', { files: files.length });
  const mismatch = await readBack(visit, plan, files);
  const bytes = sum(files);
  const memory = report.capabilities.memTotalBytes;
  await context.record('overwrite-read-back', {
    method: 'sha256sum on the handset, compared on the host',
    holds: mismatch === null,
    value: {
      bytes,
      files: files.length,
      cache: memory !== null && bytes >= memory * 2 ? 'exceeds-memory' : 'not-excluded',
      memoryBytes: memory,
      ...(mismatch
        ? { file: mismatch.file, expected: mismatch.expected, got: mismatch.got, offset: null }
        : {}),
    },
  });
  if (mismatch) return failed('overwrite-mismatch', { file: mismatch.file });
  return await remove(visit, plan);
}

/** A full look from a shell; in the trade-in foyer, from inside evaluation. */
async function openShell(visit: Visit): Promise<HandsetReport> {
  await untilAnswering(visit, visit.context.timing.returnSeconds * 1000);
  const report = withMode(visit, await probe(visit));
  assertSameHandset(visit, report);
  return report.capabilities.mode === 'foyer' ? await enterEvaluation(visit) : report;
}

function wasReset(visit: Visit): boolean {
  return triesOf(visit.context.history(), 'reset-delete').some(({ held }) => held === true);
}

/** The recorded plan where its folder is still there; otherwise a new one, on record before the first byte. */
async function planFill(
  visit: Visit,
  report: HandsetReport,
  recorded: FillPlan | null,
): Promise<FillPlan> {
  const { context, places } = visit;
  if (recorded) {
    const { state } = await throughDrops(visit, () => lookAtFill(visit, recorded));
    if (state !== 'lost' && state !== 'broken') return recorded;
  }
  const plan = newFillPlan(runWord(visit), places.work, {
    fileBytes: context.overwriteFileBytes,
    availableKb: report.state.dataAvailableKb ?? 0,
  });
  const { dataAvailableKb, dataTotalKb, dataUsedKb } = report.state;
  await context.record('overwrite-planned', {
    method: 'random seed of this run',
    holds: true,
    value: {
      ...planValue(plan),
      scope: wasReset(visit)
        ? 'after the reset: the storage but for the fresh system'
        : 'before the reset: free storage only',
      fileBytes: bodyBytes(plan),
      availableKb: dataAvailableKb,
      totalKb: dataTotalKb,
      usedKb: dataUsedKb,
      fileSystem: report.capabilities.dataFileSystem,
    },
  });
  await context.intend('overwrite-fill', { directory: plan.directory });
  await throughDrops(visit, () => installFill(visit, plan));
  return plan;
}

/** False where more room is left than file systems keep back: something else stopped the writing, such as a quota. */
async function recordWritten(
  visit: Visit,
  { plan, files, availableKb }: { plan: FillPlan; files: readonly FillFile[]; availableKb: number },
): Promise<boolean> {
  const { context, link } = visit;
  const { stdout } = await throughDrops(visit, () =>
    link.shell(`df -k ${shellQuote(plan.directory)}`, commandWait(visit)),
  );
  const disk = parseDiskFree(stdout);
  const bytes = sum(files);
  const left = disk?.availableKb ?? Number.POSITIVE_INFINITY;
  const holds = files.length > 0 && left <= Math.max(LEFT_OVER_KB, availableKb * LEFT_OVER_PART);
  const coverage = availableKb > 0 ? Math.min(100, (bytes / (availableKb * 1024)) * 100) : 0;
  await context.record('overwrite-written', {
    method: 'sizes of the fill files, df -k',
    holds,
    value: {
      bytes,
      files: files.length,
      availableBeforeKb: availableKb,
      availableAfterKb: disk?.availableKb ?? null,
      coveragePercent: Math.floor(coverage * 100) / 100,
    },
  });
  const reservedKb = disk ? Math.max(0, disk.totalKb - disk.usedKb - disk.availableKb) : null;
  await context.record('not-covered', {
    method: 'df -k on the full storage',
    holds: true,
    value: {
      reservedBytes: reservedKb === null ? null : reservedKb * 1024,
      leftOverBytes: disk ? disk.availableKb * 1024 : null,
      systemUsedBytes:
        Number(latest(context.history().evidence, 'overwrite-planned')?.value['usedKb'] ?? 0) *
        1024,
      // Where the reserve lies cannot be seen from the shell.
      reserve:
        'moved onto overwritten blocks as far as the allocator goes along; not provable from the shell',
      beyond: [
        'metadata areas of the file system',
        'other partitions',
        'over-provisioned and remapped flash blocks',
        'secure element',
      ],
    },
  });
  return holds;
}

async function remove(visit: Visit, plan: FillPlan): Promise<StageOutcome> {
  const { context, link } = visit;
  const wait = commandWait(visit);
  const folder = shellQuote(plan.directory);
  const command = `rm -rf ${folder}; sync; sm fstrim >/dev/null 2>&1; echo trim $?; [ -e ${folder} ] && echo kept; df -k ${shellQuote(visit.places.work)}`;
  const work = () =>
    link.shell(command, { ...wait, timeoutMs: Math.max(wait.timeoutMs * 5, 600_000) });
  const { stdout } = await work().catch(async (error: unknown) => {
    if (!isDrop(error) || context.signal.aborted) throw error;
    await comeBack(visit);
    return await work();
  });
  const disk = parseDiskFree(stdout);
  const before = Number(
    latest(context.history().evidence, 'overwrite-planned')?.value['availableKb'] ?? 0,
  );
  // A fresh system goes on writing its own files meanwhile, so not every block comes back.
  const back = disk !== null && disk.availableKb >= before * 0.5;
  const holds = !/^kept$/m.test(stdout) && back;
  await context.record('overwrite-removed', {
    method: 'rm, sync, sm fstrim, df -k',
    holds,
    value: {
      availableKb: disk?.availableKb ?? null,
      availableBeforeKb: before,
      trimmed: /^trim 0$/m.test(stdout),
    },
  });
  return holds ? DONE : again('command-failed', { command: 'rm' });
}

function sum(files: readonly FillFile[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
