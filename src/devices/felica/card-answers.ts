import { cleanField } from '../../text.js';
import { COMMAND } from './allowed-commands.js';
import { AnswerFields } from './answer-fields.js';
import type { PollRequest } from './card-commands.js';
import { type CardTarget, type Idm, toHex } from './card-values.js';

export interface PollAnswer extends CardTarget {
  /** Of the system that answered; null where it was not asked for, or the chip does not tell. */
  readonly systemCode: number | null;
  /** Bits: 0x01 212 kbps, 0x02 424 kbps, 0x80 the chip finds the rate itself; null as above. */
  readonly bitRates: number | null;
}

/** The chip understood and said no. The flags are of the FeliCa Card User's Manual, status flags. */
export interface Refusal {
  readonly kind: 'refused';
  readonly statusFlag1: number;
  readonly statusFlag2: number;
}

/** The entry of a directory at one index. Areas are told from services by the form of the answer alone. */
export type DirectoryEntry =
  | { readonly kind: 'area'; readonly code: number; readonly endCode: number }
  | { readonly kind: 'service'; readonly code: number }
  | { readonly kind: 'end' };

export interface CodeListPage {
  readonly kind: 'page';
  /** Whether another page follows. */
  readonly more: boolean;
  readonly areas: readonly { readonly code: number; readonly endCode: number }[];
  readonly services: readonly number[];
}

export interface BlockInformation {
  readonly kind: 'blocks';
  /** In the order asked; null: not applicable to this node. */
  readonly nodes: readonly ({ readonly assigned: number; readonly free: number } | null)[];
}

/** 16 bytes: format version 2, carrier 3, model 11. What they say of the chip's state is for others to judge. */
export interface IssueInformation {
  readonly formatVersion: string;
  readonly carrier: string;
  /** Printable text up to the first zero; null where there is none. */
  readonly model: string | null;
  /** All 16 bytes. */
  readonly raw: string;
}

const NO_NODE = 0xffff;
const NOT_APPLICABLE = 0xffff;

/*
 * All answers without length byte and CRC. Each parser wants the exact code, IDm, counts and length, and answers
 * card-protocol otherwise.
 */

/** An answer without the data that was asked for is good: chips leave out what they do not know. */
export function parsePolling(answer: Uint8Array, asked: PollRequest): PollAnswer {
  const fields = new AnswerFields(COMMAND.polling, answer);
  const target = { idm: fields.id(), pmm: fields.id() };
  const none = { ...target, systemCode: null, bitRates: null };
  if (fields.left === 0) return none;
  const data = fields.end(fields.bigEndian());
  if (asked.requestCode === 1) {
    if (!matches(data, asked.systemCode)) throw fields.fault('system code of another system');
    return { ...none, systemCode: data };
  }
  if (asked.requestCode === 2) return { ...none, bitRates: data & 0xff };
  throw fields.fault('data that was not asked for');
}

/** Key version of each node in the order asked; null: the chip has no such node. */
export function parseRequestService(
  answer: Uint8Array,
  idm: Idm,
  count: number,
): (number | null)[] {
  const fields = new AnswerFields(COMMAND.requestService, answer).from(idm);
  if (fields.byte() !== count) throw fields.fault('count');
  const versions = fields.list(count, () => fields.littleEndian());
  return fields.end(versions.map((version) => (version === NO_NODE ? null : version)));
}

/** The mode that the chip is in, 0 to 3. */
export function parseRequestResponse(answer: Uint8Array, idm: Idm): 0 | 1 | 2 | 3 {
  const fields = new AnswerFields(COMMAND.requestResponse, answer).from(idm);
  const mode = fields.end(fields.byte());
  if (mode === 0 || mode === 1 || mode === 2 || mode === 3) return mode;
  throw fields.fault('mode');
}

export function parseSearchServiceCode(answer: Uint8Array, idm: Idm): DirectoryEntry {
  const fields = new AnswerFields(COMMAND.searchServiceCode, answer).from(idm);
  const code = fields.littleEndian();
  if (fields.left === 0) return code === NO_NODE ? { kind: 'end' } : { kind: 'service', code };
  const endCode = fields.end(fields.littleEndian());
  if (code === NO_NODE) throw fields.fault('an end that is an area');
  return { kind: 'area', code, endCode };
}

/** At least one: a chip that answers has a system. The order is not to be relied on. */
export function parseRequestSystemCode(answer: Uint8Array, idm: Idm): number[] {
  const fields = new AnswerFields(COMMAND.requestSystemCode, answer).from(idm);
  const count = fields.byte();
  if (count === 0) throw fields.fault('a chip without a system');
  return fields.end(fields.list(count, () => fields.bigEndian()));
}

export function parseRequestCodeList(answer: Uint8Array, idm: Idm): CodeListPage | Refusal {
  const fields = new AnswerFields(COMMAND.requestCodeList, answer).from(idm);
  const refusal = refusalOf(fields);
  if (refusal) return refusal;
  const more = fields.byte();
  if (more > 1) throw fields.fault('continue flag');
  const area = () => ({ code: fields.littleEndian(), endCode: fields.littleEndian() });
  const areas = fields.list(fields.byte(), area);
  const services = fields.list(fields.byte(), () => fields.littleEndian());
  return fields.end({ kind: 'page', more: more === 1, areas, services });
}

export function parseRequestBlockInformationEx(
  answer: Uint8Array,
  idm: Idm,
  count: number,
): BlockInformation | Refusal {
  const fields = new AnswerFields(COMMAND.requestBlockInformationEx, answer).from(idm);
  const refusal = refusalOf(fields);
  if (refusal) return refusal;
  if (fields.byte() !== count) throw fields.fault('count');
  const nodes = fields.list(count, () => {
    const [assigned, free] = [fields.littleEndian(), fields.littleEndian()];
    if (assigned === NOT_APPLICABLE && free === NOT_APPLICABLE) return null;
    if (free > assigned) throw fields.fault('more free than assigned');
    return { assigned, free };
  });
  return fields.end({ kind: 'blocks', nodes });
}

export function parseContainerIssueInformation(answer: Uint8Array, idm: Idm): IssueInformation {
  const fields = new AnswerFields(COMMAND.getContainerIssueInformation, answer).from(idm);
  const raw = fields.end(fields.bytes(16));
  const [text = ''] = Buffer.from(raw.subarray(5)).toString('latin1').split('\0');
  return {
    formatVersion: toHex(raw.subarray(0, 2)),
    carrier: toHex(raw.subarray(2, 5)),
    model: cleanField(text),
    raw: toHex(raw),
  };
}

/** The IDm of the container, which stays with the chip. */
export function parseContainerId(answer: Uint8Array): Idm {
  const fields = new AnswerFields(COMMAND.getContainerId, answer);
  return fields.end(fields.id());
}

/** Status flag 1 other than 0, and then nothing follows. */
function refusalOf(fields: AnswerFields): Refusal | null {
  const [statusFlag1, statusFlag2] = [fields.byte(), fields.byte()];
  if (statusFlag1 !== 0) return fields.end({ kind: 'refused', statusFlag1, statusFlag2 });
  if (statusFlag2 !== 0) throw fields.fault('status flags');
  return null;
}

function matches(systemCode: number, asked: number): boolean {
  const byte = (shift: number) => {
    const wanted = (asked >> shift) & 0xff;
    return wanted === 0xff || wanted === ((systemCode >> shift) & 0xff);
  };
  return byte(8) && byte(0);
}
