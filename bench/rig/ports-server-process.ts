// What the daemon loads: how often V8 collects garbage depends on how much a process has loaded.
import '../../src/daemon/start-daemon.js';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { REFUSED } from '../../src/http/access/admission.js';
import type { Rate } from '../../src/http/access/rate-limit.js';
import { BusyRack } from './busy-rack.js';
import { busyServer } from './busy-server.js';
import { serveJobs } from './child.js';
import { costMeter, type ServerCost } from './server-cost.js';
import { viewerKeys } from './viewer-keys.js';

export type PortsServerJob =
  /** With a rate: behind keys, one for each caller, in this state folder. */
  | { readonly do: 'listen'; readonly keyed: Keyed | null }
  | { readonly do: 'work'; readonly on: boolean }
  | { readonly do: 'cost' };

export interface Keyed {
  readonly state: string;
  readonly callers: number;
  readonly rate: Rate;
}

export interface PortsServerAnswer {
  /** Of the server that was begun last, and the keys that it takes. */
  readonly port: number;
  readonly keys: readonly string[];
  /** Of what the rack shows by now. */
  readonly seq: number;
  readonly cost: ServerCost;
}

/** Twice the time between two looks of the feed. */
const LAST_LOOK_MS = 500;

const busy = new BusyRack();
busy.start();
const cost = costMeter();
let listening: Pick<PortsServerAnswer, 'port' | 'keys'> = { port: 0, keys: [] };

/** A process of its own for the daemon's HTTP interface over forty busy ports. */
serveJobs<PortsServerJob, PortsServerAnswer>(async (job) => {
  if (job.do === 'listen') listening = await listen(job.keyed);
  if (job.do === 'work') busy.work(job.on);
  // What changed last is seen at the next look of the feed.
  if (job.do === 'work' && !job.on) await delay(LAST_LOOK_MS);
  return { ...listening, seq: busy.feed.current().seq, cost: cost() };
});

async function listen(keyed: Keyed | null): Promise<typeof listening> {
  if (keyed === null) {
    const { port } = await busyServer(busy, randomUUID()).listen();
    return { port, keys: [] };
  }
  const { store, texts } = await viewerKeys(keyed.state, keyed.callers);
  const access = { required: true, keys: store, rate: keyed.rate, refused: REFUSED };
  const server = busyServer(busy, randomUUID(), { ...access, clock: Date.now });
  const { port } = await server.listen();
  return { port, keys: texts };
}
