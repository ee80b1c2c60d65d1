import type { Redis } from 'ioredis';
import type { Config } from '../config.js';
import type { EraseEngine } from '../erasure-engines/engine.js';
import { asSarachiError, hasCode, SarachiError } from '../errors.js';
import type { Json, JsonObject } from '../evidence.js';
import type { HandsetKey } from '../handset.js';
import type { Lane, Verdict } from '../ledger/entry.js';
import type { Log } from '../log.js';
import type { Clock } from '../wait.js';
import type { CertificateOffice } from './certificate-office.js';
import { type NextStep, nextStep, type Outcome } from './next-step.js';
import { PendingJobs } from './pending-jobs.js';
import { makePlan } from './plan.js';
import { ProgressBoard } from './progress.js';
import { jobIdOf, type StageJob, StageQueues } from './queues.js';
import { type Recovery, recoveryOf } from './recovery.js';
import { queueFor, readerOf, resourcesOf } from './resources.js';
import type { RunBook } from './run-book.js';
import { type RunFacts, runFacts } from './run-facts.js';
import { newRunId } from './run-id.js';
import { lastAsked, type RunRecord, type Voided } from './run-record.js';
import { type CarrierCheckStage, StageRunner } from './stage-runner.js';
import { readStatement } from './statement.js';
import { validationState } from './validation.js';
import { judge } from './verdict.js';

/** How often waiting jobs are compared with what Redis still knows. */
const RECONCILE_MS = 5_000;

export interface PipelineParts {
  readonly config: Config;
  readonly book: RunBook;
  readonly office: CertificateOffice;
  readonly connection: Redis;
  readonly engineFor: (record: RunRecord) => EraseEngine;
  readonly carrierCheck: CarrierCheckStage;
  readonly outcome: (outcome: Outcome) => void;
  /** A queue lost a job of its worker; for counting. */
  readonly stalled?: (queue: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes runs through their stages: jobs in, outcomes out, everything on disk first. */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #queues: StageQueues;
  readonly #runner: StageRunner;
  readonly #progress = new ProgressBoard();
  readonly #pending: PendingJobs;
  #reconcile: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    const { config, book, engineFor, carrierCheck, clock, log, connection } = parts;
    this.#runner = new StageRunner({
      config,
      book,
      engineFor,
      carrierCheck,
      progress: this.#progress,
      clock,
      log,
    });
    this.#queues = new StageQueues({
      connection,
      prefix: `sarachi-${config.rack.id}`,
      resources: resourcesOf(config),
      work: (job, signal) => this.#work(job, signal),
      lost: (jobId) => this.#lost(jobId),
      stalled: (queue) => parts.stalled?.(queue),
      log,
    });
    this.#pending = new PendingJobs({
      queueOf: (job) => this.#queueOf(job),
      isWorking: (job) => this.#queues.isWorking(job),
    });
  }

  async start(): Promise<void> {
    await this.#queues.start();
    let comparing = false;
    this.#reconcile = setInterval(() => {
      if (comparing) return;
      comparing = true;
      this.#findLostJobs()
        .catch((error) => this.#parts.log.warn({ err: error }, 'could not compare jobs with Redis'))
        .finally(() => {
          comparing = false;
        });
    }, RECONCILE_MS);
  }

  /** Stops the running work (each handset is probed at the next start) and lets the queues go. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#reconcile);
    this.#queues.cancelAll('shutdown');
    await this.#queues.stop();
  }

  /** Ends what a crash left half-ended and tells what each port is to go on from. */
  async recover(): Promise<Recovery> {
    const { book, config } = this.#parts;
    const recovery = recoveryOf(
      { unfinished: book.unfinished(), last: book.lastRuns(), held: book.heldPorts() },
      config,
    );
    for (const run of recovery.leftOver) await this.#endLeftOver(run);
    return recovery;
  }

  /** One run that cannot be ended must not keep the other ports from working. */
  async #endLeftOver(run: string): Promise<void> {
    try {
      await this.settle(run, 'removed');
    } catch (thrown) {
      const { code, blame } = asSarachiError(thrown);
      this.#parts.log.error({ run, code, class: blame, err: thrown }, 'a run could not be ended');
    }
  }

  async open(port: { port: string }, usbPath: string, handset: HandsetKey | null): Promise<string> {
    const run = newRunId(port.port, this.#parts.clock());
    const body = { usbPath, handset, policyVersion: this.#parts.config.policy.version };
    await this.#parts.book.append({ type: 'run-opened', run, port: port.port, body });
    return run;
  }

  async enqueue(job: StageJob): Promise<void> {
    this.#pending.add(job);
    try {
      await this.#queues.add(this.#queueOf(job), job);
    } catch (error) {
      this.#pending.remove(job);
      throw error;
    }
  }

  async abort(job: StageJob, reason: Voided): Promise<void> {
    const { book, log } = this.#parts;
    const { run, port } = job;
    const queue = this.#queueOf(job);
    // Before the attempt can write its end: a crash in between must not leave a run that looks well done.
    const written = book.append({ type: 'run-voided', run, port, body: { reason } });
    if (!this.#queues.cancel(queue, job, reason)) {
      // It only waited, and no worker would tell its end. From here on no delivery of it is taken any more.
      this.#tell(job, { do: 'settle' });
      this.#queues
        .remove(queue, job)
        .catch((error) => log.warn({ port, run, err: error }, 'an aborted job stays in its queue'));
    }
    await written;
  }

  /** Writes verdict and certificate; the same answer again where that was done before. */
  async settle(run: string, voided: Voided | null): Promise<{ verdict: Verdict; lane: Lane }> {
    const { book, config, office, log } = this.#parts;
    const record = this.#need(run);
    if (!record.settled) {
      const { verdict, lane, reasons } = judge(record, config.policy, voided);
      await book.append({
        type: 'run-settled',
        run,
        port: record.port,
        body: { verdict, lane, reasons },
      });
      log.info({ run, port: record.port, verdict, lane, reasons }, 'run settled');
    }
    const settled = this.#need(run);
    if (!settled.certificate) await office.issue(settled);
    const { verdict, lane } = settled.settled ?? { verdict: 'inconclusive', lane: 'attention' };
    return { verdict, lane };
  }

  /** Writes what a person did; a Confirm is also evidence of what was stated. Throws bad-request. */
  async acted(
    run: string | null,
    port: string,
    act: { action: string; by: string; statement: JsonObject },
  ): Promise<void> {
    const { book, clock } = this.#parts;
    const record = run === null ? null : book.record(run);
    const asked = record && lastAsked(record);
    const confirms = act.action === 'confirm' && record && asked;
    const statement = confirms ? readStatement(asked.code, act.statement) : {};
    await book.append({
      type: 'operator-acted',
      run,
      port,
      body: { action: act.action, by: act.by, statement },
    });
    if (!confirms) return;
    const evidence = {
      kind: 'person-confirmed',
      stage: asked.stage,
      method: 'stated at the port',
      at: new Date(clock()).toISOString(),
      holds: true,
      value: { ...statement, attention: asked.code, by: act.by },
    };
    await book.append({ type: 'evidence', run, port, body: { evidence } });
  }

  /** What a panel may be told of a run. */
  factsOf(run: string): RunFacts | null {
    const record = this.#parts.book.record(run);
    if (!record) return null;
    return runFacts(record, {
      progress: this.#progress.of(run),
      waiting: this.#pending.placeOf(run),
      asks: this.#progress.askedFor(run),
      reader: readerOf(record.port, this.#parts.config),
      validation: validationState(record, this.#parts.config.policy.validationBeforeRelease),
    });
  }

  queues(): ReturnType<StageQueues['snapshot']> {
    return this.#queues.snapshot();
  }

  async #work(job: StageJob, signal: AbortSignal): Promise<void> {
    const { log } = this.#parts;
    // Whatever the port no longer waits for must not touch a handset, however late a queue hands it out.
    if (!this.#pending.has(job))
      throw new SarachiError('stale-job', { run: job.run, fence: job.fence });
    try {
      const record = await this.#runner.run(job, signal);
      await this.#planIfIdentified(record);
      if (this.#stopping) return;
      this.#tell(job, nextStep(this.#need(job.run), this.#parts.config.policy));
    } catch (thrown) {
      const error = asSarachiError(thrown);
      if (hasCode(thrown, 'stale-job')) throw thrown;
      log.error(
        { port: job.port, run: job.run, code: error.code, class: error.blame, err: error },
        'an attempt could not be written down',
      );
      this.#tell(job, { do: 'attention', code: 'host-trouble', trouble: error.code });
    }
  }

  async #planIfIdentified(record: RunRecord): Promise<void> {
    const identified = record.attempts.some(
      ({ stage, outcome }) => stage === 'identify' && outcome?.kind === 'done',
    );
    if (!identified || record.plan) return;
    const plan = makePlan(record, this.#parts.config.policy, this.#parts.config.felica);
    if (!plan) return;
    await this.#parts.book.append({
      type: 'plan-made',
      run: record.run,
      port: record.port,
      body: { plan: plan as unknown as Json },
    });
  }

  #tell(job: StageJob, next: NextStep): void {
    if (!this.#pending.remove(job)) return;
    this.#parts.outcome({ run: job.run, port: job.port, fence: job.fence, next });
  }

  /** Redis ended a job on its own: the record says what follows, and the next attempt probes the handset. */
  #lost(jobId: string): void {
    const job = this.#pending.byId(jobId);
    if (!job || this.#stopping || this.#queues.isWorking(job)) return;
    this.#parts.log.warn(
      { port: job.port, run: job.run, code: 'lock-lost' },
      'the queue gave up a job; going on from the ledger',
    );
    this.#tell(job, { do: 'stage', stage: job.stage });
  }

  /** A Redis that came back empty has forgotten waiting jobs: they are queued again. */
  async #findLostJobs(): Promise<void> {
    for (const job of this.#pending.waiting()) {
      if (this.#stopping) return;
      if (await this.#queues.knows(this.#queueOf(job), job)) continue;
      if (!this.#pending.has(job)) continue;
      this.#lost(jobIdOf(job));
    }
  }

  #queueOf(job: StageJob): string {
    const { config, book } = this.#parts;
    if (!config.rack.ports[job.port]) throw new SarachiError('not-found', { port: job.port });
    return queueFor(job, book.record(job.run)?.identity ?? null, config);
  }

  #need(run: string): RunRecord {
    const record = this.#parts.book.record(run);
    if (!record) throw new SarachiError('not-found', { run });
    return record;
  }
}
