import { SarachiError } from '../../errors.js';
import type { FelicaBitRate } from '../felica/felica-reader.js';

/** Command codes of the RC-S380. Source: nfcpy clf/rcs380.py; Linux drivers/nfc/port100.c. */
export const PORT100 = {
  inSetRf: 0x00,
  inSetProtocol: 0x02,
  inCommRf: 0x04,
  switchRf: 0x06,
  getFirmwareVersion: 0x20,
  getPdDataVersion: 0x22,
  setCommandType: 0x2a,
} as const;

const TO_READER = 0xd6;
const FROM_READER = 0xd7;
const SILENT = 0x80;
const WHOLE_BYTE = 8;

export const INITIATOR_DEFAULTS = Uint8Array.from(
  Buffer.from(
    '0018010102010300040005000600070808000900' + '0a000b000c000e040f001000110012001306',
    'hex',
  ),
);
/** Guard time before the first frame of FeliCa. */
export const FELICA_GUARD_TIME = Uint8Array.of(0x00, 0x18);

/** In either direction, with FeliCa framing and the reader's own CRC. */
export function rfSettings(kbps: FelicaBitRate): Uint8Array {
  return kbps === 212
    ? Uint8Array.of(0x01, 0x01, 0x0f, 0x01)
    : Uint8Array.of(0x01, 0x02, 0x0f, 0x02);
}

export function encodeCommand(code: number, parameters: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(TO_READER, code), parameters]);
}

/** What follows the code in the answer to this command. Error: reader-protocol. */
export function parametersOf(code: number, data: Uint8Array): Uint8Array {
  if (data[0] !== FROM_READER || data[1] !== code + 1)
    throw wrong(code, 'answer to another command');
  return data.subarray(2);
}

/** The answer of commands that only succeed or fail. Errors: reader-refused, reader-protocol. */
export function checkStatus(code: number, parameters: Uint8Array): void {
  const [status] = parameters;
  if (status === undefined || parameters.length !== 1) throw wrong(code, 'status');
  if (status !== 0)
    throw new SarachiError('reader-refused', {
      command: hex(code),
      status: STATUS[status] ?? hex(status),
    });
}

/** Two bytes of decimal digits, the lower first: `11 01` is 1.11. Error: reader-protocol. */
export function parseVersion(code: number, parameters: Uint8Array): string {
  const [minor, major] = parameters;
  if (minor === undefined || major === undefined) throw wrong(code, 'version');
  return `${major.toString(16)}.${minor.toString(16).padStart(2, '0')}`;
}

/** `frame` has its length byte. Tenths of a millisecond with one more in reserve; 0 stays 0. */
export function encodeInCommRf(frame: Uint8Array, cardTimeoutMs: number): Uint8Array {
  const tenths = cardTimeoutMs === 0 ? 0 : Math.min((Math.ceil(cardTimeoutMs) + 1) * 10, 0xffff);
  return Buffer.concat([Uint8Array.of(tenths & 0xff, tenths >> 8), frame]);
}

/**
 * The card's frame with its length byte; null: the time ran out and no card had answered, which is the one status
 * that means silence. Errors: rf-fault for every other status, reader-protocol.
 */
export function parseInCommRf(parameters: Uint8Array): Uint8Array | null {
  if (parameters.length < 4) throw wrong(PORT100.inCommRf, 'status');
  const status = Buffer.from(parameters.subarray(0, 4)).readUInt32LE();
  if (status === SILENT) {
    if (parameters.length > 4) throw wrong(PORT100.inCommRf, 'silence with data');
    return null;
  }
  if (status !== 0) throw new SarachiError('rf-fault', { fault: faultsIn(status) });
  const [lastBits] = parameters.subarray(4);
  if (lastBits === undefined || parameters.length === 5) throw wrong(PORT100.inCommRf, 'no data');
  if (lastBits !== WHOLE_BYTE) throw new SarachiError('rf-fault', { fault: 'partial byte' });
  return parameters.subarray(5);
}

const STATUS: Readonly<Record<number, string>> = {
  1: 'parameter',
  2: 'pb',
  3: 'rfca',
  4: 'temperature',
  5: 'pwd',
  6: 'receive',
  7: 'command type',
};

/** Source: nfcpy clf/rcs380.py, CommunicationError. */
const RF_FAULTS: readonly (readonly [bit: number, name: string])[] = [
  [0x01, 'protocol'],
  [0x02, 'parity'],
  [0x04, 'crc'],
  [0x08, 'collision'],
  [0x10, 'overflow'],
  [0x40, 'temperature'],
  [0x80, 'receive timeout'],
  [0x100, 'crypto1'],
  [0x200, 'rfca'],
  [0x400, 'rf off'],
  [0x800, 'transmit timeout'],
  [0x8000_0000, 'receive length'],
];

function faultsIn(status: number): string {
  // Not `>>`: the highest bit would make it negative.
  const names = RF_FAULTS.filter(([bit]) => Math.floor(status / bit) % 2 === 1).map(
    ([, name]) => name,
  );
  return names.join(', ') || hex(status);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}

function wrong(code: number, reason: string): SarachiError {
  return new SarachiError('reader-protocol', { reader: 'RC-S380', command: hex(code), reason });
}
