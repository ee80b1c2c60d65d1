import { SarachiError } from '../../errors.js';

/** Command codes. Source: FeliCa Card User's Manual; the container commands are those of mobile chips. */
export const COMMAND = {
  polling: 0x00,
  requestService: 0x02,
  requestResponse: 0x04,
  searchServiceCode: 0x0a,
  requestSystemCode: 0x0c,
  requestCodeList: 0x1a,
  requestBlockInformationEx: 0x1e,
  getContainerIssueInformation: 0x22,
  getContainerId: 0x70,
} as const;

const ALLOWED: ReadonlySet<number> = new Set(Object.values(COMMAND));
/** The length byte counts itself and has one byte. */
const MAX_FRAME = 0xfe;

/**
 * The card frame with its length byte in front. Only commands that name nodes and states pass: none that reads a
 * block, writes, authenticates or changes a mode ever leaves this program. Error: internal.
 */
export function lengthPrefixed(frame: Uint8Array): Uint8Array {
  const code = frame[0];
  if (code === undefined || !ALLOWED.has(code))
    throw new SarachiError('internal', {
      reason: 'a card command that is not allowed',
      code: code ?? null,
    });
  if (frame.length > MAX_FRAME)
    throw new SarachiError('internal', { reason: 'a card command too long', bytes: frame.length });
  return Buffer.concat([Uint8Array.of(frame.length + 1), frame]);
}

/** A card's frame without its length byte, which must be the frame's length. Error: card-protocol. */
export function withoutLength(frame: Uint8Array): Uint8Array {
  if (frame.length < 2 || frame[0] !== frame.length)
    throw new SarachiError('card-protocol', {
      reason: 'length',
      said: frame[0] ?? null,
      bytes: frame.length,
    });
  return frame.subarray(1);
}
