import type { Bench, BenchContext, BenchResult, Row } from './bench.js';
import type { BareServerJob, BareServerReady } from './rig/bare-server-process.js';
import { Child } from './rig/child.js';
import { askOnce, type Load, type Loaded } from './rig/http-load.js';
import type { PortsServerAnswer, PortsServerJob } from './rig/ports-server-process.js';
import { type Answered, answerLike, checkSame, headerOf } from './rig/same-bytes.js';
import type { ServerCost } from './rig/server-cost.js';
import { median, spread } from './statistics.js';

const PATH = '/api/v1/ports';
const CONNECTIONS = 100;
const PAIRS = 41;
/** Short turns, many of them: what else the machine does comes and goes by the second. */
const SECONDS = 0.4;

type Ask = Pick<Load, 'port' | 'path' | 'headers' | 'status'>;

/** The same question to both. */
interface Contest {
  readonly claim: string;
  readonly ours: Ask;
  readonly peer: Ask;
  /** Whether the rack changes meanwhile. */
  readonly busy: boolean;
  readonly goal: number | null;
}

interface Side {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  /** Part of one processor that the server took; well below 1, somebody else was the bottleneck. */
  readonly cpu: number;
}

interface Pair {
  readonly ours: Side;
  readonly peer: Side;
}

interface Processes {
  readonly daemon: Child<PortsServerJob, PortsServerAnswer>;
  readonly bare: Child<BareServerJob, BareServerReady>;
  readonly load: Child<Load, Loaded>;
}

export const portsHttp: Bench = {
  name: 'ports-http',
  title: 'GET /ports of forty busy ports, against bare fastify that sends the same bytes',
  run: async (context) => {
    const processes: Processes = {
      daemon: new Child('./ports-server-process.js', context.signal),
      bare: new Child('./bare-server-process.js', context.signal),
      load: new Child('./load-process.js', context.signal),
    };
    try {
      return await measured(context, processes);
    } finally {
      for (const child of Object.values(processes)) await child.end();
    }
  },
};

async function measured(context: BenchContext, processes: Processes): Promise<BenchResult> {
  const { daemon } = processes;
  const { port } = await daemon.does({ do: 'listen', keyed: null });
  const fresh = { port, path: PATH, headers: {}, status: 200 };
  const full = await askOnce(fresh);
  const contests: readonly Contest[] = [
    await knownContest(processes, fresh, { claim: 'GET /ports, 304', goal: 0.9 }),
    await knownContest(processes, await withKey(context, daemon), {
      ...{ claim: 'GET /ports, 304, with a key', goal: null },
    }),
    {
      ...{ claim: 'GET /ports', ours: fresh, busy: true, goal: 0.8 },
      peer: await peerOf(processes, fresh, full),
    },
  ];
  const rows: Row[] = [];
  const samples: BenchResult['samples'][number][] = [];
  const busyParts: number[] = [];
  for (const contest of contests) {
    await daemon.does({ do: 'work', on: contest.busy });
    const pairs = await pairsOf(context, processes, contest);
    rows.push(...rowsOf(contest, pairs));
    busyParts.push(...pairs.flatMap(({ ours, peer }) => [ours.cpu, peer.cpu]));
    samples.push(
      ...pairs.map(({ ours, peer }) => ({
        ...{ claim: contest.claim, ours: { ...ours }, peer: { ...peer } },
      })),
    );
  }
  return { rows, samples, notes: notesOn(full, busyParts) };
}

/** Whoever asks has what there is. */
async function knownContest(
  processes: Processes,
  fresh: Ask,
  { claim, goal }: Pick<Contest, 'claim' | 'goal'>,
): Promise<Contest> {
  const etag = headerOf(await askOnce(fresh), 'etag');
  const ours = { ...fresh, headers: { ...fresh.headers, 'if-none-match': etag }, status: 304 };
  const peer = await peerOf(processes, ours, await askOnce(ours));
  return { claim, goal, ours, peer, busy: false };
}

/** The same rack behind keys; the limit is counted and never reached. */
async function withKey({ folder }: BenchContext, daemon: Processes['daemon']): Promise<Ask> {
  const rate = { perSecond: 1e9, burst: 1e9 };
  const { port, keys } = await daemon.does({
    ...{ do: 'listen', keyed: { state: folder, callers: CONNECTIONS, rate } },
  });
  const headers = { authorization: `Bearer ${keys[0] ?? ''}` };
  return { port, path: PATH, headers, status: 200 };
}

/** The bare server for this answer, once it is seen to answer the same. */
async function peerOf({ bare }: Processes, ours: Ask, answered: Answered): Promise<Ask> {
  const { port } = await bare.does({ do: 'listen', path: PATH, answer: answerLike(answered) });
  const peer = { ...ours, port };
  checkSame(answered, await askOnce(peer));
  return peer;
}

async function pairsOf(
  { quick, say }: BenchContext,
  processes: Processes,
  contest: Contest,
): Promise<readonly Pair[]> {
  const seconds = quick ? 0.5 : SECONDS;
  const side = (name: keyof Pair) => sideOf(processes, { ask: contest[name], name, seconds });
  // Not counted: both have compiled what they do by then.
  await side('ours');
  await side('peer');
  const pairs: Pair[] = [];
  for (let n = 1; n <= (quick ? 1 : PAIRS); n += 1) {
    const first = n % 2 === 1 ? await side('ours') : null;
    const peer = await side('peer');
    const ours = first ?? (await side('ours'));
    pairs.push({ ours, peer });
    say(
      `${contest.claim}, pair ${n}: ${perSecond(ours.perSecond)} against ${perSecond(peer.perSecond)} (${(ours.perSecond / peer.perSecond).toFixed(2)})`,
    );
  }
  return pairs;
}

async function sideOf(
  { daemon, bare, load }: Processes,
  { ask, name, seconds }: { ask: Ask; name: keyof Pair; seconds: number },
): Promise<Side> {
  const cost = async (): Promise<ServerCost> =>
    (await (name === 'ours' ? daemon : bare).does({ do: 'cost' })).cost;
  await cost();
  const loaded = await load.does({ ...ask, connections: CONNECTIONS, seconds });
  const { cpuSeconds } = await cost();
  return {
    perSecond: loaded.requests / loaded.seconds,
    cpuMicroseconds: (cpuSeconds * 1e6) / loaded.requests,
    cpu: cpuSeconds / loaded.seconds,
  };
}

function rowsOf({ claim, goal }: Contest, pairs: readonly Pair[]): readonly Row[] {
  // Requests a second: the more the better, so that ours stands above. Of the time of a request it is the peer's.
  const ratios = pairs.map(({ ours, peer }) => ours.perSecond / peer.perSecond);
  const costs = pairs.map(({ ours, peer }) => peer.cpuMicroseconds / ours.cpuMicroseconds);
  const both = (name: keyof Side, show: (value: number) => string) => ({
    ours: show(median(pairs.map(({ ours }) => ours[name]))),
    peer: show(median(pairs.map(({ peer }) => peer[name]))),
  });
  const ratio = median(ratios);
  return [
    {
      ...{ claim: `${claim}: requests`, ...both('perSecond', perSecond), ratio },
      ...{ goal: goal === null ? 'none' : `>= ${goal}`, met: goal === null ? null : ratio >= goal },
      runs: pairs.length,
      spread: spread(ratios, (value) => value.toFixed(2)),
    },
    {
      ...{ claim: `${claim}: CPU of one`, ...both('cpuMicroseconds', microseconds) },
      ...{ ratio: median(costs), goal: 'none', met: null, runs: pairs.length },
      spread: spread(costs, (value) => value.toFixed(2)),
    },
  ];
}

function notesOn(full: Answered, busyParts: readonly number[]): readonly string[] {
  return [
    `ours: the whole HTTP interface of the daemon over its rack and feed in a process of its own; the handsets in the ports are made up. ${CONNECTIONS} kept connections ask again as soon as they have their answer (${full.body.length} bytes of body), from a process of its own.`,
    'peer: fastify with one route, no hook and a constant body; it sends the same status, headers and bytes, which is checked. Both take turns, each begins every other pair; the first turn of each is not counted.',
    'GET /ports is asked while each port tells its progress twice a second; 304 while nothing changes, for else there is none.',
    `CPU of one: user and system time of the server, divided by its answers. The servers took ${spread(busyParts, (part) => `${(part * 100).toFixed(0)} %`)} of a processor: the less, the more of the time between two answers is the client's on both sides, which brings the ratio of the requests nearer to 1 than that of the CPU.`,
    'With a key: each request bears one, is looked up among as many as there are connections, and counts against a limit that is set too high to be reached.',
  ];
}

function perSecond(value: number): string {
  return `${value.toFixed(0)} /s`;
}

function microseconds(value: number): string {
  return `${value.toFixed(0)} us`;
}
