import { be16, joined, readBe16, readLe16, readLe32 } from '../bytes.js';

/** Data of an APDU with its length in one byte or three; null where it is cut short. */
export function apduData(rest: Uint8Array): Uint8Array | null {
  if (rest.length <= 1) return new Uint8Array();
  const isExtended = rest[0] === 0 && rest.length >= 3;
  const from = isExtended ? 3 : 1;
  const length = isExtended ? readBe16(rest, 1) : (rest[0] ?? 0);
  return rest.length < from + length ? null : rest.subarray(from, from + length);
}

/** What a host says in one transparent exchange. What it leaves out stays as it was. */
export interface ExchangeFields {
  readonly flags?: number;
  readonly bits?: number;
  readonly timeoutUs?: number;
  readonly frame?: Uint8Array;
}

interface Field {
  readonly tag: number;
  readonly value: Uint8Array;
  readonly rest: Uint8Array;
}

/** One element: tag, length in its short or long form, value. Null where it is cut short. */
function takeField(bytes: Uint8Array): Field | null {
  const isLongTag = ((bytes[0] ?? 0) & 0x1f) === 0x1f;
  const tag = isLongTag ? readBe16(bytes, 0) : (bytes[0] ?? 0);
  const at = isLongTag ? 2 : 1;
  const first = bytes[at] ?? 0;
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  const from = at + 1 + lengthBytes;
  if (lengthBytes > 2 || bytes.length < from) return null;
  const said = bytes.subarray(at + 1, from);
  const length = lengthBytes === 0 ? first : said.reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length < from + length) return null;
  return { tag, value: bytes.subarray(from, from + length), rest: bytes.subarray(from + length) };
}

function meaning({ tag, value }: Field): ExchangeFields | null {
  if (tag === 0x90 && value.length === 2) return { flags: readBe16(value, 0) };
  if (tag === 0x91 && value.length === 1) return { bits: value[0] ?? 0 };
  if (tag === 0x5f46 && value.length === 4) return { timeoutUs: readLe32(value, 0) };
  return tag === 0x95 ? { frame: value } : null;
}

/** Null where the fields cannot be read, or one of them is not known. */
export function exchangeFields(data: Uint8Array): ExchangeFields | null {
  let rest = data;
  let fields: ExchangeFields = {};
  while (rest.length > 0) {
    const field = takeField(rest);
    const found = field && meaning(field);
    if (!found) return null;
    fields = { ...fields, ...found };
    rest = field.rest;
  }
  return fields;
}

/** Status element of a transparent session: which element went wrong, and how. */
export function statusElement(code: number): Uint8Array {
  return joined([0xc0, 0x03, 0x00], be16(code));
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, ...be16(length)];
}

/** Elements of an answer from a card: whole last byte, radio status, frame. */
export function cardElements(frame: Uint8Array): Uint8Array {
  return joined([0x92, 0x01, 0x00, 0x96, 0x02, 0x00, 0x00, 0x97], lengthBytes(frame.length), frame);
}

/** Little-endian number of an APDU's two data bytes. */
export function delayOf(data: Uint8Array): number | null {
  return data.length === 2 ? readLe16(data, 0) : null;
}
