import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { demoConfig } from '../../src/cli/demo/demo-config.js';
import { DemoRack } from '../../src/cli/demo/demo-rack.js';
import { SarachiError } from '../../src/errors.js';
import type { LedgerEntry } from '../../src/ledger/entry.js';
import { createLog } from '../../src/log.js';
import { sleep } from '../../src/wait.js';
import { adbKey } from './adb-key.js';
import { fortyHandsets, type Identified } from './forty-handsets.js';
import { processCost } from './process-cost.js';

const LONGEST_MS = 120_000;
const LOOK_EVERY_MS = 500;

export interface ByDaemon extends Identified {
  /** What the daemon's process spent from the plug until all runs stood, its adb server and Redis not counted. */
  readonly daemon: {
    readonly cpuSeconds: number;
    readonly residentBytes: number;
    readonly peakResidentBytes: number;
  };
}

/** Forty handsets into the real daemon at once: from the plug to the time of the identity evidence in its ledger. */
export async function fortyByDaemon(state: string, signal: AbortSignal): Promise<ByDaemon> {
  await mkdir(state, { recursive: true });
  const config = demoConfig({ state, httpPort: 0 });
  const deaths: string[] = [];
  const demo = new DemoRack({
    state,
    config,
    log: createLog('silent'),
    say: (line) => deaths.push(line),
  });
  try {
    const { publicKeyPath } = await demo.start();
    const waiting = await fortyHandsets(demo.rack, state, await adbKey(publicKeyPath));
    const pid = demo.daemonPid ?? 0;
    const before = await processCost(pid, signal);
    const plugged = new Map<string, number>();
    for (const { port, usbPath, handset } of waiting) {
      plugged.set(port, Date.now());
      demo.rack.plug(usbPath, handset);
    }
    const entries = await untilAllStand(state, waiting.length, signal);
    const after = await processCost(pid, signal);
    if (deaths.length > 0) throw new SarachiError('internal', { daemon: deaths.join('; ') });
    const seen = new Map<string, number>();
    for (const { port, at } of entries.filter(isIdentity)) {
      const from = port === null ? undefined : plugged.get(port);
      if (port !== null && from !== undefined && !seen.has(port))
        seen.set(port, Date.parse(at) - from);
    }
    return {
      latenciesMs: [...seen.values()],
      lost: [...plugged.keys()].filter((port) => !seen.has(port)),
      daemon: { ...after, cpuSeconds: after.cpuSeconds - before.cpuSeconds },
    };
  } finally {
    await demo.stop();
  }
}

/** The ledger when as many runs wait for a person as handsets were plugged in, or after the longest time. */
async function untilAllStand(
  state: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly LedgerEntry[]> {
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    await sleep(LOOK_EVERY_MS, signal);
    const entries = await readLedger(path.join(state, 'ledger'));
    const stand = entries.filter(({ type }) => type === 'attention-raised').length;
    if (stand >= count || Date.now() > deadline) return entries;
  }
}

async function readLedger(folder: string): Promise<readonly LedgerEntry[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  // The last line may still be on its way.
  return texts
    .flatMap((text) => text.slice(0, text.lastIndexOf('\n') + 1).split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}

function isIdentity({ type, body }: LedgerEntry): boolean {
  const evidence = body['evidence'];
  return (
    type === 'evidence' &&
    typeof evidence === 'object' &&
    evidence !== null &&
    'kind' in evidence &&
    evidence['kind'] === 'identity' &&
    evidence['holds'] === true
  );
}
