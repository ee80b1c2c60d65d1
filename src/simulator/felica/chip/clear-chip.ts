import { CONTAINER_SYSTEM } from './answer-container.js';
import { type ChipState, type FelicaSystem, withSystem } from './chip-state.js';
import { nodesFrom, ROOT_ONLY, showingAs } from './nodes.js';
import { COMMON_SYSTEM, unpersonalised } from './phones.js';

/** What a finished clear leaves. Which clear leaves what, no public source says. */
export type ClearedAs = 'initialised' | 'uninitialised' | 'unpersonalised';

/** How a clear goes wrong on the chip. */
export type ChipClearFault =
  | 'none'
  | 'nothing-happens'
  | 'interrupted'
  | 'leaves-hidden-nodes'
  | 'leaves-background-instance'
  | 'new-identity';

const NOT_INITIALISED = '00'.repeat(16);

function emptied(system: FelicaSystem): FelicaSystem {
  const blocks = system.blocks && { ...system.blocks, free: system.blocks.assigned };
  return { ...system, nodes: nodesFrom(ROOT_ONLY), blocks };
}

function isKept(system: FelicaSystem): boolean {
  return system.code === COMMON_SYSTEM || system.code === CONTAINER_SYSTEM;
}

/** The chip after a clear that worked: nothing but the container and an empty common area. */
export function clearedChip(state: ChipState, as: ClearedAs): ChipState {
  const systems = state.systems.filter(isKept);
  const cleared = withSystem({ ...state, systems }, COMMON_SYSTEM, emptied);
  if (as === 'unpersonalised') return unpersonalised(cleared);
  return as === 'uninitialised' ? { ...cleared, issueInfo: NOT_INITIALISED } : cleared;
}

/** Issue information that says a clear is going on: the top bit of the carrier code. */
export function clearInProgress(issueInfo: string): string {
  const first = (Number.parseInt(issueInfo.slice(4, 6), 16) | 0x80).toString(16);
  return `${issueInfo.slice(0, 4)}${first}${issueInfo.slice(6)}`;
}

/** Another IDm for every system but the container's. */
function withNewIdms(state: ChipState): ChipState {
  const systems = state.systems.map((system) =>
    system.code === CONTAINER_SYSTEM
      ? system
      : { ...system, idm: `${system.idm.slice(0, 12)}c1ea` },
  );
  return { ...state, systems };
}

function withHiddenNodes(state: ChipState): ChipState {
  const systems = state.systems.map((system) =>
    system.code === CONTAINER_SYSTEM
      ? system
      : { ...system, blocks: null, nodes: showingAs(system.nodes, 'probed') },
  );
  return { ...state, systems };
}

function withBackground(state: ChipState, as: ClearedAs): ChipState {
  const left = state.systems.filter((system) => !isKept(system));
  const cleared = clearedChip(state, as);
  const hidden = left.map((system) => ({ ...system, activated: false }));
  return { ...cleared, systems: [...cleared.systems, ...hidden] };
}

/** The chip after a clear, gone right or wrong. */
export function clearChip(
  state: ChipState,
  as: ClearedAs,
  fault: ChipClearFault = 'none',
): ChipState {
  switch (fault) {
    case 'none':
      return clearedChip(state, as);
    case 'nothing-happens':
      return state;
    case 'interrupted':
      return { ...state, issueInfo: state.issueInfo && clearInProgress(state.issueInfo) };
    case 'leaves-hidden-nodes':
      return withHiddenNodes(state);
    case 'leaves-background-instance':
      return withBackground(state, as);
    case 'new-identity':
      return withNewIdms(clearedChip(state, as));
  }
}
