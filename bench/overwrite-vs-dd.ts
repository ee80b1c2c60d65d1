import os from 'node:os';
import type { JsonObject } from '../src/evidence.js';
import { toJson } from '../src/evidence.js';
import type { Bench, BenchContext, BenchResult } from './bench.js';
import { command } from './rig/command.js';
import { OneHandsetRig } from './rig/one-handset.js';
import { type DdOverwrite, overwriteByDd } from './rig/overwrite-by-dd.js';
import { type EngineOverwrite, overwriteByEngine } from './rig/overwrite-by-engine.js';
import { median, spread } from './statistics.js';

const MIB = 1024 * 1024;
const GOAL = 0.95;

interface Pair {
  readonly ours: EngineOverwrite;
  readonly peer: DdOverwrite;
  /** Load of the machine in the last minute, ours and what others ran beside it. */
  readonly load: number;
}

/** Every overwrite of this run, for the other claims that are about the same overwrites. */
export type Overwrites = Pair[];

/** Alternates: an overwrite by the engine, the same bytes by dd, each on a new handset of its own. */
export async function overwritePairs(context: BenchContext, count: number): Promise<Pair[]> {
  const { signal, folder, quick, say } = context;
  const storageBytes = (quick ? 512 : 1024) * MIB;
  const spec = { profile: 'google-pixel-7', storageBytes, plantedShare: 0 } as const;
  const rig = new OneHandsetRig(folder, signal);
  const pairs: Pair[] = [];
  try {
    await rig.start();
    const { port } = rig.server.endpoint;
    const fresh = async () => {
      const standing = await rig.plug(spec);
      // What the side before left to be written must not be written at this one's expense.
      await command('sync', [], { signal });
      return standing;
    };
    for (let n = 1; n <= count; n += 1) {
      const mine = await fresh();
      const ours = await overwriteByEngine(mine, signal);
      await rig.remove(mine);
      say(`pair ${n} of ${count}: engine ${ours.seconds.toFixed(1)} s`);
      const theirs = await fresh();
      const peer = await overwriteByDd(theirs, { bytes: ours.bytes, port, folder, signal });
      await rig.remove(theirs);
      say(`pair ${n} of ${count}: dd     ${peer.seconds.toFixed(1)} s`);
      pairs.push({ ours, peer, load: os.loadavg()[0] ?? 0 });
    }
  } finally {
    await rig.stop();
  }
  return pairs;
}

export function overwriteVsDd(overwrites: Overwrites): Bench {
  return {
    name: 'overwrite-vs-dd',
    title: 'overwriting and reading back one handset, against dd and sha256sum through adb shell',
    run: async (context) => {
      const pairs = await overwritePairs(context, context.quick ? 1 : 5);
      overwrites.push(...pairs);
      return report(pairs);
    },
  };
}

function report(pairs: readonly Pair[]): BenchResult {
  const speed = ({ bytes, seconds }: { bytes: number; seconds: number }) => bytes / seconds / MIB;
  const ratios = pairs.map(({ ours, peer }) => speed(ours) / speed(peer));
  const ratio = median(ratios);
  const part = (pick: (pair: Pair) => number) => median(pairs.map(pick)).toFixed(1);
  return {
    rows: [
      {
        claim: 'overwrite + read-back',
        ours: `${median(pairs.map(({ ours }) => speed(ours))).toFixed(1)} MiB/s`,
        peer: `${median(pairs.map(({ peer }) => speed(peer))).toFixed(1)} MiB/s`,
        ratio,
        goal: `>= ${GOAL}`,
        met: ratio >= GOAL,
        runs: pairs.length,
        spread: spread(ratios, (value) => value.toFixed(2)),
      },
    ],
    samples: pairs.map(
      (pair, index): JsonObject => ({
        ratio: ratios[index] ?? null,
        load: pair.load,
        ours: toJson(pair.ours),
        peer: toJson(pair.peer),
      }),
    ),
    notes: [
      `ours: the whole stage overwriteErase, as shipped, on a handset of ${Math.round((pairs[0]?.ours.bytes ?? 0) / MIB)} MiB free: look and gates ${part((one) => one.ours.parts.look)} s, fill of every block that can be had ${part((one) => one.ours.parts.fill)} s, read-back and comparison ${part((one) => one.ours.parts.readBack)} s, removal and trim ${part((one) => one.ours.parts.remove)} s.`,
      `peer: push of a 4 MiB pattern, dd if=pattern bs=4194304 in a loop until the same bytes stand in one file, sync ${part((one) => one.peer.parts.write)} s, sha256sum of all ${part((one) => one.peer.parts.read)} s, rm, sync; each an adb call. It chooses no pattern per block, names no file, and does not go after what the file system holds back.`,
    ],
  };
}
