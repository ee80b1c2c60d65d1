import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SarachiError } from '../errors.js';
import { canonicalJson } from './canonical-json.js';
import type { Certificate, SignedCertificate } from './certificate-schema.js';
import { writeDurably } from './durable-file.js';
import { sha256Hex } from './sha256.js';

const PRIVATE_FILE = 'certificate.private.pem';
const PUBLIC_FILE = 'certificate.public.pem';

/** The key of one rack. */
export interface SigningKey {
  readonly id: string;
  readonly publicPem: string;
  readonly privateKey: KeyObject;
}

/** First 16 hex digits of the SHA-256 over the DER form of the public key (SubjectPublicKeyInfo, RFC 8410). */
export function keyIdOf(publicKey: KeyObject): string {
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16);
}

/**
 * Reads the Ed25519 key of a state folder's `keys/`, or makes it at the first start. The private half is readable by
 * its owner only. Rejects with `signing-key-unusable`, also where a public key is there without its private half: a new
 * pair would quietly give the rack another name.
 */
export async function openSigningKey(dir: string): Promise<SigningKey> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const file = join(dir, PRIVATE_FILE);
    const privateKey = createPrivateKey((await readIfThere(file)) ?? (await makeKey(dir)));
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
    await chmod(file, 0o600);
    const publicKey = createPublicKey(privateKey);
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const told = await readIfThere(join(dir, PUBLIC_FILE));
    if (told === null) {
      await writeDurably(join(dir, PUBLIC_FILE), publicPem, { mode: 0o644, replace: true });
    } else if (told !== publicPem) throw new TypeError('the two halves do not belong together');
    return { id: keyIdOf(publicKey), publicPem, privateKey };
  } catch (error) {
    throw keyError(error, dir);
  }
}

/** Signs the canonical JSON of the certificate. Ed25519 is deterministic: the same certificate, the same signature. */
export function signCertificate(certificate: Certificate, key: SigningKey): SignedCertificate {
  const bytes = Buffer.from(canonicalJson(certificate));
  return {
    certificate,
    signature: {
      algorithm: 'Ed25519',
      keyId: key.id,
      value: sign(null, bytes, key.privateKey).toString('base64'),
    },
  };
}

/**
 * The text of a certificate file: one canonical line, so that the signed bytes stand in it as they were signed, between
 * `{"certificate":` and `,"signature":`.
 */
export function signedText(signed: SignedCertificate): string {
  return `${canonicalJson(signed)}\n`;
}

async function makeKey(dir: string): Promise<string> {
  if ((await readIfThere(join(dir, PUBLIC_FILE))) !== null) {
    throw new TypeError('the private half is missing');
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeDurably(join(dir, PRIVATE_FILE), pem, { mode: 0o600, replace: false });
  return pem;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function keyError(cause: unknown, dir: string): SarachiError {
  const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown';
  return new SarachiError('signing-key-unusable', { dir, reason }, { cause });
}
