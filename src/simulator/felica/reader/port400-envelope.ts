import { joined, le32, readLe32 } from '../bytes.js';

const TO_READER = 0x6b;
const TO_HOST = 0x83;
const HEADER = 10;
/** Longest message with its header, as the reader's CCID interface tells it. */
const MOST_MESSAGE = 522;

/** One message to an RC-S300. `broken`: it is not one, so nothing after it can be found either. */
export type HostMessage =
  | {
      readonly kind: 'message';
      readonly slot: number;
      readonly seq: number;
      readonly apdu: Uint8Array;
    }
  | { readonly kind: 'broken' };

interface Taken {
  readonly message: HostMessage | null;
  readonly rest: Uint8Array;
}

function takeOne(bytes: Uint8Array): Taken {
  if (bytes.length > 0 && bytes[0] !== TO_READER)
    return { message: { kind: 'broken' }, rest: new Uint8Array() };
  if (bytes.length < HEADER) return { message: null, rest: bytes };
  const end = HEADER + readLe32(bytes, 1);
  if (end > MOST_MESSAGE) return { message: { kind: 'broken' }, rest: new Uint8Array() };
  if (bytes.length < end) return { message: null, rest: bytes };
  const [slot = 0, seq = 0] = bytes.subarray(5, 7);
  const apdu = bytes.subarray(HEADER, end);
  return { message: { kind: 'message', slot, seq, apdu }, rest: bytes.subarray(end) };
}

/** The whole messages at the beginning of what came, and what is left of it for later. */
export function takeMessages(received: Uint8Array): {
  readonly messages: readonly HostMessage[];
  readonly rest: Uint8Array;
} {
  const messages: HostMessage[] = [];
  let { message, rest } = takeOne(received);
  while (message) {
    messages.push(message);
    ({ message, rest } = takeOne(rest));
  }
  return { messages, rest };
}

/** What became of a command, in the two bytes that CCID has for it. */
export const DONE = [0x00, 0x00] as const;
export const SLOT_BUSY = [0x40, 0xe0] as const;
export const NO_SUCH_SLOT = [0x40, 0x05] as const;
export const TIME_EXTENSION = [0x80, 0x00] as const;

export function encodeReply(
  seq: number,
  status: readonly [number, number],
  body: Uint8Array = new Uint8Array(),
): Uint8Array {
  return joined([TO_HOST], le32(body.length), [0x00, seq, ...status, 0x00], body);
}
