import { type ChipState, type FelicaSystem, NO_QUIRKS } from './chip-state.js';
import type { GenerationName } from './generations.js';
import { nodesFrom } from './nodes.js';

interface CardSystem {
  readonly code: number;
  readonly nodes: string;
}

/** A plastic card: its IDm has the number of the system in its first digit. */
function card(generation: GenerationName, idm: string, systems: readonly CardSystem[]): ChipState {
  return {
    generation,
    containerId: idm,
    issueInfo: null,
    systems: systems.map(
      ({ code, nodes }, number): FelicaSystem => ({
        code,
        number,
        idm: `${number.toString(16)}${idm.slice(1)}`,
        keyVersion: 1,
        nodes: nodesFrom(nodes),
        blocks: null,
        activated: true,
      }),
    ),
    quirks: NO_QUIRKS,
  };
}

const ANONYMOUS = '0102030405060708';

/** Listings of real cards (nfcpy, tests), their IDm made anonymous there. */
export const CARDS = {
  suica: card('card-suica', ANONYMOUS, [
    {
      code: 0x0003,
      nodes: `0000feff 4000ff07 4800 4a00 8800 8b00 0008bf0f 1008 1208 1608 5008 5208 5608 9008 9208 9608
        c808 ca08 0a09 0c09 0f09 c00fff7f 0010bf17 0810 0a10 4810 4a10 8c10 8f10 c810 cb10 0811 0a11
        4811 4a11 c017ff7f 00183f1a 0818 0a18 4818 4b18 c818 ca18 0819 0a19 4819 4b19 8819 8b19
        00233f24 0823 0a23 4823 4b23 8823 8b23 c823 cb23`,
    },
    { code: 0xfe00, nodes: '0000feff 4039ff39 4139ff39 4839 4b39 8839 8b39 c939' },
    { code: 0x86a7, nodes: '0000feff 40007f00 4800 4b00 8002bf02 8802 8b02' },
  ]),
  edy: card('card-edy', ANONYMOUS, [
    { code: 0x8092, nodes: '0000feff' },
    {
      code: 0xfe00,
      nodes: `0000feff 00101717 01101717 0810 0811 0a11 0b11 0812 1013 1213 1713 0814 0a14 0815 0a15 0816
        0a16 0c17 0f17`,
    },
  ]),
  /** An NDEF tag; system code 12FC. */
  ndef: card('card-ndef', '01010701260cca02', [{ code: 0x12fc, nodes: '0000feff' }]),
  /** A FeliCa Lite-S card, as benches keep one at hand to see that the reader works. */
  liteS: card('card-lite-s', '012e4ce445055b87', [{ code: 0x88b4, nodes: '0000feff' }]),
} as const;
