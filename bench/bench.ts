import type { JsonObject } from '../src/evidence.js';

/** One line of the table. */
export interface Row {
  readonly claim: string;
  readonly ours: string;
  readonly peer: string;
  /** Peer divided by ours, above 1 where ours is better; null where nothing is compared. */
  readonly ratio: number | null;
  readonly goal: string;
  /** null where there is no goal. */
  readonly met: boolean | null;
  readonly runs: number;
  /** Lowest and highest of the runs. */
  readonly spread: string;
}

export interface BenchResult {
  readonly rows: readonly Row[];
  /** Everything that was measured, as it goes into the results file. */
  readonly samples: readonly JsonObject[];
  /** What a reader of the table must know to judge it, each in one sentence or two. */
  readonly notes: readonly string[];
}

export interface BenchContext {
  readonly signal: AbortSignal;
  /** Fewer and smaller runs: shows that the bench works, proves little. */
  readonly quick: boolean;
  /** How long a bench that watches should do so; null: as long as it sees fit. */
  readonly seconds: number | null;
  /** An empty folder of this bench alone, removed afterwards. */
  readonly folder: string;
  /** One line for whoever waits. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  /** The claim in one line. */
  readonly title: string;
  run(context: BenchContext): Promise<BenchResult>;
}
