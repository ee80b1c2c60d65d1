import type { Evidence, JsonObject } from '../evidence.js';
import type { HandsetIdentity } from '../handset.js';
import type { RunQuery, RunSummary } from '../ledger/run-index.js';
import type { ValidationState } from '../ledger/validation-lane.js';
import type { LogLevel } from '../log.js';
import type { Validation, Validator } from '../pipeline/validation.js';
import type { PortAction, RackChange, RackView } from '../ports/view.js';
import type { RestrictionApi } from './restriction-api.js';

export type { RunQuery, RunSummary };

export interface RunDetail extends RunSummary {
  readonly identity: HandsetIdentity | null;
  readonly reasons: readonly string[];
  readonly plan: readonly {
    readonly stage: string;
    readonly method: string;
    readonly reason: string | null;
  }[];
  readonly stages: readonly {
    readonly stage: string;
    readonly fence: number;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly outcome: JsonObject | null;
  }[];
  readonly attentions: readonly { readonly code: string; readonly at: string }[];
  readonly certificate: boolean;
  /** What a second person said; null while nobody has. */
  readonly validation: Validation | null;
  readonly validationState: ValidationState;
}

export interface QueueView {
  readonly queue: string;
  readonly concurrency: number;
  readonly active: readonly string[];
  readonly waiting: readonly string[];
}

/** What a person or system says with an action. */
export interface ActRequest {
  readonly action: PortAction;
  /** Who does it, for the ledger. */
  readonly by: string;
  /** For `confirm`: what is confirmed, such as {"jpki":"revoked"} or {"marks":{"docomo":"circle"}}. */
  readonly statement: JsonObject;
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What only HTTP itself knows and metrics tell. */
export interface LiveFacts {
  readonly eventStreams: number;
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** What HTTP may know and do. Reads are snapshots; `act` is an event to the port and never touches a device. */
export interface RackApi {
  readonly bootId: string;
  /** At most 100 ms old; `ports` is the same array while nothing changes. */
  view(): RackView;
  /** Every change after a seq, oldest first; null where not all of them are kept. */
  changesSince(seq: number): readonly RackChange[] | null;
  /** Calls `listener` with each change from now on, in the order of seq; returns the function that ends it. */
  onChange(listener: (change: RackChange) => void): () => void;
  /** Rejects with not-found, not-possible-now or bad-request. Resolves when the port has taken it. */
  act(port: string, request: ActRequest): Promise<void>;
  runs(query: RunQuery): {
    readonly runs: readonly RunSummary[];
    readonly nextCursor: string | null;
  };
  run(id: string): RunDetail | null;
  evidence(id: string): readonly Evidence[] | null;
  /** The signed certificate exactly as it was written; null while there is none. */
  certificate(id: string): Promise<string | null>;
  certificatePdf(id: string): Promise<Uint8Array | null>;
  queues(): Promise<readonly QueueView[]>;
  readonly restrictions: RestrictionApi;
  health(): Promise<readonly HealthCheck[]>;
  /** The metrics in Prometheus's text format. Never rejects because something is away: what is not known is NaN. */
  metrics(live: LiveFacts): Promise<MetricsText>;
  /** Writes to the ledger what somebody did that belongs to no port and no run. Rejects with ledger-unwritable. */
  note(action: string, by: string, statement: JsonObject): Promise<void>;
  /** A second person's word on a run. Rejects with not-found, not-possible-now, forbidden, ledger-unwritable. */
  validate(run: string, said: Validator & { readonly note: string | null }): Promise<Validation>;
  logLevel(): LogLevel;
  /** Writes who did it to the ledger, then logs at this level until it is changed again or the daemon ends. */
  setLogLevel(level: LogLevel, by: string): Promise<void>;
}
