import { be16, fromHex, readBe16 } from '../bytes.js';
import { activeSystems, type ChipState, type FelicaSystem } from './chip-state.js';
import type { Generation } from './generations.js';

const POLLING_LENGTH = 6;
const TIME_SLOTS: ReadonlySet<number> = new Set([0x00, 0x01, 0x03, 0x07, 0x0f]);

function matches(code: number, wanted: number): boolean {
  const high = wanted >> 8;
  const low = wanted & 0xff;
  return (high === 0xff || high === code >> 8) && (low === 0xff || low === (code & 0xff));
}

function polled(state: ChipState, wanted: number): FelicaSystem | undefined {
  return activeSystems(state)
    .filter((system) => matches(system.code, wanted))
    .toSorted((one, other) => one.number - other.number)[0];
}

function requestData(system: FelicaSystem, generation: Generation, wanted: number): number[] {
  if (wanted === 1) return [...be16(system.code)];
  return wanted === 2 && generation.performance ? [...fromHex(generation.performance)] : [];
}

export interface PollingAnswer {
  /** What follows the answer's code. */
  readonly body: readonly number[];
  /** Time slots that the chip may answer in, 1 to 16. */
  readonly slots: number;
}

/** The answer to a whole polling frame; null is silence, which every frame of another length gets. */
export function answerPolling(
  state: ChipState,
  generation: Generation,
  frame: Uint8Array,
): PollingAnswer | null {
  const slots = frame[5] ?? 0;
  if (frame.length !== POLLING_LENGTH || !TIME_SLOTS.has(slots)) return null;
  const system = polled(state, readBe16(frame, 2));
  if (!system) return null;
  const data = requestData(system, generation, frame[4] ?? 0);
  return { body: [...fromHex(system.idm), ...fromHex(generation.pmm), ...data], slots: slots + 1 };
}
