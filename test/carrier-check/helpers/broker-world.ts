import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { CarrierAnswer } from '../../../src/carrier-check/answer.js';
import type { CarrierPace } from '../../../src/carrier-check/broker/pace.js';
import type { Mark } from '../../../src/carrier-check/marks.js';
import { RedisServer } from '../../../src/pipeline/redis-server.js';

export const silent = pino({ level: 'silent' });

/** Resolves when `holds`; throws after the deadline. It leaves the processor to the others. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(10);
  }
}

interface Test {
  teardown(fn: () => unknown): void;
}

/** A Redis of the test's own, in a temp folder. */
export async function ownRedis(t: Test): Promise<RedisServer> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-broker-'));
  const server = new RedisServer(dir, silent);
  t.teardown(async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

export function connect(socket: string): Redis {
  const redis = new Redis({
    path: socket,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  redis.on('error', () => undefined);
  return redis;
}

/** The n-th IMEI of a made-up model, with its check digit. */
export function imeiOf(n: number): string {
  const body = `35693803${String(n).padStart(6, '0')}`;
  let sum = 0;
  for (let place = 0; place < body.length; place += 1) {
    const digit = Number(body[place]) * (place % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return body + String((10 - (sum % 10)) % 10);
}

/** What the made-up carrier says about it. */
export function markOf(imei: string): Exclude<Mark, 'unknown'> {
  const marks = ['circle', 'triangle', 'cross', 'dash'] as const;
  return marks[Number(imei.slice(8, 14)) % marks.length] ?? 'dash';
}

export function okAnswer(imei: string, mark: Mark, checkedAt = new Date()): CarrierAnswer {
  const body = JSON.stringify({ mark });
  const sha256 = createHash('sha256').update(body).digest('hex');
  return {
    ...{ carrier: 'docomo', imei, mark, outcome: 'ok', source: 'api', scope: 'carrier' },
    ...{ rawGlyph: mark, rawText: body, checkedAt: checkedAt.toISOString() },
    evidence: { sha256, excerpt: body, parser: 'partner-api/1' },
  };
}

export function paceOf(changes: Partial<CarrierPace> = {}): CarrierPace {
  return {
    ...{ spacingMs: 5, jitterMs: 0, perDay: 10_000, requestMs: 5_000 },
    ...{ ttlMs: 3_600_000, troubleTtlMs: 60_000 },
    breaker: { failures: 3, coolDownMs: 60_000, longestCoolDownMs: 600_000 },
    canary: { imeis: [], every: 100 },
    ...changes,
  };
}
