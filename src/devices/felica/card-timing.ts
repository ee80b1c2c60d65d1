import type { TimeSlot } from './card-commands.js';
import { bytesOfId, type Pmm } from './card-values.js';

/** 256 × 16 periods of the 13.56 MHz carrier, in ms. Source: FeliCa Card User's Manual, maximum response time. */
const UNIT_MS = 0.30206;
/** Readers and phones come late; added to what the chip says of itself. */
const MARGIN_MS = 20;
const LEAST_MS = 2;
const POLL_MARGIN_MS = 6;
const FIRST_SLOT_MS = 3.625;
const SLOT_MS = 1.208;

/** Which byte of the PMm says how long: 2 Request Service, 3 commands of fixed time, 7 everything else. */
export type TimingClass = 'request-service' | 'fixed' | 'other';
const BYTE_OF: Readonly<Record<TimingClass, number>> = { 'request-service': 2, fixed: 3, other: 7 };

/** The longest that a chip may take by its own PMm, in ms, without a margin. `units`: nodes of the command. */
export function responseTimeMs(pmm: Pmm, timing: TimingClass, units = 0): number {
  const byte = bytesOfId(pmm)[BYTE_OF[timing]] ?? 0;
  const [a, b, e] = [byte & 7, (byte >> 3) & 7, byte >> 6];
  return UNIT_MS * ((b + 1) * units + (a + 1)) * 4 ** e;
}

/** How long to wait for a card's answer, in whole ms. */
export function cardTimeoutMs(pmm: Pmm, timing: TimingClass, units = 0): number {
  return Math.ceil(Math.max(LEAST_MS, responseTimeMs(pmm, timing, units)) + MARGIN_MS);
}

/** How long to wait for the answer to a poll, in whole ms. Source: JIS X 6319-4, anticollision by time slots. */
export function pollTimeoutMs(timeSlot: TimeSlot): number {
  return Math.ceil(FIRST_SLOT_MS + timeSlot * SLOT_MS) + POLL_MARGIN_MS;
}
