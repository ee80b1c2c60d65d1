import { type KeyObject, verify } from 'node:crypto';
import type { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { inconsistencies } from './certificate-consistency.js';
import { digestsOf, pointerStep } from './certificate-digests.js';
import { type SignedCertificate, signedCertificateSchema } from './certificate-schema.js';
import { keyIdOf } from './signing.js';
import { JsonFault, parseStrictJson, type Span } from './strict-json.js';

/** One reason why a certificate does not hold. */
export interface CertificateFault {
  /** JSON Pointer in the file, `/certificate/device/imei1`; empty for the file as a whole. */
  readonly field: string;
  readonly what: string;
  /** Where the field, or else the nearest thing around it, stands in the file; null where it cannot be read at all. */
  readonly bytes: Span | null;
}

export interface CertificateReport {
  readonly faults: readonly CertificateFault[];
  /** Set where the file has the form of a certificate, whether or not it holds. */
  readonly signed: SignedCertificate | null;
}

type Fault = Omit<CertificateFault, 'bytes'>;

/**
 * Checks the bytes of a certificate file against a public key, with nothing else at hand: form, digests of its
 * sections, signature, and whether it agrees with itself. Pure.
 */
export function verifyCertificate(file: Uint8Array, publicKey: KeyObject): CertificateReport {
  let parsed: ReturnType<typeof parseStrictJson>;
  try {
    parsed = parseStrictJson(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file),
    );
  } catch (error) {
    const what =
      error instanceof JsonFault
        ? `is not JSON: line ${error.line}, column ${error.column}: ${error.message}`
        : 'is not text in UTF-8';
    return { faults: [{ field: '', what, bytes: null }], signed: null };
  }
  const locate = (fault: Fault) => ({ ...fault, bytes: nearest(parsed.spans, fault.field) });
  const shaped = signedCertificateSchema.safeParse(parsed.value);
  if (!shaped.success) {
    const faults = shaped.error.issues.flatMap((issue) => formFaults(issue, parsed.spans));
    return { faults: faults.map(locate), signed: null };
  }
  // What was read, not what the schema made of it: the signature is over the former.
  const signed = parsed.value as SignedCertificate;
  const faults = [
    ...digestFaults(signed.certificate),
    ...signatureFaults(signed, publicKey),
    ...inconsistencies(signed.certificate).map(({ pointer, what }) => ({
      field: `/certificate${pointer}`,
      what,
    })),
  ];
  return { faults: faults.map(locate), signed };
}

function formFaults(issue: z.core.$ZodIssue, spans: ReadonlyMap<string, Span>): Fault[] {
  const field = issue.path.map((step) => pointerStep(String(step))).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: field + pointerStep(key),
      what: 'is an unknown field',
    }));
  }
  if (!spans.has(field)) return [{ field, what: 'is missing' }];
  if (issue.code === 'invalid_type')
    return [{ field, what: `has the wrong type, not ${issue.expected}` }];
  return [{ field, what: `has a wrong value: ${issue.message}` }];
}

function digestFaults(certificate: SignedCertificate['certificate']): Fault[] {
  const told = new Map(Object.entries(certificate.digests));
  const found = new Map(Object.entries(digestsOf(certificate)));
  const wrong = [...found].filter(([pointer, digest]) => told.get(pointer) !== digest);
  const faults = wrong
    // A section is only worth naming where none of its members shows what is wrong with it.
    .filter(([pointer]) => !wrong.some(([other]) => other.startsWith(`${pointer}/`)))
    .map(([pointer]) => ({
      field: `/certificate${pointer}`,
      what: told.has(pointer) ? 'does not match its digest' : 'has no digest',
    }));
  const extra = [...told.keys()].filter((pointer) => !found.has(pointer));
  return [
    ...faults,
    ...extra.map((pointer) => ({
      field: `/certificate/digests${pointerStep(pointer)}`,
      what: `is the digest of ${pointer.slice(0, 100)}, which is not there`,
    })),
  ];
}

function signatureFaults({ certificate, signature }: SignedCertificate, key: KeyObject): Fault[] {
  const id = keyIdOf(key);
  if (signature.keyId !== id) {
    const what = `names the key ${signature.keyId}, but the key given is ${id}`;
    return [{ field: '/signature/keyId', what }];
  }
  const bytes = Buffer.from(canonicalJson(certificate));
  if (verify(null, bytes, key, Buffer.from(signature.value, 'base64'))) return [];
  return [
    { field: '/signature/value', what: 'is not the signature of this certificate by this key' },
  ];
}

function nearest(spans: ReadonlyMap<string, Span>, field: string): Span | null {
  for (let at = field; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const span = spans.get(at);
    if (span || at === '') return span ?? null;
  }
}
