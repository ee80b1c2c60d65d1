import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SarachiError } from '../errors.js';
import type { Evidence, JsonObject } from '../evidence.js';
import type {
  ActRequest,
  HealthCheck,
  LiveFacts,
  MetricsText,
  QueueView,
  RackApi,
  RunDetail,
} from '../http/rack-api.js';
import type { SignedCertificate } from '../ledger/certificate-schema.js';
import { renderCertificatePdf } from '../ledger/pdf/render-certificate-pdf.js';
import type { RunQuery } from '../ledger/run-index.js';
import type { Log, LogLevel } from '../log.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { Rack } from '../ports/rack.js';
import type { RackChange, RackView } from '../ports/view.js';
import type { ViewFeed } from '../ports/view-feed.js';
import type { HostClock } from './clock-sync.js';
import type { RackMetrics } from './metrics/rack-metrics.js';
import type { RestrictionService } from './restriction-service.js';

export interface RackServiceParts {
  readonly bootId: string;
  readonly state: string;
  readonly rack: Rack;
  readonly feed: ViewFeed;
  readonly book: RunBook;
  readonly pipeline: Pipeline;
  readonly restrictions: RestrictionService;
  readonly health: () => Promise<readonly HealthCheck[]>;
  readonly metrics: RackMetrics;
  readonly hostClock: HostClock;
  /** The log of the whole daemon, whose level can be changed. */
  readonly log: Log;
}

/** What HTTP sees of the daemon: snapshots to read, and actions that become events of a port. */
export class RackService implements RackApi {
  readonly bootId: string;
  readonly restrictions: RestrictionService;
  readonly #parts: RackServiceParts;

  constructor(parts: RackServiceParts) {
    this.#parts = parts;
    this.bootId = parts.bootId;
    this.restrictions = parts.restrictions;
  }

  view(): RackView {
    return this.#parts.feed.current();
  }

  changesSince(seq: number): readonly RackChange[] | null {
    return this.#parts.feed.since(seq);
  }

  onChange(listener: (change: RackChange) => void): () => void {
    return this.#parts.feed.subscribe(listener);
  }

  act(port: string, request: ActRequest): Promise<void> {
    return this.#parts.rack.act(port, request);
  }

  runs(query: RunQuery): ReturnType<RackApi['runs']> {
    return this.#parts.book.index.runs(query);
  }

  run(id: string): RunDetail | null {
    const { book } = this.#parts;
    const summary = book.index.run(id);
    const record = summary ? book.record(id) : null;
    if (!summary || !record) return null;
    return {
      ...summary,
      identity: record.identity,
      reasons: record.settled?.reasons ?? [],
      plan: record.plan?.stages ?? [],
      stages: record.attempts.map((attempt) => ({
        ...attempt,
        outcome: attempt.outcome as unknown as JsonObject | null,
      })),
      attentions: record.attentions,
      certificate: record.certificate !== null,
    };
  }

  evidence(id: string): readonly Evidence[] | null {
    return this.#parts.book.record(id)?.evidence ?? null;
  }

  async certificate(id: string): Promise<string | null> {
    // Only a run that the ledger knows names a file: the id never reaches the file system otherwise.
    if (!this.#parts.book.record(id)?.certificate) return null;
    const file = path.join(this.#parts.state, 'certificates', `${id}.json`);
    return readFile(file, 'utf8').catch((cause: unknown) => {
      throw new SarachiError('certificate-invalid', { run: id, what: 'file missing' }, { cause });
    });
  }

  async certificatePdf(id: string): Promise<Uint8Array | null> {
    const text = await this.certificate(id);
    // Written by this daemon and named by its ledger; whoever doubts it has `sarachi verify`.
    return text === null ? null : renderCertificatePdf(JSON.parse(text) as SignedCertificate);
  }

  queues(): Promise<readonly QueueView[]> {
    return this.#parts.pipeline.queues();
  }

  health(): Promise<readonly HealthCheck[]> {
    return this.#parts.health();
  }

  metrics(live: LiveFacts): Promise<MetricsText> {
    const { metrics, hostClock, book } = this.#parts;
    const sources = {
      view: () => this.view(),
      queues: () => this.queues(),
      carriers: () => this.restrictions.carriers(),
      health: () => this.health(),
      clockSync: () => hostClock.synchronised(),
      unfinished: () => book.unfinished(),
      ledgerSeq: () => book.head().seq,
    };
    return metrics.text(sources, live);
  }

  logLevel(): LogLevel {
    return this.#parts.log.level as LogLevel;
  }

  async setLogLevel(level: LogLevel, by: string): Promise<void> {
    const { book, log } = this.#parts;
    const body = { action: 'log-level', by, statement: { from: log.level, to: level } };
    await book.append({ type: 'operator-acted', run: null, port: null, body });
    log.warn({ from: log.level, to: level, by }, 'log level');
    log.level = level;
  }
}
