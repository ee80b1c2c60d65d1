import type { GenerationName } from './generations.js';
import type { ChipNode } from './nodes.js';

/** One system of a chip: a directory with its own identity. */
export interface FelicaSystem {
  readonly code: number;
  /** System number: of those that match a wildcard, the lowest answers. */
  readonly number: number;
  /** 16 hex digits. */
  readonly idm: string;
  /** Version of the system key. */
  readonly keyVersion: number;
  /** In the order of a listing: areas and services by their codes. */
  readonly nodes: readonly ChipNode[];
  /** Blocks below area 0; null where the chip says that this does not apply. */
  readonly blocks: { readonly assigned: number; readonly free: number } | null;
  /** An instance in the background is not on the air. */
  readonly activated: boolean;
}

/** What one chip does otherwise than its generation. */
export interface ChipQuirks {
  readonly silentTo: readonly number[];
  readonly codeListShowsRootOnly: boolean;
  readonly refusesCodeList: boolean;
  /** The mode that Request Response tells. */
  readonly mode: 0 | 1 | 2 | 3;
  /** Get Container Issue Information without its two reserved bytes, as over the wire, and only so. */
  readonly bareIssueInfo: boolean;
  /** Request Service tells even of area 0 and the system that they are absent. */
  readonly hidesAllNodes: boolean;
}

export const NO_QUIRKS: ChipQuirks = {
  silentTo: [],
  codeListShowsRootOnly: false,
  refusesCodeList: false,
  mode: 0,
  bareIssueInfo: false,
  hidesAllNodes: false,
};

/** Everything that a chip keeps. Plain data: what happens to a chip is a function from one state to the next. */
export interface ChipState {
  readonly generation: GenerationName;
  /** 16 hex digits. */
  readonly containerId: string;
  /** 32 hex digits: format 2 bytes, carrier 3, model 11; null where the chip does not answer for it. */
  readonly issueInfo: string | null;
  /** In the order of Request System Code. */
  readonly systems: readonly FelicaSystem[];
  readonly quirks: ChipQuirks;
}

/** The systems on the air. */
export function activeSystems(state: ChipState): readonly FelicaSystem[] {
  return state.systems.filter((system) => system.activated);
}

/** The system of this code changed; all else as it was. */
export function withSystem(
  state: ChipState,
  code: number,
  change: (system: FelicaSystem) => FelicaSystem,
): ChipState {
  const systems = state.systems.map((system) => (system.code === code ? change(system) : system));
  return { ...state, systems };
}

export function withQuirks(state: ChipState, quirks: Partial<ChipQuirks>): ChipState {
  return { ...state, quirks: { ...state.quirks, ...quirks } };
}
