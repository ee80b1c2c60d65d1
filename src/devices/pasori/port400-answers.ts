import { SarachiError } from '../../errors.js';

/** Tags of one byte that are known; 5F and FF begin tags of two. */
const STATUS = 0xc0;
const BIT_FRAMING = 0x92;
const RF_STATUS = 0x96;
const CARD_FRAME = 0x97;
const KNOWN: ReadonlySet<number> = new Set([
  STATUS,
  BIT_FRAMING,
  RF_STATUS,
  CARD_FRAME,
  0x80,
  0x8f,
  0x5f51,
  0xff6d,
]);
const GOOD = '009000';
/** Execution ended without an answer of the card. Source: PC/SC specification 2.02, part 3, transparent exchange. */
const NO_ANSWER: readonly string[] = ['006400', '006401'];
const RF_PROTOCOL = '006301';
/** Bits of the first byte of the response status. Source: PC/SC specification 2.02, part 3. */
const RF_FAULTS = ['crc', 'collision', 'parity', 'framing'] as const;
const NORMAL_OPERATION = 'ffff';

/** The data in front of the closing status word, which must be 9000. Errors: reader-refused, reader-protocol. */
export function dataOf(reply: Uint8Array): Uint8Array {
  if (reply.length < 2) throw wrong('no status word');
  const word = hex(reply.subarray(-2));
  if (word !== '9000')
    throw new SarachiError('reader-refused', { reader: 'RC-S300', status: word });
  return reply.subarray(0, -2);
}

/** The answer to a command about session, field or protocol. Errors: reader-refused, reader-protocol. */
export function checkDone(data: Uint8Array): void {
  const status = fieldsOf(data).get(STATUS);
  if (status && hex(status) !== GOOD) throw refused(status);
}

/**
 * The card's frame with its length byte; null: the reader says that no card answered. Errors: rf-fault,
 * reader-refused, reader-protocol.
 */
export function parseExchange(data: Uint8Array): Uint8Array | null {
  const fields = fieldsOf(data);
  const [status, frame] = [fields.get(STATUS), fields.get(CARD_FRAME)];
  if (!status) throw wrong('no status');
  const said = hex(status);
  if (NO_ANSWER.includes(said)) {
    if (frame) throw wrong('silence with data');
    return null;
  }
  if (said === RF_PROTOCOL) throw new SarachiError('rf-fault', { fault: 'protocol' });
  if (said !== GOOD) throw refused(status);
  checkAir(fields);
  if (!frame || frame.length === 0) throw wrong('no data');
  return frame;
}

/** `1.02` from the four bytes of the version. Errors: reader-unusable in its update mode, reader-protocol. */
export function parseFirmware(data: Uint8Array): string {
  if (data.length < 4) throw wrong('version');
  if (data.length >= 16 && hex(data.subarray(14, 16)) !== NORMAL_OPERATION)
    throw new SarachiError('reader-unusable', {
      reader: 'RC-S300',
      reason: 'firmware update mode',
    });
  return [...data.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('.');
}

function checkAir(fields: ReadonlyMap<number, Uint8Array>): void {
  const bits = fields.get(BIT_FRAMING);
  if (bits && hex(bits) !== '00') throw new SarachiError('rf-fault', { fault: 'partial byte' });
  const status = fields.get(RF_STATUS);
  if (!status) return;
  const [faults] = status;
  if (faults === undefined || status.length !== 2) throw wrong('response status');
  if (faults === 0) return;
  const named = RF_FAULTS.filter((_name, bit) => faults & (1 << bit)).join(', ');
  throw new SarachiError('rf-fault', { fault: named || hex(status) });
}

/** Fields by tag, up to the first tag that is not known: what follows it is somebody else's. */
function fieldsOf(data: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  let rest = data;
  while (rest.length > 0) {
    const [first = 0, second] = rest;
    const long = first === 0x5f || first === 0xff;
    if (long && second === undefined) throw wrong('tag');
    const tag = long ? (first << 8) | (second ?? 0) : first;
    if (!KNOWN.has(tag)) return fields;
    const { value, after } = takeValue(rest.subarray(long ? 2 : 1));
    if (fields.has(tag) && tag !== 0xff6d) throw wrong('a field twice');
    fields.set(tag, value);
    rest = after;
  }
  return fields;
}

/** Lengths up to 7F in one byte, then 81 and one, or 82 and two. */
function takeValue(bytes: Uint8Array): { readonly value: Uint8Array; readonly after: Uint8Array } {
  const [first = 0x84, second, third] = bytes;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (more > 2 || bytes.length < 1 + more || first === 0x80) throw wrong('length of a field');
  const length = [first, second ?? 0, ((second ?? 0) << 8) | (third ?? 0)][more] ?? 0;
  const end = 1 + more + length;
  if (bytes.length < end) throw wrong('length of a field');
  return { value: bytes.subarray(1 + more, end), after: bytes.subarray(end) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function refused(status: Uint8Array): SarachiError {
  return new SarachiError('reader-refused', {
    reader: 'RC-S300',
    status: hex(status.subarray(0, 8)),
  });
}

function wrong(reason: string): SarachiError {
  return new SarachiError('reader-protocol', { reader: 'RC-S300', reason });
}
