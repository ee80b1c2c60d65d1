import type { Config } from '../config.js';
import type { EraseEngine, Intent, StageContext, StageOutcome } from '../erasure-engines/engine.js';
import { asSarachiError, hasCode, SarachiError } from '../errors.js';
import type { Evidence, Json, JsonObject, Stage } from '../evidence.js';
import type { Log } from '../log.js';
import { abortError, type Clock, withDeadline } from '../wait.js';
import type { ProgressBoard } from './progress.js';
import type { StageJob } from './queues.js';
import type { RunBook } from './run-book.js';
import { lastFence, type RunRecord } from './run-record.js';

const HOUR_MS = 3_600_000;
/** How long a stage may take to notice that it was stopped. */
const WIND_DOWN_MS = 30_000;

/** The one stage that needs no handset; `port` is where it stands. */
export type CarrierCheckStage = (context: StageContext, port: string) => Promise<StageOutcome>;

export interface StageRunnerParts {
  readonly config: Config;
  readonly book: RunBook;
  readonly engineFor: (record: RunRecord) => EraseEngine;
  readonly carrierCheck: CarrierCheckStage;
  readonly progress: ProgressBoard;
  readonly clock: Clock;
  readonly log: Log;
}

/** Each stage as one call. A new stage without a line here does not compile. */
function stageTable(
  engine: EraseEngine,
  check: CarrierCheckStage,
  port: string,
): Record<Stage, (context: StageContext) => Promise<StageOutcome>> {
  return {
    identify: (context) => engine.identify(context),
    'carrier-check': (context) => check(context, port),
    'reset-delete': (context) => engine.resetDelete(context),
    'overwrite-erase': (context) => engine.overwriteErase(context),
    'felica-clear': (context) => engine.felicaClear(context),
    verify: (context) => engine.verify(context),
  };
}

/** Runs one attempt at one stage, with its beginning and its end on disk. */
export class StageRunner {
  readonly #parts: StageRunnerParts;
  readonly #busyPorts = new Set<string>();

  constructor(parts: StageRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with the record after the attempt. Throws stale-job where the attempt is not the newest of its run or
   * the port is being worked on, and ledger-unwritable where its end could not be written.
   */
  async run(job: StageJob, signal: AbortSignal): Promise<RunRecord> {
    const { book, log, clock } = this.#parts;
    const record = book.record(job.run);
    // The fence: an attempt that already began, or belongs to a finished run, must never touch the handset again.
    if (!record || record.settled || job.fence <= lastFence(record))
      throw new SarachiError('stale-job', { run: job.run, fence: job.fence });
    if (this.#busyPorts.has(job.port)) throw new SarachiError('stale-job', { port: job.port });
    this.#busyPorts.add(job.port);
    const own = log.child({ port: job.port, run: job.run, stage: job.stage, attempt: job.fence });
    const startedAt = clock();
    try {
      await this.#write(job, 'stage-started', { stage: job.stage, fence: job.fence });
      own.info('stage started');
      const outcome = await this.#attempt(job, signal, own);
      await this.#write(job, 'stage-ended', {
        stage: job.stage,
        fence: job.fence,
        outcome: { ...outcome },
      });
      if (outcome.kind === 'attention') {
        await this.#write(job, 'attention-raised', {
          stage: job.stage,
          code: outcome.code,
          detail: outcome.detail,
        });
      }
      own.info(
        { outcome: outcome.kind, ...codeOf(outcome), durMs: clock() - startedAt },
        'stage ended',
      );
      return this.#recordOf(job.run);
    } finally {
      this.#busyPorts.delete(job.port);
      this.#parts.progress.clear(job.run);
    }
  }

  async #attempt(job: StageJob, signal: AbortSignal, log: Log): Promise<StageOutcome> {
    const { config, carrierCheck } = this.#parts;
    const engine = this.#parts.engineFor(this.#recordOf(job.run));
    const stage = stageTable(engine, carrierCheck, job.port)[job.stage];
    const limit = { signal, timeoutMs: config.timing.stageHours * HOUR_MS };
    let work: Promise<unknown> = Promise.resolve();
    try {
      return await withDeadline(limit, 'deadline-passed', (inner) => {
        const outcome = stage(this.#contextOf(job, inner));
        work = outcome;
        return outcome;
      });
    } catch (thrown) {
      // The port is free only when its holder is really done, not when it was told to stop.
      await this.#windDown(work, log);
      if (hasCode(thrown, 'ledger-unwritable')) throw thrown;
      const error = asSarachiError(thrown);
      log.warn({ code: error.code, class: error.blame, err: error }, 'stage stopped by an error');
      return outcomeOfError(error);
    }
  }

  async #windDown(work: Promise<unknown>, log: Log): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<'stuck'>((resolve) => {
      timer = setTimeout(() => resolve('stuck'), WIND_DOWN_MS);
    });
    const ended = await Promise.race([
      work.then(
        () => 'ended',
        () => 'ended',
      ),
      patience,
    ]);
    clearTimeout(timer);
    if (ended === 'stuck')
      log.error({ code: 'internal', class: 'bug' }, 'a stopped stage did not end');
  }

  #contextOf(job: StageJob, signal: AbortSignal): StageContext {
    const { config, clock, progress } = this.#parts;
    const { stage, fence, run } = job;
    return {
      stage,
      fence,
      signal,
      policy: config.policy,
      timing: config.timing,
      overwriteFileBytes: config.overwrite.fileMegabytes * 1024 * 1024,
      clock,
      history: () => this.#recordOf(run),
      intend: async (step, detail) => {
        if (signal.aborted) throw abortError(signal);
        const intent: Omit<Intent, 'at'> = { stage, fence, step, detail };
        await this.#write(job, 'intent', { ...intent });
      },
      record: async (kind, { method, holds, value }) => {
        if (signal.aborted) throw abortError(signal);
        const evidence: Evidence = {
          kind,
          stage,
          method,
          at: new Date(clock()).toISOString(),
          holds,
          value,
        };
        await this.#write(job, 'evidence', { evidence: evidence as unknown as Json });
      },
      progress: (shown) => progress.update(run, shown, clock()),
      ask: this.#asker(job),
    };
  }

  /** Each thing that is asked is on disk once for an attempt, however often a person hesitates. */
  #asker({ stage, run, ...rest }: StageJob): StageContext['ask'] {
    const { progress } = this.#parts;
    const written = new Set<string>();
    return async (code) => {
      if (code && !written.has(code)) {
        written.add(code);
        const job = { stage, run, ...rest };
        await this.#write(job, 'attention-raised', { stage, code, detail: { waiting: true } });
      }
      progress.ask(run, code);
    };
  }

  #recordOf(run: string): RunRecord {
    const record = this.#parts.book.record(run);
    if (!record) throw new SarachiError('internal', { tag: 'record-lost-40cd', run });
    return record;
  }

  async #write(
    job: StageJob,
    type: 'stage-started' | 'stage-ended' | 'intent' | 'evidence' | 'attention-raised',
    body: JsonObject,
  ): Promise<void> {
    await this.#parts.book.append({ type, run: job.run, port: job.port, body });
  }
}

function codeOf(outcome: StageOutcome): { code?: string } {
  return outcome.kind === 'done' ? {} : { code: outcome.code };
}

/** What a stage that threw means for its run. Pure. Nothing thrown is ever a success. */
export function outcomeOfError(error: SarachiError): StageOutcome {
  const { code, detail } = error;
  switch (code) {
    case 'handset-swapped':
    case 'overwrite-mismatch':
    case 'reset-not-proved':
      return { kind: 'failed', code, detail };
    case 'unsupported-handset':
    case 'handset-garbage':
    case 'handset-too-talkative':
      return { kind: 'attention', code: 'unsupported-handset', detail: { ...detail, code } };
    case 'reset-no-method':
      return { kind: 'attention', code: 'reset-by-hand', detail };
    default:
      return { kind: 'again', code, detail };
  }
}
