import { buildApp } from '../../src/http/app.js';
import type { App } from '../../src/http/context.js';
import type { RestrictionApi } from '../../src/http/restriction-api.js';
import { createLog } from '../../src/log.js';
import { MemoryRack } from './memory-rack.js';

export interface TestApp {
  readonly rack: MemoryRack;
  readonly app: App;
  /** Every log line so far, as text. */
  readonly lines: string[];
}

/** The whole API over a rack in memory, for inject. */
export async function testApp(
  host = '127.0.0.1',
  restrictions: RestrictionApi | null = null,
): Promise<TestApp> {
  const rack = new MemoryRack();
  if (restrictions) rack.restrictions = restrictions;
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const app = await buildApp(rack, { host, port: 0, log, version: '0.1.0' });
  return { rack, app, lines };
}

export const JSON_BODY = { 'content-type': 'application/json' } as const;
