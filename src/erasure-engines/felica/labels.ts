import { SYSTEM } from './systems.js';

/* Names for people, never a list to judge by. Source: felica-tool nodes.json; nfcpy tests. */

const SYSTEMS: ReadonlyMap<number, string> = new Map([
  [SYSTEM.common, 'common area'],
  [SYSTEM.management, 'management area'],
  [SYSTEM.transit, 'transit (Suica, PASMO, ICOCA)'],
  [SYSTEM.unpersonalised, 'not personalised'],
  [0x88b4, 'FeliCa Lite'],
  [0x12fc, 'NDEF'],
  [0x957a, 'Secure ID'],
  [0x8008, 'Octopus'],
]);

/** Areas directly below area 0 of the common area: first and last code. */
const COMMON_AREAS: readonly (readonly [first: number, last: number, name: string])[] = [
  [0x1000, 0x173f, 'Edy'],
  [0x17c0, 0x18bf, 'ANA'],
  [0x1a80, 0x1aff, 'Kumamon'],
  [0x2680, 0x26ff, 'Karuwaza'],
  [0x2c80, 0x2d3f, 'Yodobashi'],
  [0x2e80, 0x2f3f, 'KESAKA'],
  [0x2f40, 0x307f, 'JAL'],
  [0x35c0, 0x36bf, 'QUICPay'],
  [0x3940, 0x39ff, 'FeliCa Pocket'],
  [0x3bc0, 0x3c3f, 'MIWA'],
  [0x5580, 0x56bf, 'nanaco'],
  [0x67c0, 0x68ff, 'WAON'],
  [0x74c0, 0x75ff, 'Kazasu folder'],
  [0x7b80, 0x7bbf, 'Rakuten Point'],
];

export function systemLabel(code: number): string | null {
  return SYSTEMS.get(code) ?? null;
}

/** Who a node of a system belongs to, where that is publicly known. */
export function nodeLabel(system: number, code: number): string | null {
  if (system !== SYSTEM.common) return null;
  return COMMON_AREAS.find(([first, last]) => code >= first && code <= last)?.[2] ?? null;
}

/** The directory of the management area that was published, of a clean 4.1 phone. Others may have another. */
const PUBLISHED_MANAGEMENT: readonly number[] = [
  0x0000, 0x1000, 0x1001, 0x1008, 0x2008, 0x8000, 0x8001, 0x8008, 0x9008, 0xa008, 0xb001, 0xb008,
  0xb048,
];

export function isPublishedManagement(codes: readonly number[]): boolean {
  return (
    codes.length === PUBLISHED_MANAGEMENT.length &&
    PUBLISHED_MANAGEMENT.every((code) => codes.includes(code))
  );
}

export function hex16(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
