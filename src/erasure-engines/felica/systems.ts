/** System codes. Source: felica-tool nodes.json; constants of the おサイフケータイ app. */
export const SYSTEM = {
  /** The common area, which most services of a phone share. */
  common: 0xfe00,
  /** The management area, which is the chip's own. */
  management: 0xfe0f,
  /** Suica, PASMO, ICOCA. */
  transit: 0x0003,
  /** What a chip calls its only system before anybody personalised it; as a poll it asks for any system. */
  unpersonalised: 0xffff,
} as const;

/** Asked by name in every survey, in this order. */
export const NAMED_SYSTEMS: readonly number[] = [
  SYSTEM.management,
  SYSTEM.unpersonalised,
  SYSTEM.common,
  SYSTEM.transit,
];

/**
 * Polls that together every system answers: its high byte by name and any low byte, then the other way round. FFFF is
 * asked by name.
 */
export function sweepCodes(): readonly number[] {
  const bytes = Array.from({ length: 0xff }, (_, byte) => byte);
  return [...bytes.map((high) => (high << 8) | 0xff), ...bytes.map((low) => 0xff00 | low)];
}

/** Attributes of areas and services, those with a PIN included. Source: FeliCa Card User's Manual; felica-tool. */
const ATTRIBUTES: readonly number[] = [0x00, 0x01, ...rangeOf(0x08, 0x17)].flatMap((attribute) => [
  attribute,
  attribute | 0x20,
]);

/** Every node code that a system can have but area 0. */
export function everyNodeCode(): readonly number[] {
  return rangeOf(0, 1023)
    .flatMap((number) => ATTRIBUTES.map((attribute) => (number << 6) | attribute))
    .filter((code) => code !== 0);
}

function rangeOf(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
