import { be16, le16, readLe16 } from '../bytes.js';
import type { Answerer, Asked } from './asked.js';
import { activeSystems } from './chip-state.js';
import { type ChipNode, isKnownToCards, isRoot, SYSTEM_NODE } from './nodes.js';

const ABSENT = 0xffff;
const MOST_NODES = 32;
/** Entries of one page of Request Code List: what the おサイフケータイ client takes at most. */
const CODE_LIST_PAGE = 24;

const OK = [0x00, 0x00];
const NOT_FOUND = [0xff, 0xa6];
const NOT_ACCESSIBLE = [0xff, 0xa5];

/** The codes of a request that counts them first; null where the length does not fit. */
function countedCodes(body: Uint8Array): readonly number[] | null {
  const count = body[0] ?? 0;
  if (count < 1 || count > MOST_NODES || body.length !== 1 + 2 * count) return null;
  return Array.from({ length: count }, (_, index) => readLe16(body, 1 + 2 * index));
}

function keyVersionOf(asked: Asked, code: number): number {
  if (asked.state.quirks.hidesAllNodes) return ABSENT;
  if (code === SYSTEM_NODE) return asked.system.keyVersion;
  const node = asked.system.nodes.find((one) => one.code === code && one.shows !== 'never');
  return node?.keyVersion ?? ABSENT;
}

export const requestService: Answerer = (asked) => {
  const codes = countedCodes(asked.body);
  if (!codes) return null;
  if (!asked.generation.knowsAllAttributes && !codes.every(isKnownToCards)) return null;
  return [codes.length, ...codes.flatMap((code) => le16(keyVersionOf(asked, code)))];
};

function listed(asked: Asked): readonly ChipNode[] {
  return asked.system.nodes.filter((node) => node.shows === 'listed');
}

export const searchServiceCode: Answerer = (asked) => {
  if (asked.body.length !== 2) return null;
  const node = listed(asked)[readLe16(asked.body, 0)];
  if (!node) return le16(ABSENT);
  return node.end === null ? le16(node.code) : [...le16(node.code), ...le16(node.end)];
};

export const requestSystemCode: Answerer = ({ state, body }) => {
  if (body.length !== 0) return null;
  const codes = activeSystems(state).map((system) => system.code);
  return [codes.length, ...codes.flatMap(be16)];
};

function below(parent: ChipNode, node: ChipNode): boolean {
  return node.code >= parent.code && node.code <= (parent.end ?? parent.code);
}

export const requestCodeList: Answerer = (asked) => {
  if (asked.body.length !== 4) return null;
  if (asked.state.quirks.refusesCodeList) return NOT_ACCESSIBLE;
  const all = listed(asked);
  const parent = all.find((one) => one.end !== null && one.code === readLe16(asked.body, 0));
  const page = readLe16(asked.body, 2);
  if (!parent || page === 0) return NOT_FOUND;
  const rootOnly = asked.state.quirks.codeListShowsRootOnly;
  const found = all.filter((node) => below(parent, node) && (!rootOnly || isRoot(node)));
  const from = (page - 1) * CODE_LIST_PAGE;
  const shown = found.slice(from, from + CODE_LIST_PAGE);
  const areas = shown.flatMap((node) => (node.end === null ? [] : [[node.code, node.end]]));
  const services = shown.filter((node) => node.end === null).map((node) => node.code);
  const more = found.length > from + CODE_LIST_PAGE ? 1 : 0;
  return [
    ...OK,
    more,
    areas.length,
    ...areas.flat().flatMap(le16),
    services.length,
    ...services.flatMap(le16),
  ];
};

/** Blocks are counted for area 0 only; of every other node the chip says that it does not apply. */
function blocksOf(asked: Asked, code: number): { assigned: number; free: number } {
  const counted = code === 0 ? asked.system.blocks : null;
  return counted ?? { assigned: ABSENT, free: ABSENT };
}

export const requestBlockInfo: Answerer = (asked) => {
  const codes = countedCodes(asked.body);
  if (!codes) return null;
  return [codes.length, ...codes.flatMap((code) => le16(blocksOf(asked, code).assigned))];
};

export const requestBlockInfoEx: Answerer = (asked) => {
  const codes = countedCodes(asked.body);
  if (!codes) return null;
  const counts = codes.map((code) => blocksOf(asked, code));
  const pairs = counts.flatMap(({ assigned, free }) => [...le16(assigned), ...le16(free)]);
  return [...OK, codes.length, ...pairs];
};
