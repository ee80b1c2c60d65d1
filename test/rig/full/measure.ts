import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Row } from '../../../bench/bench.js';
import { percentile, spread } from '../../../bench/statistics.js';
import type { LedgerEntry } from '../../../src/ledger/entry.js';
import type { Usage } from './agent-words.js';
import type { Rig } from './rig.js';
import type { Scenario } from './scenario.js';

/** What one run of the rig came to. */
export interface Measured {
  readonly handsets: number;
  readonly seconds: number;
  /** Plug to identity on record, one each; empty where the guest was booted twice, since its clock then jumped. */
  readonly identifiedMs: readonly number[];
  /** Plugged, and the ledger knows no run of it. */
  readonly lost: readonly string[];
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly handles: number;
}

/** The ledger in a state folder, in order. */
export async function readLedger(state: string): Promise<LedgerEntry[]> {
  const folder = path.join(state, 'ledger');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line) as LedgerEntry);
}

export interface Used {
  readonly before: Usage;
  readonly after: Usage;
  readonly seconds: number;
}

export function measure(
  rig: Rig,
  { settles }: Scenario,
  ledger: readonly LedgerEntry[],
  used: Used,
): Measured {
  const booted = ledger.filter(({ type }) => type === 'rack-started').length;
  const identified = new Map<string, number>();
  for (const { type, port, at, body } of ledger) {
    const fact = body['evidence'] as { readonly kind?: string } | undefined;
    if (type !== 'evidence' || fact?.kind !== 'identity' || port === null) continue;
    if (!identified.has(port)) identified.set(port, Date.parse(at) - rig.guest.clockAhead);
  }
  const ports = rig.standing.map(({ port }) => port);
  const known = new Set(ledger.map(({ type, port }) => (type === 'run-opened' ? port : null)));
  return {
    handsets: ports.length,
    seconds: used.seconds,
    identifiedMs:
      booted > 1
        ? []
        : ports.flatMap((port) => {
            const at = identified.get(port);
            const from = rig.pluggedAt.get(port);
            return at === undefined || from === undefined ? [] : [at - from];
          }),
    lost: settles === false ? [] : ports.filter((port) => !known.has(port)),
    // A daemon that was started again counts from nought.
    cpuSeconds: booted > 1 ? used.after.cpuSeconds : used.after.cpuSeconds - used.before.cpuSeconds,
    rssBytes: used.after.rssBytes,
    handles: used.after.handles,
  };
}

const NONE = { peer: '-', ratio: null } as const;

/** The runs of one scenario as lines of the bench table. */
export function rows(name: string, runs: readonly Measured[]): readonly Row[] {
  const line = (
    claim: string,
    of: (run: Measured) => number,
    show: (value: number) => string,
  ): Row => {
    const values = runs.map(of);
    const ours = show(percentile(values, 0.5));
    const goal = { goal: 'none', met: null, runs: runs.length };
    return { ...NONE, ...goal, claim: `${name}: ${claim}`, ours, spread: spread(values, show) };
  };
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const lost = runs.map((run) => run.lost.length);
  const latency = (part: number) => (run: Measured) => percentile(run.identifiedMs, part) / 1000;
  const timed = runs.every(({ identifiedMs }) => identifiedMs.length > 0);
  return [
    line('handsets', (run) => run.handsets, String),
    line('plug to the end', (run) => run.seconds, seconds),
    ...(timed
      ? [
          line('plug to identified, p50', latency(0.5), seconds),
          line('plug to identified, p99', latency(0.99), seconds),
        ]
      : []),
    line('daemon CPU per handset', (run) => run.cpuSeconds / run.handsets, seconds),
    line(
      'daemon RSS at the end',
      (run) => run.rssBytes / 1024 ** 2,
      (mib) => `${mib.toFixed(0)} MiB`,
    ),
    {
      ...NONE,
      claim: `${name}: handsets lost`,
      ours: `${Math.max(...lost)}`,
      goal: '0',
      met: Math.max(...lost) === 0,
      runs: runs.length,
      spread: spread(lost, String),
    },
  ];
}
