import type { Clock } from '../wait.js';
import type { PortView, RackChange, RackView } from './view.js';

/** How old a snapshot may be and still be handed out, in milliseconds: a hundred panels must cost what one costs. */
const MAX_AGE_MS = 100;
/** Changes that nobody announces, such as progress, are found this often. */
const LOOK_MS = 250;
/** A burst of changes becomes one. */
const BURST_MS = 25;
/** At four changes a second, what a client may have missed for a minute can be told again. */
const KEPT_CHANGES = 256;

export interface ViewFeedParts {
  readonly rack: {
    view(): RackView;
    /** Says that the next view may differ; returns the function that ends it. */
    onChange(listener: () => void): () => void;
  };
  readonly clock: Clock;
  /** How many changes are kept for clients that come back (256). */
  readonly kept?: number;
}

type Listener = (change: RackChange) => void;

/**
 * The rack's snapshots, looked at once for everybody who asks. Sees every seq, tells each change in order and keeps
 * the last ones. A view that is handed out is at most 100 ms old, and its `ports` are the same array while nothing
 * changes.
 */
export class ViewFeed {
  readonly #parts: ViewFeedParts;
  readonly #listeners = new Set<Listener>();
  readonly #changes: RackChange[] = [];
  #shown: ReadonlyMap<string, string> = new Map();
  #view: RackView | null = null;
  #lookedAt = 0;
  #dirty = true;
  #timer: NodeJS.Timeout | undefined;
  #burst: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(parts: ViewFeedParts) {
    this.#parts = parts;
  }

  /** Begins to look by itself. */
  start(): void {
    this.#unsubscribe = this.#parts.rack.onChange(() => {
      this.#dirty = true;
      this.#burst ??= setTimeout(() => this.current(), BURST_MS);
    });
    this.#timer = setInterval(() => this.current(), LOOK_MS);
    // Looking alone keeps no process alive.
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#burst);
    this.#unsubscribe();
    this.#listeners.clear();
  }

  current(): RackView {
    const age = this.#parts.clock() - this.#lookedAt;
    if (this.#view && !this.#dirty && age >= 0 && age < MAX_AGE_MS) return this.#view;
    return this.#look();
  }

  /** Every change after a seq, oldest first; null where not all of them are kept, or the seq was never shown. */
  since(seq: number): readonly RackChange[] | null {
    const { seq: now } = this.current();
    if (seq === now) return [];
    const first = this.#changes.findIndex(({ after }) => after === seq);
    return first < 0 ? null : this.#changes.slice(first);
  }

  /** Calls `listener` with each change from now on, in the order of seq; returns the function that ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #look(): RackView {
    clearTimeout(this.#burst);
    this.#burst = undefined;
    this.#dirty = false;
    this.#lookedAt = this.#parts.clock();
    const fresh = this.#parts.rack.view();
    const before = this.#view;
    if (before?.seq === fresh.seq) {
      this.#view = { ...fresh, ports: before.ports };
      return this.#view;
    }
    this.#view = fresh;
    const shown = new Map(fresh.ports.map((port) => [port.port, JSON.stringify(port)]));
    const changed = fresh.ports.filter(({ port }) => this.#shown.get(port) !== shown.get(port));
    this.#shown = shown;
    if (before) this.#tell(before.seq, fresh, changed);
    return fresh;
  }

  #tell(after: number, view: RackView, ports: readonly PortView[]): void {
    const { rack, seq, serverTime, staleAfter } = view;
    const change = { rack, seq, after, serverTime, staleAfter, ports };
    this.#changes.push(change);
    const { kept = KEPT_CHANGES } = this.#parts;
    if (this.#changes.length > kept) this.#changes.shift();
    for (const listener of [...this.#listeners]) listener(change);
  }
}
