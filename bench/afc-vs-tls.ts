import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../src/evidence.js';
import { toJson } from '../src/evidence.js';
import type { Bench, BenchContext, BenchResult, Row } from './bench.js';
import type { AfcOverwrite, HostJob } from './rig/afc-host-process.js';
import type { PhoneJob, PhoneReady } from './rig/afc-phone-process.js';
import { Child, type PartCost } from './rig/child.js';
import type { Copied } from './rig/tls-copy.js';
import { median, spread } from './statistics.js';

const MIB = 1024 * 1024;
const GOAL = 0.7;
/** How much more memory a fill of 4 GiB may take at its end than after a sixteenth of it. */
const FLAT_BYTES = 32 * MIB;
const LONG_BYTES = 4096 * MIB;
const PAIRS = 5;

interface Pair {
  readonly ours: AfcOverwrite;
  readonly up: Copied;
  readonly down: Copied;
  /** Load of the machine in the last minute, ours and what others ran beside it. */
  readonly load: number;
}

export const afcVsTls: Bench = {
  name: 'afc-vs-tls',
  title: 'filling an iPhone over AFC and reading it back, against a bare TLS connection',
  run: async (context) => {
    const pairs: Pair[] = [];
    const count = context.quick ? 1 : PAIRS;
    for (let n = 1; n <= count; n += 1) {
      const pair = await onePair(context, (context.quick ? 256 : 1024) * MIB);
      pairs.push(pair);
      context.say(
        `pair ${n} of ${count}: fill ${speed(pair, 'fill')}, read ${speed(pair, 'read')}`,
      );
    }
    const roomy = os.freemem() > LONG_BYTES * 1.5;
    const long = context.quick || !roomy ? null : (await onePair(context, LONG_BYTES)).ours;
    return report(pairs, long);
  },
};

/** One overwrite, then as many bytes each way by bare TLS, between the same two processes. */
async function onePair({ folder, signal }: BenchContext, storageBytes: number): Promise<Pair> {
  const own = path.join(folder, 'pair');
  await mkdir(own);
  const phone = new Child<PhoneJob, PhoneReady>('./afc-phone-process.js', signal);
  const host = new Child<HostJob, AfcOverwrite | Copied>('./afc-host-process.js', signal);
  try {
    const { usbmuxd, tls } = await phone.does({ folder: own, storageBytes });
    const ours = (await host.does({ usbmuxd })) as AfcOverwrite;
    const { bytes } = ours;
    const up = (await host.does({ way: 'up', socket: tls, bytes })) as Copied;
    const down = (await host.does({ way: 'down', socket: tls, bytes })) as Copied;
    return { ours, up, down, load: os.loadavg()[0] ?? 0 };
  } finally {
    await host.end();
    await phone.end();
    await rm(own, { recursive: true, force: true });
  }
}

type Way = 'fill' | 'read';

function costs(pair: Pair, way: Way): { readonly ours: PartCost; readonly peer: PartCost } {
  return way === 'fill'
    ? { ours: pair.ours.fill, peer: pair.up.cost }
    : { ours: pair.ours.readBack, peer: pair.down.cost };
}

function ratioOf(pair: Pair, way: Way): number {
  const { ours, peer } = costs(pair, way);
  return peer.seconds / ours.seconds;
}

function speed(pair: Pair, way: Way): string {
  const { ours, peer } = costs(pair, way);
  const { bytes } = pair.ours;
  return `${megabytes(bytes, ours)} against ${megabytes(bytes, peer)} MB/s (${ratioOf(pair, way).toFixed(2)})`;
}

function megabytes(bytes: number, { seconds }: PartCost): string {
  return (bytes / 1e6 / seconds).toFixed(0);
}

function report(pairs: readonly Pair[], long: AfcOverwrite | null): BenchResult {
  return {
    rows: [
      ...(['fill', 'read'] as const).flatMap((way) => [speedRow(pairs, way), costRow(pairs, way)]),
      ...(long ? [memoryRow(long)] : []),
    ],
    samples: [
      ...pairs.map(
        (pair): JsonObject => ({
          fillRatio: ratioOf(pair, 'fill'),
          readRatio: ratioOf(pair, 'read'),
          ours: toJson(pair.ours),
          up: toJson(pair.up),
          down: toJson(pair.down),
          load: pair.load,
        }),
      ),
      ...(long ? [{ long: toJson(long) }] : []),
    ],
    notes: [
      'ours: the stage overwriteErase as shipped, through our client, to a simulated iPhone and its usbmuxd in another process, which keeps the files in memory: fill from the plan to the sizes at its end, read-back with the comparison of every byte.',
      `peer: the same bytes over one TLS connection (${pairs[0]?.up.protocol ?? ''}) on a unix socket between the same two processes, in pieces of the same size, dropped where they arrive.`,
      'Both processes have loaded what the daemon loads: in a small one V8 collects all its garbage each few megabytes that arrive, whoever receives them.',
      `CPU is that of the receiving and sending process of the rack alone, per 10^9 bytes. Load of the machine meanwhile: ${spread(
        pairs.map(({ load }) => load),
        (value) => value.toFixed(1),
      )}.`,
      long
        ? '4 GiB were filled once for the memory.'
        : 'The fill of 4 GiB was not run: a quick run, or too little memory.',
    ],
  };
}

function speedRow(pairs: readonly Pair[], way: Way): Row {
  const ratios = pairs.map((pair) => ratioOf(pair, way));
  const shown = (side: 'ours' | 'peer') =>
    `${median(pairs.map((pair) => pair.ours.bytes / 1e6 / costs(pair, way)[side].seconds)).toFixed(0)} MB/s`;
  return {
    claim: way === 'fill' ? 'AFC fill' : 'AFC read-back, compared',
    ours: shown('ours'),
    peer: shown('peer'),
    ratio: median(ratios),
    goal: `>= ${GOAL}`,
    met: median(ratios) >= GOAL,
    runs: pairs.length,
    spread: spread(ratios, (value) => value.toFixed(2)),
  };
}

function costRow(pairs: readonly Pair[], way: Way): Row {
  const perGigabyte = (side: 'ours' | 'peer') =>
    pairs.map((pair) => costs(pair, way)[side].cpuSeconds / (pair.ours.bytes / 1e9));
  const shown = (value: number) => `${value.toFixed(2)} s/GB`;
  const ours = perGigabyte('ours');
  return {
    claim: way === 'fill' ? 'CPU of the fill' : 'CPU of the read-back',
    ours: shown(median(ours)),
    peer: shown(median(perGigabyte('peer'))),
    ratio: median(perGigabyte('peer').map((peer, index) => peer / (ours[index] ?? peer))),
    goal: '-',
    met: null,
    runs: pairs.length,
    spread: spread(ours, shown),
  };
}

function memoryRow({ bytes, peakBytes }: AfcOverwrite): Row {
  const grown = peakBytes.filled - peakBytes.early;
  const shown = (value: number) => `${(value / MIB).toFixed(0)} MiB`;
  return {
    claim: `memory, ${(bytes / 1024 ** 3).toFixed(1)} GiB filled`,
    ours: `+${shown(grown)} of ${shown(peakBytes.filled)}`,
    peer: '-',
    ratio: null,
    goal: `< +${shown(FLAT_BYTES)}`,
    met: peakBytes.early > 0 && grown < FLAT_BYTES,
    runs: 1,
    spread: `${shown(peakBytes.end)} after the read-back`,
  };
}
