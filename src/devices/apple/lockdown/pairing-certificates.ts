import { createHash, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { SarachiError } from '../../../errors.js';
import { bits, der, integer, NULL, octets, oid, sequence, TRUE, time } from './der.js';

/** PEM texts. */
export interface PairingCertificates {
  readonly rootCertificate: Buffer;
  readonly rootPrivateKey: Buffer;
  readonly hostCertificate: Buffer;
  readonly hostPrivateKey: Buffer;
  readonly deviceCertificate: Buffer;
}

const KEY_BITS = 2048;
const YEARS = 10;
const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), NULL);
const NOBODY = sequence();
/** digitalSignature and keyEncipherment: the first and the third bit. */
const KEY_USAGE = extension('2.5.29.15', bits(Buffer.of(0b1010_0000), 5), true);
const NO_CA = extension('2.5.29.19', sequence(), true);
const CA = extension('2.5.29.19', sequence(TRUE), true);

const newKeyPair = promisify(generateKeyPair);

/**
 * The three certificates of a pairing: a root of our own, and one each for host and handset signed by it. X.509 v3,
 * serial 0, nobody as subject and issuer, RSA-2048 with SHA-256, ten years from `now` (ms). `devicePublicKey` is the
 * handset's, PEM of PKCS#1. Source: libimobiledevice common/userpref.c. Error: handset-garbage for a key that is none.
 */
export async function makePairingCertificates(
  devicePublicKey: Uint8Array,
  now: number,
): Promise<PairingCertificates> {
  const deviceKey = publicKeyFrom(devicePublicKey);
  const [root, host] = await Promise.all([
    newKeyPair('rsa', { modulusLength: KEY_BITS }),
    newKeyPair('rsa', { modulusLength: KEY_BITS }),
  ]);
  const validity = validFrom(new Date(now));
  const certificate = (publicKey: KeyObject, extensions: readonly Buffer[]) =>
    signed({ publicKey, extensions, validity }, root.privateKey);
  return {
    rootCertificate: certificate(root.publicKey, [CA]),
    rootPrivateKey: privatePem(root.privateKey),
    hostCertificate: certificate(host.publicKey, [NO_CA, KEY_USAGE]),
    hostPrivateKey: privatePem(host.privateKey),
    deviceCertificate: certificate(deviceKey, [NO_CA, keyIdentifier(deviceKey), KEY_USAGE]),
  };
}

interface Subject {
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly validity: Buffer;
}

/** Source of the shape: RFC 5280, 4.1. */
function signed({ publicKey, extensions, validity }: Subject, rootKey: KeyObject): Buffer {
  const version3 = der(0xa0, integer(2));
  const toSign = sequence(
    version3,
    integer(0),
    SHA256_WITH_RSA,
    NOBODY,
    validity,
    NOBODY,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = bits(sign('sha256', toSign, rootKey));
  return pem('CERTIFICATE', sequence(toSign, SHA256_WITH_RSA, signature));
}

function extension(id: string, value: Buffer, critical: boolean): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
}

/** The SHA-1 of the key itself, without its algorithm. Source: RFC 5280, 4.2.1.2. */
function keyIdentifier(key: KeyObject): Buffer {
  const raw = key.export({ type: 'pkcs1', format: 'der' });
  return extension('2.5.29.14', octets(createHash('sha1').update(raw).digest()), false);
}

function validFrom(start: Date): Buffer {
  const end = new Date(start);
  end.setUTCFullYear(start.getUTCFullYear() + YEARS);
  return sequence(time(start), time(end));
}

function publicKeyFrom(text: Uint8Array): KeyObject {
  try {
    const key = createPublicKey(Buffer.from(text));
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch (error) {
    throw noKey(error);
  }
  throw noKey();
}

function noKey(cause?: unknown): SarachiError {
  return new SarachiError('handset-garbage', { what: 'DevicePublicKey' }, { cause });
}

function privatePem(key: KeyObject): Buffer {
  return Buffer.from(key.export({ type: 'pkcs1', format: 'pem' }));
}

function pem(label: string, body: Buffer): Buffer {
  const lines = body.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return Buffer.from(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`, 'latin1');
}
