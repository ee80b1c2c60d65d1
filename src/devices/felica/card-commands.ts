import { COMMAND } from './allowed-commands.js';
import { bytesOfId, type Idm } from './card-values.js';

/** What a poll asks the card to add: nothing, its system code, or the bit rates that it can. */
export type RequestCode = 0 | 1 | 2;
/** Of 1, 2, 4, 8 or 16 slots. */
export type TimeSlot = 0x00 | 0x01 | 0x03 | 0x07 | 0x0f;

export interface PollRequest {
  /** 16 bits; FF in either byte stands for any. */
  readonly systemCode: number;
  readonly requestCode?: RequestCode;
  readonly timeSlot?: TimeSlot;
}

/** Source: FeliCa Card User's Manual, Request Service. */
export const MAX_SERVICE_NODES = 32;
/** More would not fit the answer: four bytes a node in 255. */
export const MAX_BLOCK_NODES = 60;

/*
 * All frames without length byte and CRC. System codes are big-endian, everything else little-endian.
 * Source: FeliCa Card User's Manual; felica-tool README for the container commands.
 */

/** Phones answer only polls without a trailing byte. */
export function encodePolling({
  systemCode,
  requestCode = 0,
  timeSlot = 0,
}: PollRequest): Uint8Array {
  const code = word(systemCode);
  return Uint8Array.of(COMMAND.polling, code >> 8, code & 0xff, requestCode, timeSlot);
}

/** Key versions of 1 to 32 nodes; node FFFF is the system itself. */
export function encodeRequestService(idm: Idm, nodes: readonly number[]): Uint8Array {
  const count = within(nodes.length, 1, MAX_SERVICE_NODES);
  return addressed(COMMAND.requestService, idm, [count, ...nodes.flatMap(littleEndian)]);
}

export function encodeRequestResponse(idm: Idm): Uint8Array {
  return addressed(COMMAND.requestResponse, idm, []);
}

/** `index` counts from 0 through areas and services alike. */
export function encodeSearchServiceCode(idm: Idm, index: number): Uint8Array {
  return addressed(COMMAND.searchServiceCode, idm, littleEndian(index));
}

export function encodeRequestSystemCode(idm: Idm): Uint8Array {
  return addressed(COMMAND.requestSystemCode, idm, []);
}

/** `index` counts pages from 1. */
export function encodeRequestCodeList(idm: Idm, parent: number, index: number): Uint8Array {
  const page = within(index, 1, 0xffff);
  return addressed(COMMAND.requestCodeList, idm, [...littleEndian(parent), ...littleEndian(page)]);
}

export function encodeRequestBlockInformationEx(idm: Idm, nodes: readonly number[]): Uint8Array {
  const count = within(nodes.length, 1, MAX_BLOCK_NODES);
  const codes = nodes.flatMap(littleEndian);
  return addressed(COMMAND.requestBlockInformationEx, idm, [count, ...codes]);
}

/** `short` leaves the two reserved bytes out, as the wired interface has it. */
export function encodeGetContainerIssueInformation(idm: Idm, form: 'long' | 'short'): Uint8Array {
  return addressed(COMMAND.getContainerIssueInformation, idm, form === 'long' ? [0, 0] : []);
}

/** Without an IDm: the container that is in the field answers. */
export function encodeGetContainerId(): Uint8Array {
  return Uint8Array.of(COMMAND.getContainerId, 0, 0);
}

function addressed(code: number, idm: Idm, fields: readonly number[]): Uint8Array {
  return Uint8Array.of(code, ...bytesOfId(idm), ...fields);
}

function littleEndian(code: number): number[] {
  return [word(code) & 0xff, code >> 8];
}

function word(code: number): number {
  return within(code, 0, 0xffff);
}

/** A number out of range is a fault of the caller, never of a handset. */
function within(value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${value} is not within ${least} to ${most}`);
  return value;
}
