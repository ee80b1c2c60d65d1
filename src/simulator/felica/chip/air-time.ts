import { fromHex } from '../bytes.js';
import { COMMAND } from './generations.js';

export type Kbps = 212 | 424;

/** Milliseconds between the end of a polling and the first time slot (JIS X 6319-4). */
export const FIRST_SLOT_MS = 2.417;
/** Milliseconds of one time slot (JIS X 6319-4). */
export const SLOT_MS = 1.208;

const UNIT_MS = 0.30206;
/** Preamble, sync code and checksum, which the frames here do without. */
const OVERHEAD_BYTES = 6 + 2 + 2;
const CARRIER_HZ = 13_560_000;
const CARRIER_PERIODS_PER_BIT = { 212: 64, 424: 32 } as const;

/** Milliseconds that a frame of this many bytes (with its length byte) is on the air. */
export function airTimeMs(bytes: number, kbps: Kbps): number {
  const bits = (bytes + OVERHEAD_BYTES) * 8;
  return (bits * CARRIER_PERIODS_PER_BIT[kbps] * 1000) / CARRIER_HZ;
}

/** The byte of the PMm that a command's answer is timed by, and whether its nodes count. */
function timedBy(command: number): { readonly at: number; readonly counts: boolean } {
  if (command === COMMAND.requestService || command === COMMAND.requestBlockInfoEx)
    return { at: 2, counts: true };
  if (command === COMMAND.read) return { at: 5, counts: true };
  if (command === COMMAND.write) return { at: 6, counts: true };
  return { at: 3, counts: false };
}

/**
 * Milliseconds that the slowest answer may take by the chip's PMm (FeliCa card user's manual): the parameter byte holds
 * a constant, a part for each unit and an exponent of four.
 */
export function slowestAnswerMs(pmm: string, command: number, units: number): number {
  const { at, counts } = timedBy(command);
  const byte = fromHex(pmm)[at] ?? 0;
  const constant = (byte & 7) + 1;
  const each = ((byte >> 3) & 7) + 1;
  return UNIT_MS * (each * (counts ? units : 0) + constant) * 4 ** (byte >> 6);
}
