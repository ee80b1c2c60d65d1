/** Manufacture ID of one system of a chip, 8 bytes as 16 hex digits in lower case. */
export type Idm = string;
/** Manufacture parameters, 8 bytes as 16 hex digits in lower case: ROM, IC code and six response times. */
export type Pmm = string;

/** The card did not answer. Neither an error nor an empty answer, and never evidence of emptiness. */
export const SILENCE = Symbol('the card was silent');
export type Silence = typeof SILENCE;

/** Whom a command is addressed to: a system that answered a poll. */
export interface CardTarget {
  readonly idm: Idm;
  readonly pmm: Pmm;
}

/** The system itself, as a node of Request Service. Source: FeliCa Card User's Manual, Request Service. */
export const SYSTEM_NODE = 0xffff;
/** Area 0, the root, which every system has. */
export const ROOT_AREA = 0x0000;
/** Any value, for either byte of a system code in a poll. */
export const ANY_SYSTEM = 0xffff;

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** The 8 bytes of an IDm or PMm. A RangeError is a fault of the caller: these never come from outside as text. */
export function bytesOfId(id: Idm | Pmm): Uint8Array {
  if (!/^[0-9a-f]{16}$/.test(id)) throw new RangeError('an IDm or PMm has 16 hex digits');
  return Buffer.from(id, 'hex');
}
