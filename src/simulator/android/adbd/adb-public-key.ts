import { constants, createPublicKey, type KeyObject, publicDecrypt } from 'node:crypto';
import { SarachiError } from '../../../errors.js';

const WORDS = 64;
const MODULUS_OFFSET = 8;
const MODULUS_LENGTH = WORDS * 4;
const EXPONENT_OFFSET = MODULUS_OFFSET + 2 * MODULUS_LENGTH;
const KEY_LENGTH = EXPONENT_OFFSET + 4;

/** DER of DigestInfo for SHA-1 up to its 20 digest bytes (RFC 8017, section 9.2, note 1). */
const SHA1_DIGEST_INFO = Buffer.from('3021300906052b0e03021a05000414', 'hex');

/** The base64 part of an adb public key line `base64 user@host`, with or without the closing NUL. */
export function publicKeyBase64(line: Buffer): string {
  return line.toString('latin1').split(/[\s\0]/, 1)[0] ?? '';
}

/**
 * An adb public key (base64 of 524 bytes: word count, n0inv, modulus, R², exponent, all little-endian) as a key.
 * Throws `adb-protocol` when it is not one. Layout: AOSP system/core libcrypto_utils android_pubkey.
 */
export function parseAdbPublicKey(base64: string): KeyObject {
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : null;
  if (bytes?.length !== KEY_LENGTH || bytes.readUInt32LE(0) !== WORDS) {
    throw new SarachiError('adb-protocol', { fault: 'public key' });
  }
  const modulus = bytes.subarray(MODULUS_OFFSET, MODULUS_OFFSET + MODULUS_LENGTH);
  const product = BigInt(modulus.readUInt32LE(0)) * BigInt(bytes.readUInt32LE(4));
  // n0inv is -1/n modulo 2^32: a cheap test that these bytes are a modulus and not noise.
  if (BigInt.asUintN(32, product) !== 0xffffffffn) {
    throw new SarachiError('adb-protocol', { fault: 'public key modulus' });
  }
  const exponent = Buffer.from(bytes.subarray(EXPONENT_OFFSET)).reverse();
  return createPublicKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: Buffer.from(modulus).reverse().toString('base64url'),
      e: exponent.subarray(exponent.findIndex((byte) => byte !== 0)).toString('base64url'),
    },
  });
}

/** Whether `signature` is this key's over `token`, which adb treats as the SHA-1 digest itself. */
export function signsToken(key: KeyObject, token: Buffer, signature: Buffer): boolean {
  let opened: Buffer;
  try {
    opened = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    // A signature of another key rarely opens to valid padding: that is the answer "no", not a fault.
    return false;
  }
  return opened.equals(Buffer.concat([SHA1_DIGEST_INFO, token]));
}
