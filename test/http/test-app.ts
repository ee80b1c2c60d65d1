import { buildApp } from '../../src/http/app.js';
import type { App } from '../../src/http/context.js';
import { floorPlanOf, type PanelSettings } from '../../src/http/floor-plan.js';
import type { RestrictionApi } from '../../src/http/restriction-api.js';
import { createLog } from '../../src/log.js';
import { MemoryRack } from './memory-rack.js';

/** A small rack of two openings beside each other. */
export const PANEL: PanelSettings = {
  plan: floorPlanOf({
    id: 'rack-1',
    controllers: { A: { concurrency: 10 } },
    ports: { P01: { usb: ['1-1'], controller: 'A' }, P02: { usb: ['1-2'], controller: 'A' } },
    numbering: 'rows',
  }),
  controllers: [{ name: 'A', concurrency: 10 }],
  language: 'ja',
  racks: [],
};

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
  const app = await buildApp(rack, { host, port: 0, log, version: '0.1.0', panel: PANEL });
  return { rack, app, lines };
}

export const JSON_BODY = { 'content-type': 'application/json' } as const;
