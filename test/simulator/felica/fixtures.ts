import { fromHex, toHex } from '../../../src/simulator/felica/bytes.js';
import {
  type ChipState,
  withQuirks,
  withSystem,
} from '../../../src/simulator/felica/chip/chip-state.js';
import { clearedChip, clearInProgress } from '../../../src/simulator/felica/chip/clear-chip.js';
import {
  COMMON_SYSTEM,
  cleanPhone,
  RESIDUE,
  withResidue,
  withTransit,
} from '../../../src/simulator/felica/chip/phones.js';
import { FelicaHandset } from '../../../src/simulator/felica/felica-handset.js';
import {
  SimulatedReader,
  type SimulatedReaderOptions,
} from '../../../src/simulator/felica/reader/simulated-reader.js';
import type { ReaderTransfers } from '../../../src/simulator/felica/reader/transfers.js';
import { CARD_VECTORS, type CardVector } from './card-vectors.js';

export const CLEAN = cleanPhone();
export const NANACO = withResidue(CLEAN, RESIDUE.nanaco);
export const ACK = '0000ff00ff00';

/** What the chip of a published exchange must be like for it. */
const SPECIAL: Readonly<Record<string, ChipState>> = {
  C03: withTransit(CLEAN),
  C07: { ...CLEAN, issueInfo: CLEAN.issueInfo && clearInProgress(CLEAN.issueInfo) },
  C08: clearedChip(NANACO, 'uninitialised'),
  C10: withTransit(CLEAN),
  C13: NANACO,
  C14: NANACO,
  C15: NANACO,
  C16: NANACO,
  C18: NANACO,
  C19: withQuirks(CLEAN, { refusesCodeList: true }),
  C21: NANACO,
  C22: withSystem(CLEAN, COMMON_SYSTEM, (common) => ({ ...common, blocks: null })),
  C24: withQuirks(CLEAN, { hidesAllNodes: true }),
  C26: NANACO,
  C28: withQuirks(CLEAN, { mode: 1 }),
  C29: withTransit(CLEAN),
  C30: withTransit(CLEAN),
};

export function chipOf(vector: string): ChipState {
  return SPECIAL[vector] ?? CLEAN;
}

export function vector(id: string): CardVector {
  const found = CARD_VECTORS.find((one) => one.id === id);
  if (!found) throw new RangeError(`there is no vector ${id}`);
  return found;
}

export interface Desk {
  readonly reader: SimulatedReader;
  readonly handset: FelicaHandset;
  readonly bulk: ReaderTransfers;
  /** Sends one OUT transfer and gives all IN transfers that are there at once, in hex. */
  ask(out: string): Promise<readonly string[]>;
}

/** All IN transfers that are there at once. */
export async function drain(bulk: ReaderTransfers): Promise<readonly string[]> {
  const got: string[] = [];
  let next = await bulk.in(0);
  while (next) {
    got.push(toHex(next));
    next = await bulk.in(0);
  }
  return got;
}

/** A reader that was opened, with a handset on it. */
export function desk(state: ChipState, options: Partial<SimulatedReaderOptions> = {}): Desk {
  const reader = new SimulatedReader({
    model: 'RC-S380/P',
    serialNumber: '0123456',
    usbPath: '1-4.2',
    ...options,
  });
  const handset = new FelicaHandset('a handset', state);
  reader.put(handset);
  const bulk = reader.transfers();
  const ask = async (out: string) => {
    await bulk.out(fromHex(out));
    return await drain(bulk);
  };
  return { reader, handset, bulk, ask };
}

/** The published opening of an RC-S380, OUT and what comes after the acknowledgement (webusb-felica, debug log). */
export const OPENING_380: readonly (readonly [string, string])[] = [
  ['0000ffffff0300fdd62a01ff00', '0000ffffff0300fdd72b00fe00'],
  ['0000ffffff0200fed6200a00', '0000ffffff0400fcd7211101f600'],
  ['0000ffffff0200fed6220800', '0000ffffff0400fcd72300010500'],
  ['0000ffffff0300fdd606002400', '0000ffffff0300fdd707002200'],
  ['0000ffffff0600fad60001010f011800', '0000ffffff0300fdd701002800'],
  [
    '0000ffffff2800d8d60200180101020103000400050006000708080009000a000b000c000e040f0010001100120013064b00',
    '0000ffffff0300fdd703002600',
  ],
  ['0000ffffff0400fcd60200181000', '0000ffffff0300fdd703002600'],
];

/** End and begin of a session, field off and on, FeliCa: what must come before an RC-S300 speaks to a card. */
export const OPENING_300: readonly (readonly [string, string])[] = [
  ['6b080000000001000000ff50000002820000', '83070000000001000000c0030090009000'],
  ['6b080000000002000000ff50000002810000', '83070000000002000000c0030090009000'],
  ['6b080000000003000000ff50000002830000', '83070000000003000000c0030090009000'],
  ['6b080000000004000000ff50000002840000', '83070000000004000000c0030090009000'],
  ['6b0a0000000005000000ff500002048f02030000', '83070000000005000000c0030090009000'],
];

/** An RC-S380 that is ready to speak to a card. */
export async function ready380(
  state: ChipState,
  options: Partial<SimulatedReaderOptions> = {},
): Promise<Desk> {
  const made = desk(state, options);
  await made.ask(ACK);
  for (const [out] of OPENING_380) await made.ask(out);
  return made;
}

/** An RC-S300 that is ready to speak to a card. */
export async function ready300(
  state: ChipState,
  options: Partial<SimulatedReaderOptions> = {},
): Promise<Desk> {
  const made = desk(state, { model: 'RC-S300/S', ...options });
  for (const [out] of OPENING_300) await made.ask(out);
  return made;
}
