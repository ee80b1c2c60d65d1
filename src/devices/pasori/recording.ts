import { ERRORS, type ErrorCode, SarachiError } from '../../errors.js';
import { isUsbPath } from '../../handset.js';
import { cleanSerial } from '../../text.js';
import type { PasoriDevice } from './usb-transfers.js';

/**
 * A recording is a text file that people can read and edit: a first line with its version, one with the reader, then
 * one line for each transfer in the order in which they were begun. Lines that begin with `#` and empty lines say nothing.
 *
 *     sarachi-recording 1
 *     reader 054c:06c3 1-4.2 serial 0123456
 *     > 0000ff00ff00            written
 *     < ! reader-timeout        a read that failed
 *     < 0000ff00ff00            read
 *     < -                       a packet without bytes
 */
export type RecordedTransfer =
  | { readonly direction: '>' | '<'; readonly bytes: Uint8Array }
  | { readonly direction: '>' | '<'; readonly failure: ErrorCode };

export interface Recording {
  readonly device: PasoriDevice;
  readonly transfers: readonly RecordedTransfer[];
}

const FIRST = 'sarachi-recording 1';
const READER = /^reader ([0-9a-f]{4}):([0-9a-f]{4}) (\S+) serial (\S+)$/;
const TRANSFER = /^([<>]) (?:(-)|! ([a-z-]+)|((?:[0-9a-f]{2})+))$/;

export function headerLines({ vendorId, productId, usbPath, serial }: PasoriDevice): string[] {
  const ids = [vendorId, productId].map((id) => id.toString(16).padStart(4, '0')).join(':');
  return [FIRST, `reader ${ids} ${usbPath} serial ${serial ?? '-'}`];
}

export function transferLine(transfer: RecordedTransfer): string {
  if ('failure' in transfer) return `${transfer.direction} ! ${transfer.failure}`;
  return `${transfer.direction} ${Buffer.from(transfer.bytes).toString('hex') || '-'}`;
}

/** Error: recording-invalid, with the number of the line. */
export function parseRecording(text: string): Recording {
  const lines = text.split(/\r?\n/).map((line, at) => ({ line: line.trimEnd(), number: at + 1 }));
  const [first, reader, ...rest] = lines.filter(({ line }) => line !== '' && !line.startsWith('#'));
  if (first?.line !== FIRST) throw invalid(first?.number ?? 1, `not ${FIRST}`);
  return {
    device: parseReader(reader?.line ?? '', reader?.number ?? first.number + 1),
    transfers: rest.map(({ line, number }) => parseTransfer(line, number)),
  };
}

function parseReader(line: string, number: number): PasoriDevice {
  const [, vendor = '', product = '', usbPath = '', serial = ''] = READER.exec(line) ?? [];
  if (!isUsbPath(usbPath)) throw invalid(number, 'not a reader');
  const named = serial === '-' ? null : cleanSerial(serial);
  if (named === null && serial !== '-') throw invalid(number, 'not a serial');
  return {
    usbPath,
    vendorId: Number.parseInt(vendor, 16),
    productId: Number.parseInt(product, 16),
    serial: named,
  };
}

function parseTransfer(line: string, number: number): RecordedTransfer {
  const [, way, none, failure, hex] = TRANSFER.exec(line) ?? [];
  if (way !== '<' && way !== '>') throw invalid(number, 'not a transfer');
  if (failure === undefined)
    return { direction: way, bytes: Buffer.from(none === undefined ? (hex ?? '') : '', 'hex') };
  if (!isErrorCode(failure)) throw invalid(number, 'not an error');
  return { direction: way, failure };
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

function invalid(line: number, reason: string): SarachiError {
  return new SarachiError('recording-invalid', { line, reason });
}
