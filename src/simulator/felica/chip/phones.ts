import { CONTAINER_SYSTEM } from './answer-container.js';
import { type ChipState, type FelicaSystem, NO_QUIRKS, withSystem } from './chip-state.js';
import type { GenerationName } from './generations.js';
import { nodesFrom, ROOT_ONLY } from './nodes.js';

/** The common area, which most services of a phone share. */
export const COMMON_SYSTEM = 0xfe00;
/** The transit system: Suica, PASMO, ICOCA. */
export const TRANSIT_SYSTEM = 0x0003;
/** What a chip without any personalisation calls its only system. */
export const UNPERSONALISED_SYSTEM = 0xffff;

/** Directory of the management area of a clean phone (felica-tool, nodes.json). */
export const CONTAINER_NODES = `0000feff 0010ff7f 0110ff7f 0810 0820 0080ffdf 0180ffaf 0880 0890 08a0
  01b0ffbf 08b0 48b0`;

/** Directories that services leave behind, below area 0; all but the Suica services are as published. */
export const RESIDUE = {
  nanaco: '8055bf56 8155bf56 8855',
  edy: '00103f17 01103f17 0810 1013 1713',
  waon: 'c067ff68 c167ff68 c867',
  suica: '4000ff07 4800 4a00 8800 8b00 0008bf0f 0f09',
} as const;

/** Blocks below area 0 of the common area, as old handsets show them. */
export const COMMON_BLOCKS = 1275;

export interface PhoneIdentity {
  /** Of the container and its system, 16 hex digits. */
  readonly container: string;
  readonly common: string;
  readonly transit: string;
  /** At most 11 ASCII characters. */
  readonly model: string;
  /** 6 hex digits. */
  readonly carrier: string;
}

/** The identity of a real Pixel, its serial taken out by whoever published it (felica-tool). */
export const PIXEL: PhoneIdentity = {
  container: 'f14011111111b660',
  common: '014011111111b660',
  transit: '014022222222b660',
  model: '007016',
  carrier: '000068',
};

/** Another phone of the same model. */
export const OTHER_PIXEL: PhoneIdentity = {
  ...PIXEL,
  container: 'f140333333334a17',
  common: '0140333333334a17',
  transit: '0140444444444a17',
};

/** Container issue information: format 0001, the carrier, the model filled up with zeros. */
export function issueInfoOf(identity: PhoneIdentity): string {
  const model = Buffer.alloc(11);
  model.write(identity.model, 'ascii');
  return `0001${identity.carrier}${model.toString('hex')}`;
}

/** A system with nothing but area 0. */
function system(code: number, number: number, idm: string): FelicaSystem {
  return {
    code,
    number,
    idm,
    keyVersion: 1,
    nodes: nodesFrom(ROOT_ONLY),
    blocks: null,
    activated: true,
  };
}

/** A phone's chip as it is sold: initialised, and nothing in the common area. */
export function cleanPhone(
  generation: GenerationName = 'mobile-4.1',
  identity: PhoneIdentity = PIXEL,
): ChipState {
  const container = system(CONTAINER_SYSTEM, 15, identity.container);
  const common = system(COMMON_SYSTEM, 0, identity.common);
  return {
    generation,
    containerId: identity.container,
    issueInfo: issueInfoOf(identity),
    systems: [
      { ...container, nodes: nodesFrom(CONTAINER_NODES) },
      { ...common, blocks: { assigned: COMMON_BLOCKS, free: COMMON_BLOCKS } },
    ],
    quirks: NO_QUIRKS,
  };
}

/** The transit system added, with these nodes below area 0. */
export function withTransit(state: ChipState, nodes = '', idm = PIXEL.transit): ChipState {
  const transit = system(TRANSIT_SYSTEM, 1, idm);
  const filled = { ...transit, nodes: nodesFrom(`${ROOT_ONLY} ${nodes}`) };
  return { ...state, systems: [...state.systems, filled] };
}

/** A service in the common area, with the blocks that it uses. */
export function withResidue(state: ChipState, nodes: string, used = 45): ChipState {
  return withSystem(state, COMMON_SYSTEM, (common) => ({
    ...common,
    nodes: [...common.nodes, ...nodesFrom(nodes)],
    blocks: common.blocks && { ...common.blocks, free: common.blocks.free - used },
  }));
}

/** A chip without personalisation: one system called FFFF with nothing in it, and no word about its issue. */
export function unpersonalised(state: ChipState): ChipState {
  const blank = system(UNPERSONALISED_SYSTEM, 0, `05fe${state.containerId.slice(4)}`);
  return { ...state, issueInfo: null, systems: [{ ...blank, keyVersion: 0 }] };
}
