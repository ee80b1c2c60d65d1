// What the daemon loads: how often V8 collects garbage depends on how much a process has loaded.
import '../../src/daemon/start-daemon.js';
import { BoardAppleLink } from '../../src/devices/apple/board-apple-link.js';
import { MuxTracker } from '../../src/devices/apple/mux-tracker.js';
import { MuxClient } from '../../src/devices/apple/usbmux/mux-client.js';
import { JoinedSightings } from '../../src/devices/joined-sightings.js';
import type { MuxRow } from '../../src/devices/sighting.js';
import { overwriteErase } from '../../src/erasure-engines/ios/overwrite/overwrite-erase.js';
import { SarachiError } from '../../src/errors.js';
import type { Evidence } from '../../src/evidence.js';
import { createLog } from '../../src/log.js';
import { measure, type PartCost, peakResidentBytes, serveJobs } from './child.js';
import { memoryContext } from './memory-context.js';
import { type Copied, type CopyJob, copyOverTls } from './tls-copy.js';

export type HostJob = { readonly usbmuxd: string } | CopyJob;

/** One overwrite by the engine, as its process saw it. */
export interface AfcOverwrite {
  readonly bytes: number;
  readonly fill: PartCost;
  readonly readBack: PartCost;
  /** The most memory after a sixteenth of the fill, after all of it, and after the read-back. */
  readonly peakBytes: Readonly<Record<'early' | 'filled' | 'end', number>>;
}

const USB_PATH = '1-4';

/**
 * A process of its own for the stage overwriteErase, so that time and memory are those of nothing else. The bare copy is
 * made by the same process: what garbage costs depends on what a process has loaded.
 */
serveJobs<HostJob, AfcOverwrite | Copied>(async (job) =>
  'way' in job ? await copyOverTls(job) : await overwriteBehind(job.usbmuxd),
);

async function overwriteBehind(socket: string): Promise<AfcOverwrite> {
  const mux = new MuxClient({ path: socket });
  const log = createLog('silent');
  const board = new JoinedSightings({ log });
  const onRows = (rows: readonly MuxRow[]) => board.muxListed(rows);
  const tracker = new MuxTracker({ mux, log, onRows, locate: async () => USB_PATH });
  const link = new BoardAppleLink({ usbPath: USB_PATH, board, mux, reconsider: () => undefined });
  const wait = { signal: new AbortController().signal, timeoutMs: 30_000 };
  const becomes = (condition: string) =>
    link.waitFor((seen) => seen?.condition === condition, wait);
  tracker.start();
  try {
    await becomes('mux:paired');
    return await overwrite(link);
  } finally {
    await tracker.stop();
  }
}

async function overwrite(link: BoardAppleLink): Promise<AfcOverwrite> {
  const facts = new Map<string, Evidence>();
  const costs = new Map<string, PartCost>();
  let part = measure();
  let early = 0;
  const peaks = new Map<string, number>();
  const context = memoryContext('overwrite-erase', new AbortController().signal, {
    onRecord: (fact) => {
      facts.set(fact.kind, fact);
      costs.set(fact.kind, part());
      peaks.set(fact.kind, peakResidentBytes());
      part = measure();
    },
    onProgress: ({ done, step }) => {
      if (step === 'fill' && done >= 1 / 32 && early === 0) early = peakResidentBytes();
    },
  });
  const outcome = await overwriteErase({ link, context, sameImeiElsewhere: () => false });
  const read = facts.get('overwrite-read-back');
  const fill = costs.get('overwrite-written');
  const readBack = costs.get('overwrite-read-back');
  if (outcome.kind !== 'done' || read?.holds !== true || !fill || !readBack)
    throw new SarachiError('overwrite-incomplete', { outcome: outcome.kind });
  return {
    bytes: Number(read.value['bytes']),
    fill,
    readBack,
    peakBytes: {
      early,
      filled: peaks.get('overwrite-written') ?? 0,
      end: peaks.get('overwrite-read-back') ?? 0,
    },
  };
}
