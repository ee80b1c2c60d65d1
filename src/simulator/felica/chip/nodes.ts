import { fromHex, readLe16 } from '../bytes.js';

/**
 * How a node shows itself over the air. `listed`: in every listing. `probed`: in none, but Request Service of its code
 * gives a key version. `never`: not at all, as the masked nodes of 3.0 chips.
 */
export type NodeVisibility = 'listed' | 'probed' | 'never';

/** One node of a system's directory. */
export interface ChipNode {
  readonly code: number;
  /** The last code of an area; null for a service. */
  readonly end: number | null;
  readonly keyVersion: number;
  readonly shows: NodeVisibility;
}

/** Node code of the system itself. */
export const SYSTEM_NODE = 0xffff;

/** A directory that holds nothing but area 0, the state that counts as empty. */
export const ROOT_ONLY = '0000feff';

/**
 * Nodes from the bytes that a Search Service Code listing gives, least significant byte first: four bytes are an area
 * with its end, two are a service. White space separates them.
 */
export function nodesFrom(listing: string, shows: NodeVisibility = 'listed'): readonly ChipNode[] {
  return listing
    .trim()
    .split(/\s+/)
    .map(fromHex)
    .map((bytes) => ({
      code: readLe16(bytes, 0),
      end: bytes.length === 4 ? readLe16(bytes, 2) : null,
      keyVersion: 1,
      shows,
    }));
}

export function isRoot(node: ChipNode): boolean {
  return node.code === 0 && node.end !== null;
}

/** Every node but area 0 shows itself in another way. */
export function showingAs(nodes: readonly ChipNode[], shows: NodeVisibility): readonly ChipNode[] {
  return nodes.map((node) => (isRoot(node) ? node : { ...node, shows }));
}

const CARD_ATTRIBUTES: ReadonlySet<number> = new Set([
  0x00, 0x01, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
  0x16, 0x17,
]);

/** Whether a plastic card knows the attribute of this code: it has no PIN variants. */
export function isKnownToCards(code: number): boolean {
  return code === SYSTEM_NODE || CARD_ATTRIBUTES.has(code & 0x3f);
}
