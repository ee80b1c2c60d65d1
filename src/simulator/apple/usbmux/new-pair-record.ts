import { createPublicKey, createSign, randomBytes, randomUUID } from 'node:crypto';
import type { AppleIdentity } from '../identity.js';
import { newRsaKey } from '../rsa-key.js';
import { writeXmlPlist } from '../wire/xml-plist.js';
import { bitString, der, integer, oid, sequence, time } from './der.js';

const SHA256_WITH_RSA = sequence(oid('2a864886f70d01010b'), der(0x05));
const BASIC_CONSTRAINTS = oid('551d13');
const KEY_USAGE = oid('551d0f');
const TRUE = der(0x01, Buffer.from([0xff]));
const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** What a host keeps of its pairing with one phone, and what of that it sends: all but the private keys. */
export interface NewPairRecord {
  readonly HostID: string;
  readonly SystemBUID: string;
  readonly DeviceCertificate: Buffer;
  readonly HostCertificate: Buffer;
  readonly RootCertificate: Buffer;
  readonly HostPrivateKey: Buffer;
  readonly RootPrivateKey: Buffer;
}

/** Certificates for a phone's public key, as a host makes them (libimobiledevice, src/userpref.c). Keys are PEM. */
export async function newPairRecord(
  devicePublicKey: string | Buffer,
  systemBuid: string,
  newKey: () => Promise<string> = newRsaKey,
): Promise<NewPairRecord> {
  const [root, host] = await Promise.all([newKey(), newKey()]);
  const signed = (publicKey: string | Buffer, isRoot: boolean) =>
    certificate(publicKey, { signingKey: root, isRoot });
  return {
    HostID: randomUUID().toUpperCase(),
    SystemBUID: systemBuid,
    DeviceCertificate: signed(devicePublicKey, false),
    HostCertificate: signed(host, false),
    RootCertificate: signed(root, true),
    HostPrivateKey: Buffer.from(host),
    RootPrivateKey: Buffer.from(root),
  };
}

/** The record as it is kept once the phone accepted it, with the escrow bag that it answered. */
export function keptRecord(record: NewPairRecord, { wifiAddress }: AppleIdentity): Buffer {
  return Buffer.from(
    writeXmlPlist({ ...record, EscrowBag: randomBytes(32), WiFiMACAddress: wifiAddress }),
  );
}

/** A certificate with empty names and serial number 0, as PEM. `publicKey` may be a private key. */
function certificate(
  publicKey: string | Buffer,
  { signingKey, isRoot }: { readonly signingKey: string; readonly isRoot: boolean },
): Buffer {
  const now = Date.now();
  const constraints = isRoot ? sequence(TRUE) : sequence();
  // digitalSignature and keyEncipherment: bits 0 and 2, five unused.
  const usage = bitString(Buffer.from([0xa0]), 5);
  const extensions = [
    sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, constraints)),
    ...(isRoot ? [] : [sequence(KEY_USAGE, TRUE, der(0x04, usage))]),
  ];
  const body = sequence(
    der(0xa0, integer(2)),
    integer(0),
    SHA256_WITH_RSA,
    sequence(),
    sequence(time(now), time(now + TEN_YEARS_MS)),
    sequence(),
    createPublicKey(publicKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = createSign('sha256').update(body).sign(signingKey);
  const bytes = sequence(body, SHA256_WITH_RSA, bitString(signature));
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n');
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
}
