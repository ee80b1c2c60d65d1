import { SarachiError } from '../src/errors.js';
import { toJson } from '../src/evidence.js';
import type { Bench, BenchContext, BenchResult, Row } from './bench.js';
import { BUSY_CONFIG } from './rig/busy-rack.js';
import { Child } from './rig/child.js';
import type { Crowd, PanelsJob, Watched } from './rig/panels-process.js';
import type { PortsServerAnswer, PortsServerJob } from './rig/ports-server-process.js';
import type { ServerCost } from './rig/server-cost.js';

const CROWD: Crowd = { polling: 100, everyMs: 500, streaming: 50 };
const SECONDS = 60;
const QUICK_SECONDS = 5;
const GOAL_MS = 100;
/** The daemon has compiled what it does by then; not counted. */
const WARM_SECONDS = 3;

interface Sample {
  readonly watched: Watched;
  readonly cost: ServerCost;
  readonly residentBefore: number;
  /** How many changes there were. */
  readonly changes: number;
}

export const panels: Bench = {
  name: 'panels',
  title: 'forty busy ports before 100 panels that poll twice a second and 50 event streams',
  run: async (context) => {
    const daemon = new Child<PortsServerJob, PortsServerAnswer>(
      './ports-server-process.js',
      context.signal,
    );
    const site = new Child<PanelsJob, Watched>('./panels-process.js', context.signal);
    try {
      return report(await measured(context, daemon, site));
    } finally {
      await site.end();
      await daemon.end();
    }
  },
};

async function measured(
  { quick, seconds, say, folder }: BenchContext,
  daemon: Child<PortsServerJob, PortsServerAnswer>,
  site: Child<PanelsJob, Watched>,
): Promise<Sample> {
  const { requestsPerSecond, requestBurst } = BUSY_CONFIG.http;
  const rate = { perSecond: requestsPerSecond, burst: requestBurst };
  const callers = CROWD.polling + CROWD.streaming;
  const { port, keys } = await daemon.does({
    ...{ do: 'listen', keyed: { state: folder, callers, rate } },
  });
  await daemon.does({ do: 'work', on: true });
  await site.does({ do: 'open', port, keys, crowd: CROWD });
  await site.does({ do: 'watch', seconds: WARM_SECONDS });
  const before = await daemon.does({ do: 'cost' });
  await site.does({ do: 'watch', seconds: seconds ?? (quick ? QUICK_SECONDS : SECONDS) });
  const after = await daemon.does({ do: 'cost' });
  const { seq } = await daemon.does({ do: 'work', on: false });
  const watched = await site.does({ do: 'finish', seq });
  if (watched.faults.length > 0)
    throw new SarachiError('internal', {
      ...{ tag: 'bench-panels-told-wrongly', faults: watched.faults.length },
      first: watched.faults.slice(0, 5).join('; '),
    });
  say(
    `${watched.polls} polls, p99 ${ms(watched.pollMs.p99)}; ${watched.changes} changes told, none missed or reordered`,
  );
  const { cost } = after;
  return {
    ...{ watched, cost, residentBefore: before.cost.residentBytes },
    changes: after.seq - before.seq,
  };
}

function report(sample: Sample): BenchResult {
  const { watched, cost, residentBefore, changes } = sample;
  const { pollMs, changeMs, polls, unchanged } = watched;
  const { loopDelayMs, residentBytes } = cost;
  return {
    rows: [
      { ...row('panels: poll, p50', ms(pollMs.p50)), spread: `${polls} polls` },
      {
        ...row('panels: poll, p99', ms(pollMs.p99)),
        ...{ goal: `< ${GOAL_MS} ms`, met: pollMs.p99 < GOAL_MS, spread: `max ${ms(pollMs.max)}` },
      },
      {
        ...row('panels: change on its way, p99', ms(changeMs.p99)),
        spread: `p50 ${ms(changeMs.p50)}, max ${ms(changeMs.max)}`,
      },
      // A fault ends the bench, so what stands here is a count of what was looked at.
      {
        ...row('panels: seq missed or reordered', '0'),
        ...{ goal: '0', met: true, spread: `of ${watched.changes} told, ${polls} polled` },
      },
      {
        ...row('panels: daemon CPU', `${((cost.cpuSeconds / cost.seconds) * 100).toFixed(0)} %`),
        spread: `of one processor, for ${cost.seconds.toFixed(0)} s`,
      },
      {
        ...row('panels: daemon RSS', mebibytes(residentBytes)),
        spread: `${mebibytes(residentBefore)} at the start`,
      },
      {
        ...row('panels: event loop delay, p99', ms(loopDelayMs.p99)),
        spread: `p50 ${ms(loopDelayMs.p50)}, max ${ms(loopDelayMs.max)}`,
      },
    ],
    samples: [{ ...(toJson(sample) as object) }],
    notes: [
      `ours: the daemon's HTTP interface over its rack and feed in a process of its own; ${CROWD.polling} panels poll GET /ports with If-None-Match each ${CROWD.everyMs} ms, ${CROWD.streaming} follow /events, each with a key of its own, all in one other process on the same machine, which took ${(watched.cpu * 100).toFixed(0)} % of a processor.`,
      `Each port tells its progress twice a second, one tenth of the ports at a time; the feed made ${(changes / cost.seconds).toFixed(1)} changes a second of it. ${unchanged} polls were answered with 304. No device, queue or ledger is behind the ports.`,
      'A poll counts from when it was due to its last byte, so that neither a slow daemon nor a slow client hides. A change counts from the time that it carries, in whole milliseconds.',
      'Every stream is checked to tell each seq once and in order, every panel never to be sent back, and all to come to the last seq; the bench fails otherwise, with exit code 1.',
    ],
  };
}

function row(claim: string, ours: string): Omit<Row, 'spread'> {
  return { claim, ours, peer: '-', ratio: null, goal: 'none', met: null, runs: 1 };
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
