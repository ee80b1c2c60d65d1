import { bytesOfId, type Pmm } from './card-values.js';

export type ChipKind = 'mobile' | 'other';

export interface Chip {
  readonly ic: number;
  readonly rom: number;
  /** `other`: a plastic card or tag, which is no handset. */
  readonly kind: ChipKind;
  /** A name for people; null where the code is in no public list. */
  readonly name: string | null;
}

/** IC codes by range. Source: felica-tool chips.json; nfcpy tag/tt3_sony.py has much the same. */
const CHIPS: readonly (readonly [first: number, last: number, kind: ChipKind, name: string])[] = [
  [0x06, 0x06, 'mobile', 'Mobile FeliCa 1.0'],
  [0x07, 0x07, 'mobile', 'Mobile FeliCa 1.1'],
  [0x10, 0x13, 'mobile', 'Mobile FeliCa 2.0'],
  [0x14, 0x15, 'mobile', 'Mobile FeliCa 3.0'],
  [0x16, 0x16, 'mobile', 'Mobile FeliCa 4.0 (Apple)'],
  [0x17, 0x17, 'mobile', 'Mobile FeliCa 4.0'],
  [0x18, 0x1f, 'mobile', 'Mobile FeliCa 4.1'],
  [0x00, 0x02, 'other', 'FeliCa Standard'],
  [0x08, 0x09, 'other', 'FeliCa Standard'],
  [0x0b, 0x0d, 'other', 'FeliCa Standard'],
  [0x20, 0x20, 'other', 'FeliCa Standard RC-S962'],
  [0x24, 0x24, 'other', 'FeliCa Standard (Octopus)'],
  [0x31, 0x36, 'other', 'FeliCa Standard RC-SA'],
  [0x3e, 0x3e, 'other', 'FeliCa Standard RC-SA'],
  [0x43, 0x44, 'other', 'FeliCa Standard RC-SA'],
  [0x46, 0x46, 'other', 'FeliCa Standard RC-SA'],
  [0xf0, 0xf0, 'other', 'FeliCa Lite'],
  [0xf1, 0xf1, 'other', 'FeliCa Lite-S'],
];

/** What a PMm says of the chip. A code that nobody listed is not taken for a handset. */
export function chipOf(pmm: Pmm): Chip {
  const [rom = 0, ic = 0] = bytesOfId(pmm);
  const row = CHIPS.find(([first, last]) => ic >= first && ic <= last);
  return { ic, rom, kind: row?.[2] ?? 'other', name: row?.[3] ?? null };
}
