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
  RunSummary,
} from '../http/rack-api.js';
import type { SignedCertificate } from '../ledger/certificate-schema.js';
import { renderCertificatePdf } from '../ledger/pdf/render-certificate-pdf.js';
import type { RunQuery } from '../ledger/run-index.js';
import { laneAfter, type ValidationState } from '../ledger/validation-lane.js';
import type { Log, LogLevel } from '../log.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { RunRecord } from '../pipeline/run-record.js';
import {
  refusalToValidate,
  type Validation,
  type Validator,
  validationState,
} from '../pipeline/validation.js';
import type { Rack } from '../ports/rack.js';
import type { RackChange, RackView } from '../ports/view.js';
import type { ViewFeed } from '../ports/view-feed.js';
import type { HostClock } from './clock-sync.js';
import { leadingActs } from './leading-acts.js';
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
  readonly validationBeforeRelease: boolean;
  /** Who a key was given to. */
  readonly personOf: (key: string) => string | null;
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
    const { book } = this.#parts;
    const page = book.index.runs(query);
    return { ...page, runs: page.runs.map((row) => this.#released(row)) };
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
      validation: record.validation,
      validationState: this.#validationOf(record),
      lane: summary.lane && laneAfter(summary.lane, this.#validationOf(record)),
    };
  }

  evidence(id: string): readonly Evidence[] | null {
    return this.#parts.book.record(id)?.evidence ?? null;
  }

  async certificate(id: string): Promise<string | null> {
    // Only a run that the ledger knows names a file: the id never reaches the file system otherwise.
    const record = this.#parts.book.record(id);
    if (!record?.certificate) return null;
    const validation = this.#validationOf(record);
    if (validation === 'waiting' || validation === 'rejected')
      throw new SarachiError('not-possible-now', { run: id, validation });
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
    const { log } = this.#parts;
    await this.note('log-level', by, { from: log.level, to: level });
    log.warn({ from: log.level, to: level, by }, 'log level');
    log.level = level;
  }

  async note(action: string, by: string, statement: JsonObject): Promise<void> {
    const body = { action, by, statement };
    await this.#parts.book.append({ type: 'operator-acted', run: null, port: null, body });
  }

  async validate(
    id: string,
    { decision, by, person, note }: Validator & { readonly note: string | null },
  ): Promise<Validation> {
    const { book, personOf } = this.#parts;
    const record = book.record(id);
    if (!record) throw new SarachiError('not-found', { run: id });
    const acts = [...record.acts, ...leadingActs(book, record)];
    const refusal = refusalToValidate({ ...record, acts }, { decision, by, person }, personOf);
    if (refusal) throw new SarachiError('not-possible-now', { detail: refusal });
    const body = { decision, by, person, note };
    await book.append({ type: 'run-validated', run: id, port: record.port, body });
    // Of two persons at once the ledger's first counts, and the other one is told.
    const kept = book.record(id)?.validation;
    if (!kept || kept.by !== by || kept.decision !== decision)
      throw new SarachiError('not-possible-now', { detail: 'somebody else was quicker' });
    return kept;
  }

  #validationOf(record: RunRecord): ValidationState {
    return validationState(record, this.#parts.validationBeforeRelease);
  }

  /** What is listed as released has to be. */
  #released(row: RunSummary): RunSummary {
    const record = row.lane === 'release' ? this.#parts.book.record(row.run) : null;
    if (!record || row.lane === null) return row;
    return { ...row, lane: laneAfter(row.lane, this.#validationOf(record)) };
  }
}
