import { ATTENTIONS } from '../../attention.js';
import { LOOK_UP_OUTCOMES } from '../../carrier-check/answer.js';
import type { CarrierView } from '../../carrier-check/broker/carrier-view.js';
import { CARRIERS } from '../../carrier-check/marks.js';
import { ERRORS } from '../../errors.js';
import { STAGES } from '../../evidence.js';
import type { HealthCheck, LiveFacts, MetricsText, QueueView } from '../../http/rack-api.js';
import type { LedgerEntry } from '../../ledger/entry.js';
import type { RunRecord } from '../../pipeline/run-record.js';
import { PORT_STATES, type PortView, type RackView } from '../../ports/view.js';
import { type Clock, withDeadline } from '../../wait.js';
import type { ClockSync } from '../clock-sync.js';
import { COUNTED_ACTIONS, countEntry } from './count-entry.js';
import { FAMILIES, FAMILY_PAIRS } from './handset-family.js';
import { MetricSet } from './metric-set.js';

/** Shorter than Prometheus waits for a scrape (10 s), for everything together. */
const LOOK_MS = 3_000;
const VERDICTS = ['passed', 'failed', 'inconclusive'] as const;

/** What is looked at when somebody scrapes. Each may reject or hang: its metrics are NaN then. */
export interface MetricSources {
  readonly view: () => RackView;
  readonly queues: () => Promise<readonly QueueView[]>;
  readonly carriers: () => Promise<readonly CarrierView[]>;
  readonly health: () => Promise<readonly HealthCheck[]>;
  readonly clockSync: () => Promise<ClockSync>;
  readonly unfinished: () => readonly RunRecord[];
  readonly ledgerSeq: () => number;
}

export interface RackMetricsParts {
  readonly ports: readonly string[];
  readonly queueNames: readonly string[];
  readonly recordOf: (run: string) => RunRecord | null;
  readonly clock: Clock;
}

/** Counts what happens from the start of the daemon on, and shows what stands at each scrape. */
export class RackMetrics {
  readonly #parts: RackMetricsParts;
  readonly #set = new MetricSet();

  constructor(parts: RackMetricsParts) {
    this.#parts = parts;
    this.#zero();
  }

  /** One line of the ledger was written. */
  wrote(entry: LedgerEntry): void {
    const record = entry.run === null ? null : this.#parts.recordOf(entry.run);
    for (const { metric, labels, seconds } of countEntry(entry, record)) {
      if (seconds === undefined) this.#set.add(metric, labels);
      else this.#set.observe(metric, labels, seconds);
    }
  }

  /** A device left the bus at a port. */
  left(port: string): void {
    this.#set.add('rack_usb_disconnects_total', { port });
  }

  stalled(queue: string): void {
    this.#set.add('bullmq_stalled_total', { queue });
  }

  /** Everything, in Prometheus's text format. */
  async text(sources: MetricSources, live: LiveFacts): Promise<MetricsText> {
    const [queues, carriers, health, sync] = await Promise.all([
      known(sources.queues),
      known(sources.carriers),
      known(sources.health),
      known(sources.clockSync),
    ]);
    const set = this.#set;
    for (const port of sources.view().ports) this.#showPort(port);
    this.#showQueues(queues);
    for (const carrier of CARRIERS) {
      const rate = carriers?.find((one) => one.carrier === carrier)?.rate;
      const left = rate ? Math.max(0, rate.perDay - rate.usedToday) : Number.NaN;
      set.set('rack_restriction_tokens', { carrier }, left);
    }
    set.clear('rack_dependency_up');
    for (const { name, ok } of health ?? [{ name: 'health', ok: false }])
      set.set('rack_dependency_up', { dependency: name }, Number(ok));
    set.set('rack_clock_synchronised', {}, sync === null ? Number.NaN : Number(sync));
    const missing = sources.unfinished().filter(({ settled }) => settled !== null);
    set.set('rack_certificates_missing', {}, missing.length);
    set.set('rack_ledger_seq', {}, sources.ledgerSeq());
    set.set('rack_event_streams', {}, live.eventStreams);
    return { contentType: set.contentType, text: await set.text() };
  }

  #showPort({ port, state: now, stage: at, held, since, attention }: PortView): void {
    const seconds = Math.max(0, (this.#parts.clock() - Date.parse(since)) / 1000);
    for (const state of PORT_STATES)
      this.#set.set('rack_port_state', { port, state }, Number(state === now));
    for (const stage of STAGES) {
      const here = now === 'working' && stage === at;
      this.#set.set('rack_port_stage_seconds', { port, stage }, here ? seconds : 0);
    }
    this.#set.set('rack_port_held', { port }, Number(held));
    this.#set.set('rack_port_attention_seconds', { port }, attention ? seconds : 0);
  }

  #showQueues(queues: readonly QueueView[] | null): void {
    for (const queue of this.#parts.queueNames) {
      const found = queues?.find((one) => one.queue === queue);
      for (const state of ['active', 'waiting'] as const)
        this.#set.set('rack_queue_depth', { queue, state }, found?.[state].length ?? Number.NaN);
    }
  }

  /** Every series that can come, before it comes: a rate needs the zero that it grew from. */
  #zero(): void {
    const set = this.#set;
    const { ports, queueNames } = this.#parts;
    set.add('rack_certificates_total', {}, 0);
    for (const queue of queueNames) set.add('bullmq_stalled_total', { queue }, 0);
    for (const port of ports) set.add('rack_usb_disconnects_total', { port }, 0);
    for (const action of COUNTED_ACTIONS) set.add('rack_operator_actions_total', { action }, 0);
    for (const verdict of VERDICTS) {
      for (const port of ports) set.add('rack_verdicts_total', { port, verdict }, 0);
      for (const family of FAMILIES) set.add('rack_family_verdicts_total', { family, verdict }, 0);
    }
    for (const carrier of CARRIERS)
      for (const result of LOOK_UP_OUTCOMES)
        set.add('rack_restriction_requests_total', { carrier, result }, 0);
    for (const [os, family] of FAMILY_PAIRS)
      for (const stage of STAGES) set.zero('rack_stage_duration_seconds', { stage, os, family });
    set.add('rack_stage_total', { outcome: 'done', code: 'none' }, 0);
    for (const code of Object.keys(ERRORS))
      for (const outcome of ['failed', 'again']) set.add('rack_stage_total', { outcome, code }, 0);
    for (const code of Object.keys(ATTENTIONS))
      set.add('rack_stage_total', { outcome: 'attention', code }, 0);
  }
}

/** The answer, or null where it does not come in time. */
async function known<T>(ask: () => Promise<T>): Promise<T | null> {
  const limit = { signal: new AbortController().signal, timeoutMs: LOOK_MS };
  return withDeadline(limit, 'deadline-passed', ask).catch(() => null);
}
