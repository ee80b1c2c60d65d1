import { SarachiError } from '../../../errors.js';
import { parsePlistDict } from '../plist/plist.js';
import { entryOf, isData, type PlistDict, textOf } from '../plist/plist-value.js';
import { xmlPlist } from '../plist/xml-writer.js';

/** What a host keeps of a pairing. Certificates and keys are PEM; nothing of it belongs in a log. */
export interface PairRecord {
  readonly hostId: string;
  readonly systemBuid: string;
  readonly deviceCertificate: Uint8Array;
  readonly hostCertificate: Uint8Array;
  readonly hostPrivateKey: Uint8Array;
  readonly rootCertificate: Uint8Array;
  readonly rootPrivateKey: Uint8Array;
  /** Opens some services while the screen is locked; a handset may give none. */
  readonly escrowBag: Uint8Array | null;
  readonly wifiAddress: string | null;
}

/** The record in the form that usbmuxd and every other tool keeps. */
export function encodePairRecord(record: PairRecord): Buffer {
  return xmlPlist({
    ...pairRequestRecord(record),
    HostPrivateKey: record.hostPrivateKey,
    RootPrivateKey: record.rootPrivateKey,
    ...(record.escrowBag ? { EscrowBag: record.escrowBag } : {}),
    ...(record.wifiAddress ? { WiFiMACAddress: record.wifiAddress } : {}),
  });
}

/** The part of the record that the handset gets to know: no private key. */
export function pairRequestRecord(record: PairRecord): PlistDict {
  return {
    DeviceCertificate: record.deviceCertificate,
    HostCertificate: record.hostCertificate,
    RootCertificate: record.rootCertificate,
    HostID: record.hostId,
    SystemBUID: record.systemBuid,
  };
}

/** Reads a record, whichever tool wrote it. Error: pair-record-unusable. */
export function decodePairRecord(bytes: Uint8Array): PairRecord {
  const dict = dictOfRecord(bytes);
  return {
    hostId: needText(dict, 'HostID'),
    systemBuid: needText(dict, 'SystemBUID'),
    deviceCertificate: needData(dict, 'DeviceCertificate'),
    hostCertificate: needData(dict, 'HostCertificate'),
    hostPrivateKey: needData(dict, 'HostPrivateKey'),
    rootCertificate: needData(dict, 'RootCertificate'),
    rootPrivateKey: needData(dict, 'RootPrivateKey'),
    escrowBag: dataOf(dict, 'EscrowBag'),
    wifiAddress: textOf(dict, 'WiFiMACAddress'),
  };
}

function dictOfRecord(bytes: Uint8Array): PlistDict {
  try {
    return parsePlistDict(bytes);
  } catch (error) {
    throw unusable('unreadable', error);
  }
}

function dataOf(dict: PlistDict, key: string): Uint8Array | null {
  const value = entryOf(dict, key);
  return isData(value) ? value : null;
}

function needData(dict: PlistDict, key: string): Uint8Array {
  const value = dataOf(dict, key);
  if (value === null || value.length === 0) throw unusable(`no ${key}`);
  return value;
}

function needText(dict: PlistDict, key: string): string {
  const value = textOf(dict, key);
  if (value === null || value.length === 0 || value.length > 128) throw unusable(`no ${key}`);
  return value;
}

export function unusable(reason: string, cause?: unknown): SarachiError {
  return new SarachiError(
    'pair-record-unusable',
    { reason },
    cause === undefined ? undefined : { cause },
  );
}
