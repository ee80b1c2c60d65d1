import { fromHex, readLe16 } from '../bytes.js';
import type { Answerer } from './asked.js';

/** System code of the management area of a phone (its container). */
export const CONTAINER_SYSTEM = 0xfe0f;

export const requestResponse: Answerer = ({ state, body }) =>
  body.length === 0 ? [state.quirks.mode] : null;

export const issueInfo: Answerer = ({ state, system, body }) => {
  const isReserved = body.length === 2 && readLe16(body, 0) === 0;
  if (state.quirks.bareIssueInfo ? body.length !== 0 : !isReserved) return null;
  if (state.issueInfo === null || system.code !== CONTAINER_SYSTEM) return null;
  return [...fromHex(state.issueInfo)];
};

/** The one published product information (felica-tool, tests), for every chip. */
const PRODUCT_INFO = fromHex('0f 1801020308475001d7007720250110');

export const productInfo: Answerer = ({ body }) =>
  body.length === 2 ? [0x00, 0x00, ...PRODUCT_INFO] : null;

/**
 * No block is ever served: of a service that is there the chip says that its blocks are at an end, of another that it is
 * missing. Both are answers of real cards (nfcpy, transcripts).
 */
export const noBlock: Answerer = ({ system, body }) => {
  if (body.length < 3) return null;
  const code = readLe16(body, 1);
  const isThere = system.nodes.some((node) => node.code === code && node.shows !== 'never');
  return [0x01, isThere ? 0xa8 : 0xa6];
};
