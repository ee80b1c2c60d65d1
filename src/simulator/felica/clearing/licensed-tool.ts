import type { ChipState } from '../chip/chip-state.js';
import { type ChipClearFault, type ClearedAs, clearChip } from '../chip/clear-chip.js';
import { UNPERSONALISED_SYSTEM } from '../chip/phones.js';
import { type FelicaHandset, isHeard } from '../felica-handset.js';

/** What a licensed tool says of its own work. Whether that is so, only the chip knows. */
export type ToolOutcome =
  | 'CLEARED'
  | 'ALREADY_CLEAR'
  | 'UNSUPPORTED'
  | 'LICENCE'
  | 'NETWORK'
  | 'INTERRUPTED'
  | 'FAILED';

/** Misbehaviour of the tool; a plain object that may be changed at any time. */
export interface LicensedToolFaults {
  licenceExpired: boolean;
  offline: boolean;
  /** What goes wrong on the chip. The tool notices only that it was interrupted. */
  chip: ChipClearFault;
}

export function noLicensedToolFaults(): LicensedToolFaults {
  return { licenceExpired: false, offline: false, chip: 'none' };
}

const NOT_INITIALISED = /^0+$/;

/** Whether nothing was ever personalised on this chip, or nothing is any more. */
export function isInitial(state: ChipState): boolean {
  if (state.issueInfo !== null) return NOT_INITIALISED.test(state.issueInfo);
  return state.systems.every((system) => system.code === UNPERSONALISED_SYSTEM);
}

/**
 * The tool of a licensed house, which clears over the air. No protocol of a real one is public: this one just changes
 * what the chip keeps.
 */
export class LicensedTool {
  readonly faults: LicensedToolFaults = noLicensedToolFaults();
  readonly #leaves: ClearedAs;

  /** `leaves`: how a chip is when this tool has cleared it. */
  constructor(leaves: ClearedAs) {
    this.#leaves = leaves;
  }

  /** Clears the handset that lies on the tool's own reader. */
  clear(handset: FelicaHandset): ToolOutcome {
    if (this.faults.licenceExpired) return 'LICENCE';
    if (this.faults.offline) return 'NETWORK';
    if (!isHeard(handset.condition)) return 'FAILED';
    if (!handset.chip.generation.isMobile) return 'UNSUPPORTED';
    if (isInitial(handset.chip.state)) return 'ALREADY_CLEAR';
    handset.chip.state = clearChip(handset.chip.state, this.#leaves, this.faults.chip);
    return this.faults.chip === 'interrupted' ? 'INTERRUPTED' : 'CLEARED';
  }
}
