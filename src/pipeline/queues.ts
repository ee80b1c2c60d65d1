import { type Job, Queue, QueueEvents, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { SarachiError } from '../errors.js';
import { STAGES } from '../evidence.js';
import type { Log } from '../log.js';
import { withDeadline } from '../wait.js';
import type { Resource } from './resources.js';

/** Longer than any restart of Redis: a lock that ran out would hand the same job out a second time. */
const LOCK_MS = 60_000;
const STALLED_CHECK_MS = 30_000;
const KEPT_JOBS = 200;
/** Redis may be restarted meanwhile; longer than that, a person is told. */
const ANSWER_MS = 60_000;
const LOOK_MS = 5_000;

const stageJob = z.strictObject({
  run: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  port: z.string().regex(/^P[0-9]{2}$/),
  stage: z.enum(STAGES),
  fence: z.int().min(1),
});
export type StageJob = z.infer<typeof stageJob>;

export interface QueueParts {
  readonly connection: Redis;
  /** Keeps the keys of several racks on one Redis apart. */
  readonly prefix: string;
  readonly resources: readonly Resource[];
  /** Does the work; must settle soon after the signal fires. */
  readonly work: (job: StageJob, signal: AbortSignal) => Promise<void>;
  /** A job ended in Redis without this process having worked on it. */
  readonly lost: (jobId: string) => void;
  /** Redis took a job of this queue away from a worker that had stopped renewing its lock. */
  readonly stalled: (queue: string) => void;
  readonly log: Log;
}

export interface QueueSnapshot {
  readonly queue: string;
  readonly concurrency: number;
  readonly active: readonly string[];
  readonly waiting: readonly string[];
}

interface Lane {
  readonly resource: Resource;
  readonly queue: Queue;
  readonly worker: Worker;
  readonly events: QueueEvents;
}

/** Jobs are named so that adding the same attempt twice is one job. */
export function jobIdOf({ run, stage, fence }: Pick<StageJob, 'run' | 'stage' | 'fence'>): string {
  return `${run}.${stage}.${fence}`;
}

/**
 * The BullMQ queues of one rack, one per scarce thing. Destructive work is never run again by the queue itself:
 * one attempt, no stalled re-run, and a lost lock cancels the work at once. The ledger, not Redis, knows what is open.
 */
export class StageQueues {
  readonly #parts: QueueParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #working = new Map<string, Promise<void>>();

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** Empties what an earlier daemon left (open runs are queued again from the ledger) and starts the workers. */
  async start(): Promise<void> {
    for (const resource of this.#parts.resources) {
      const { connection, prefix } = this.#parts;
      const queue = new Queue(resource.queue, { connection, prefix });
      this.#complain(queue, resource);
      await answered(() => queue.obliterate({ force: true }));
      // From the very first event: the XREAD of QueueEvents begins after waitUntilReady() has resolved.
      const events = new QueueEvents(resource.queue, { connection, prefix, lastEventId: '0-0' });
      this.#complain(events, resource);
      events.on('failed', ({ jobId, failedReason }) => {
        // With no stalled re-run allowed, BullMQ fails the job with these words.
        if (failedReason.startsWith('job stalled')) this.#parts.stalled(resource.queue);
        if (!this.#working.has(jobId)) this.#parts.lost(jobId);
      });
      await answered(() => events.waitUntilReady());
      const worker = this.#startWorker(resource);
      this.#lanes.set(resource.queue, { resource, queue, worker, events });
    }
  }

  /** Waits for the running work to settle; callers cancel it first when they cannot wait. Not for a Redis that hangs. */
  async stop(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    const closing = Promise.all(lanes.map(({ worker }) => worker.close()));
    closing.catch(() => undefined);
    await Promise.allSettled(this.#working.values());
    await answered(async () => {
      await closing;
      await Promise.all(lanes.flatMap(({ queue, events }) => [queue.close(), events.close()]));
    }, LOOK_MS);
  }

  /** Rejects with redis-gone; a job that reaches Redis even later is then nobody's. */
  async add(queueName: string, job: StageJob): Promise<void> {
    const options = {
      jobId: jobIdOf(job),
      attempts: 1,
      removeOnComplete: { count: KEPT_JOBS },
      removeOnFail: { count: KEPT_JOBS },
    };
    await answered(() => this.#lane(queueName).queue.add(job.stage, job, options));
  }

  /** Tells a job that this process works on to stop; its end still comes. False where it does not work on it. */
  cancel(queueName: string, job: StageJob, reason: string): boolean {
    const id = jobIdOf(job);
    if (!this.#working.has(id)) return false;
    this.#lane(queueName).worker.cancelJob(id, reason);
    return true;
  }

  /** Takes a waiting job out of its queue. Rejects with redis-gone. */
  async remove(queueName: string, job: StageJob): Promise<void> {
    await answered(() => this.#lane(queueName).queue.remove(jobIdOf(job)));
  }

  cancelAll(reason: string): void {
    for (const { worker } of this.#lanes.values()) worker.cancelAllJobs(reason);
  }

  isWorking(job: StageJob): boolean {
    return this.#working.has(jobIdOf(job));
  }

  /** Whether Redis still knows the job as waiting or active. */
  async knows(queueName: string, job: StageJob): Promise<boolean> {
    const state = await answered(() => this.#lane(queueName).queue.getJobState(jobIdOf(job)));
    return state !== 'unknown' && state !== 'completed' && state !== 'failed';
  }

  async snapshot(): Promise<QueueSnapshot[]> {
    return Promise.all(
      [...this.#lanes.values()].map(async ({ resource, queue }) => ({
        ...resource,
        active: portsOf(await answered(() => queue.getActive(), LOOK_MS)),
        waiting: portsOf(await answered(() => queue.getWaiting(), LOOK_MS)),
      })),
    );
  }

  #startWorker(resource: Resource): Worker {
    const { connection, prefix, log } = this.#parts;
    const worker = new Worker(resource.queue, (job, _token, signal) => this.#process(job, signal), {
      connection,
      prefix,
      concurrency: resource.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: 0,
    });
    this.#complain(worker, resource);
    worker.on('lockRenewalFailed', (ids) => {
      log.error(
        { code: 'lock-lost', class: 'host', jobs: ids },
        'queue lock lost; stopping the work',
      );
      for (const id of ids) worker.cancelJob(id, 'lock-lost');
    });
    return worker;
  }

  async #process(job: Job, signal: AbortSignal | undefined): Promise<void> {
    const id = job.id ?? '';
    // The same attempt handed out twice in one process: the first delivery goes on, this one does nothing.
    if (this.#working.has(id)) throw new SarachiError('stale-job', { job: id });
    const work = this.#parts.work(stageJob.parse(job.data), signal ?? new AbortController().signal);
    this.#working.set(id, work);
    try {
      await work;
    } finally {
      this.#working.delete(id);
    }
  }

  #complain(
    source: { on(event: 'error', listener: (error: Error) => void): unknown },
    resource: Resource,
  ): void {
    source.on('error', (error) =>
      this.#parts.log.warn({ queue: resource.queue, err: error }, 'queue connection trouble'),
    );
  }

  #lane(queueName: string): Lane {
    const lane = this.#lanes.get(queueName);
    if (!lane) throw new SarachiError('internal', { tag: 'queue-unknown-b1e7', queue: queueName });
    return lane;
  }
}

/** A command to a Redis that is away waits in this process until it is back: never for ever. */
function answered<T>(ask: () => Promise<T>, timeoutMs = ANSWER_MS): Promise<T> {
  return withDeadline({ signal: new AbortController().signal, timeoutMs }, 'redis-gone', ask);
}

function portsOf(jobs: readonly (Job | undefined)[]): string[] {
  return jobs.flatMap((job) => {
    const data = stageJob.safeParse(job?.data);
    return data.success ? [data.data.port] : [];
  });
}
