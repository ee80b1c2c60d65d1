import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { CarrierAnswer } from '../src/carrier-check/answer.js';
import { CarrierBroker } from '../src/carrier-check/broker/carrier-broker.js';
import type { CarrierPace } from '../src/carrier-check/broker/pace.js';
import { SarachiError } from '../src/errors.js';
import { createLog } from '../src/log.js';
import { RedisServer } from '../src/pipeline/redis-server.js';
import { raceAbort } from '../src/wait.js';
import type { Bench, BenchContext, BenchResult, Row } from './bench.js';
import { median, spread } from './statistics.js';

const GOAL = 0.8;
const DEADLINE_MS = 120_000;

/** One limiter: one look-up in so many ms. */
interface Limit {
  readonly spacingMs: number;
  readonly lookUps: number;
  readonly goal: boolean;
}

/** Faster than any carrier is asked, and what is hardly a limit: there the books themselves show. */
const LIMITS: readonly Limit[] = [
  { spacingMs: 50, lookUps: 150, goal: true },
  { spacingMs: 5, lookUps: 400, goal: false },
];

interface Pair {
  /** Look-ups a second. */
  readonly ours: number;
  readonly peer: number;
}

export const carrierBroker: Bench = {
  name: 'carrier-broker',
  title: 'look-ups through the broker at a carrier that takes no time, against bare BullMQ',
  run: async (context) => {
    const server = new RedisServer(path.join(context.folder, 'redis'), createLog('silent'));
    await server.start();
    try {
      const rows: Row[] = [];
      const samples: BenchResult['samples'][number][] = [];
      for (const limit of LIMITS) {
        const pairs = await pairsOf(context, server.socket, limit);
        rows.push(rowOf(limit, pairs));
        samples.push(...pairs.map((pair) => ({ spacingMs: limit.spacingMs, ...pair })));
      }
      return { rows, samples, notes: NOTES };
    } finally {
      await server.stop();
    }
  },
};

const NOTES = [
  'both: one process, the same Redis on a unix socket with every write on disk, one queue with global concurrency 1 and the global limiter, all questions put at once, until the last caller has its answer. The carrier is a function that answers at once.',
  'peer: queue.add and job.waitUntilFinished of BullMQ alone. Ours counts, keeps and tells each answer, writes each intent, and begins its spacing when a look-up has ended instead of when it began.',
  'one look-up in 5 ms is no limit that a carrier has: the line shows what the broker itself costs. Below that BullMQ sleeps 100 ms now and then, where the last ms of a limit passes while it looks.',
];

async function pairsOf(context: BenchContext, socket: string, limit: Limit): Promise<Pair[]> {
  const count = context.quick ? 1 : 5;
  const part = context.quick ? 0.2 : 1;
  const round = { ...limit, lookUps: limit.lookUps * part };
  const pairs: Pair[] = [];
  for (let n = 1; n <= count; n += 1) {
    const ours = await timed(socket, round, context.signal, byBroker);
    const peer = await timed(socket, round, context.signal, byBullmq);
    context.say(
      `1 in ${limit.spacingMs} ms, pair ${n} of ${count}: ${perSecond(ours)}, ${perSecond(peer)}`,
    );
    pairs.push({ ours, peer });
  }
  return pairs;
}

type Contender = (connection: Redis, limit: Limit, signal: AbortSignal) => Promise<number>;

async function timed(
  socket: string,
  limit: Limit,
  signal: AbortSignal,
  contender: Contender,
): Promise<number> {
  const connection = new Redis({ path: socket, maxRetriesPerRequest: null });
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  setMaxListeners(0, deadline);
  try {
    await connection.flushall();
    return (limit.lookUps * 1000) / (await contender(connection, limit, deadline));
  } finally {
    connection.disconnect();
  }
}

async function byBroker(connection: Redis, limit: Limit, signal: AbortSignal): Promise<number> {
  const broker = new CarrierBroker({
    lines: [
      {
        source: { carrier: 'docomo', source: 'api', lookUp: async (imei) => answerOf(imei) },
        pace: paceOf(limit),
      },
    ],
    ...{ connection, clock: Date.now, random: Math.random, log: createLog('silent') },
  });
  await broker.start();
  const began = performance.now();
  const answers = await Promise.all(
    imeis(limit).map((imei) =>
      broker.ask({ carrier: 'docomo', imei, maxAgeMs: 1 }, { signal, timeoutMs: DEADLINE_MS }),
    ),
  );
  const took = performance.now() - began;
  if (answers.some(({ outcome, cached }) => outcome !== 'ok' || cached))
    throw new SarachiError('internal', { tag: 'bench-broker-answers' });
  await broker.stop();
  return took;
}

async function byBullmq(connection: Redis, limit: Limit, signal: AbortSignal): Promise<number> {
  const queue = new Queue('bare', { connection });
  queue.setMaxListeners(0);
  await queue.setGlobalRateLimit(1, limit.spacingMs);
  await queue.setGlobalConcurrency(1);
  const events = new QueueEvents('bare', { connection, lastEventId: '0-0' });
  events.setMaxListeners(0);
  await events.waitUntilReady();
  const worker = new Worker<string>('bare', async ({ data }) => answerOf(data), { connection });
  await worker.waitUntilReady();
  const began = performance.now();
  const all = Promise.all(
    imeis(limit).map(async (imei) => {
      const job = await queue.add('look-up', imei, { removeOnComplete: { count: 1000 } });
      return job.waitUntilFinished(events);
    }),
  );
  await raceAbort(all, signal);
  const took = performance.now() - began;
  await worker.close();
  await Promise.all([events.close(), queue.close()]);
  return took;
}

function imeis({ lookUps }: Limit): readonly string[] {
  return Array.from({ length: lookUps }, (_, n) => String(350_000_000_000_000 + n));
}

function answerOf(imei: string): CarrierAnswer {
  return {
    ...{ carrier: 'docomo', imei, mark: 'circle', outcome: 'ok', source: 'api' },
    ...{ rawGlyph: '○', rawText: '○', checkedAt: new Date().toISOString(), scope: 'carrier' },
    evidence: { sha256: '0'.repeat(64), excerpt: '○', parser: 'bench/1' },
  };
}

function paceOf({ spacingMs, lookUps }: Limit): CarrierPace {
  return {
    ...{ spacingMs, jitterMs: 0, perDay: lookUps, requestMs: 5_000 },
    ...{ ttlMs: 3_600_000, troubleTtlMs: 60_000 },
    breaker: { failures: 3, coolDownMs: 60_000, longestCoolDownMs: 60_000 },
    canary: { imeis: [], every: 100 },
  };
}

function rowOf({ spacingMs, goal }: Limit, pairs: readonly Pair[]): Row {
  // Look-ups a second: the more the better, so that ours stands above.
  const ratios = pairs.map(({ ours, peer }) => ours / peer);
  const ratio = median(ratios);
  return {
    claim: `carrier look-ups, 1 in ${spacingMs} ms`,
    ours: perSecond(median(pairs.map(({ ours }) => ours))),
    peer: perSecond(median(pairs.map(({ peer }) => peer))),
    ratio,
    goal: goal ? `>= ${GOAL}` : 'none',
    met: goal ? ratio >= GOAL : null,
    runs: pairs.length,
    spread: spread(ratios, (value) => value.toFixed(2)),
  };
}

function perSecond(value: number): string {
  return `${value.toFixed(1)} /s`;
}
