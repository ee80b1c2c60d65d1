import { checkConfig } from '../src/config.js';
import { LONGEST_PAUSE_SECONDS } from '../src/erasure-engines/android/overwrite/fill.js';
import { toJson } from '../src/evidence.js';
import type { Bench, BenchResult } from './bench.js';
import { type Overwrites, overwritePairs } from './overwrite-vs-dd.js';
import { median, spread } from './statistics.js';

const GOAL_BYTES = 2_000_000;
/** The longest pause between two looks of the engine at its filler; a fill that is slow has reached it. */

const LONG_STORAGE_BYTES = 128_000_000_000;
const LONG_HOURS = 8;

/** Uses the overwrites that were made in this run, or makes one pair. */
export function usbBytes(overwrites: Overwrites): Bench {
  return {
    name: 'usb-bytes',
    title: 'bytes over the cable for one overwrite',
    run: async (context) => {
      if (overwrites.length === 0) overwrites.push(...(await overwritePairs(context, 1)));
      return report(overwrites);
    },
  };
}

function report(overwrites: Overwrites): BenchResult {
  const ours = overwrites.map(({ ours }) => ours.wire.all);
  const peer = overwrites.map(({ peer }) => peer.wireBytes);
  const ratios = overwrites.map(({ ours, peer }) => peer.wireBytes / ours.wire.all);
  const long = overwrites.map((pair) => reckonLong(pair.ours));
  const size = median(overwrites.map(({ ours }) => ours.bytes));
  return {
    rows: [
      {
        claim: `USB bytes, ${(size / 1024 ** 3).toFixed(1)} GiB overwritten`,
        ours: megabytes(median(ours)),
        peer: megabytes(median(peer)),
        ratio: median(ratios),
        goal: '< 2 MB',
        met: Math.max(...ours) < GOAL_BYTES,
        runs: ours.length,
        spread: spread(ours, megabytes),
      },
      {
        claim: `USB bytes, 128 GB in ${LONG_HOURS} h (reckoned)`,
        ours: megabytes(median(long)),
        peer: '-',
        ratio: null,
        goal: '< 2 MB',
        met: Math.max(...long) < GOAL_BYTES,
        runs: long.length,
        spread: spread(long, megabytes),
      },
    ],
    samples: overwrites.map(({ ours, peer }, index) => ({
      wire: toJson(ours.wire),
      linkBytes: ours.linkBytes,
      looks: ours.looks,
      files: ours.files,
      peerWire: peer.wireBytes,
      reckonedLong: long[index] ?? null,
    })),
    notes: [
      'counted in the cable, both directions, with the headers of every adb packet; the link itself counts payload only and says less.',
      `peer: the same overwrite by dd (see overwrite-vs-dd), which pushes a 4 MiB pattern. Goal and verdict are about ours alone, the highest of the runs.`,
      `reckoned, not run: the measured bytes of this run, with one look each ${LONGEST_PAUSE_SECONDS} s and one hash line for each file as many times as ${LONG_HOURS} hours and 128 GB ask for.`,
    ],
  };
}

/** What a slow and large handset would move: everything of this run but looks and hashes, and those anew. */
function reckonLong(ours: Overwrites[number]['ours']): number {
  const { wire, looks, files } = ours;
  const rest = wire.all - wire.look * looks - wire.file * files;
  const fileBytes = FILE_MEGABYTES * 1024 * 1024;
  const longFiles = files + LONG_STORAGE_BYTES / fileBytes;
  return rest + (LONG_HOURS * 3600 * wire.look) / LONGEST_PAUSE_SECONDS + longFiles * wire.file;
}

const FILE_MEGABYTES = checkConfig({
  rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1.1'], controller: 'A' } } },
}).overwrite.fileMegabytes;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
