import { rm } from 'node:fs/promises';
import path from 'node:path';
import { toJson } from '../src/evidence.js';
import type { Bench, BenchContext, BenchResult, Row } from './bench.js';
import { type ByDaemon, fortyByDaemon } from './rig/forty-by-daemon.js';
import { CALLS_BY_HAND, fortyByHand } from './rig/forty-by-hand.js';
import type { Identified } from './rig/forty-handsets.js';
import { median, percentile, spread } from './statistics.js';

interface Pair {
  readonly ours: ByDaemon;
  readonly peer: Identified;
}

export const identify40: Bench = {
  name: 'identify-40',
  title:
    'forty handsets plugged in at once until each is identified, against a script of adb calls',
  run: async (context) => {
    const count = context.quick ? 1 : 3;
    const pairs: Pair[] = [];
    for (let n = 1; n <= count; n += 1) {
      const ours = await inFolder(context, (state) => fortyByDaemon(state, context.signal));
      context.say(`pair ${n} of ${count}: daemon ${sentence(ours)}`);
      const peer = await inFolder(context, (state) => fortyByHand(state, context.signal));
      context.say(`pair ${n} of ${count}: script ${sentence(peer)}`);
      pairs.push({ ours, peer });
    }
    return report(pairs);
  },
};

async function inFolder<T>(
  { folder }: BenchContext,
  work: (state: string) => Promise<T>,
): Promise<T> {
  const state = path.join(folder, 'rack');
  try {
    return await work(state);
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

function sentence({ latenciesMs, lost }: Identified): string {
  if (latenciesMs.length === 0) return `identified none, lost ${lost.length}`;
  return `p50 ${seconds(percentile(latenciesMs, 0.5))}, p99 ${seconds(percentile(latenciesMs, 0.99))}, lost ${lost.length}`;
}

function report(pairs: readonly Pair[]): BenchResult {
  const lost = pairs.map(({ ours }) => ours.lost.length);
  const lostByHand = pairs.map(({ peer }) => peer.lost.length);
  const cpu = pairs.map(({ ours }) => ours.daemon.cpuSeconds);
  const peak = pairs.map(({ ours }) => ours.daemon.peakResidentBytes);
  const whole = (value: number) => String(value);
  const runs = pairs.length;
  return {
    rows: [
      latencyRow(pairs, 'p50', 0.5),
      latencyRow(pairs, 'p99', 0.99),
      {
        claim: 'identify 40: handsets lost',
        ours: whole(Math.max(...lost)),
        peer: whole(Math.max(...lostByHand)),
        ratio: null,
        goal: '0',
        met: Math.max(...lost) === 0,
        runs,
        spread: spread(lost, whole),
      },
      {
        claim: 'identify 40: daemon CPU time',
        ours: seconds(median(cpu) * 1000),
        peer: '-',
        ratio: null,
        goal: NONE,
        met: null,
        runs,
        spread: spread(cpu, (value) => seconds(value * 1000)),
      },
      {
        claim: 'identify 40: daemon peak RSS',
        ours: mebibytes(median(peak)),
        peer: '-',
        ratio: null,
        goal: NONE,
        met: null,
        runs,
        spread: spread(peak, mebibytes),
      },
    ],
    samples: pairs.map((pair) => ({ ours: toJson(pair.ours), peer: toJson(pair.peer) })),
    notes: [
      'ours: from the plug to the time that the ledger gives the identity evidence; the real daemon in a process of its own with its own Redis and adb server. Each run is on record in the ledger by then, and stops at the account.',
      `peer: from the plug to the end of one shell script for each handset, all forty at once: adb wait-for-device, then ${CALLS_BY_HAND - 1} adb -s shell calls for the same facts. It records nothing.`,
      'p99 of forty is the slowest one. CPU and RSS are of the daemon process alone, without Redis and adb server.',
    ],
  };
}

const NONE = 'none';

function latencyRow(pairs: readonly Pair[], name: string, part: number): Row {
  const of = ({ latenciesMs }: Identified) =>
    latenciesMs.length > 0 ? percentile(latenciesMs, part) : Number.POSITIVE_INFINITY;
  const ratios = pairs.map(({ ours, peer }) => of(peer) / of(ours));
  const ratio = median(ratios);
  return {
    claim: `identify 40: ${name}`,
    ours: seconds(median(pairs.map(({ ours }) => of(ours)))),
    peer: seconds(median(pairs.map(({ peer }) => of(peer)))),
    ratio,
    goal: '> 1',
    met: ratio > 1,
    runs: pairs.length,
    spread: spread(ratios, (value) => value.toFixed(2)),
  };
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(2)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
