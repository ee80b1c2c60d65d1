import { createPublicKey } from 'node:crypto';
import type { Evidence, EvidenceKind } from '../../../src/evidence.js';
import { buildCertificate } from '../../../src/ledger/build-certificate.js';
import { digestsOf } from '../../../src/ledger/certificate-digests.js';
import type { CertificateFacts } from '../../../src/ledger/certificate-facts.js';
import type { Certificate } from '../../../src/ledger/certificate-schema.js';
import { signCertificate, signedText } from '../../../src/ledger/signing.js';
import { verifyCertificate } from '../../../src/ledger/verify-certificate.js';
import { testKey } from './facts.js';

/** What `sarachi verify` finds, where the holder of the key signed whatever was changed. */
export function faultsOf(
  facts: CertificateFacts,
  change: (certificate: Certificate) => void = () => undefined,
): string[] {
  const certificate = buildCertificate(facts);
  change(certificate);
  certificate.digests = digestsOf(certificate);
  const file = Buffer.from(signedText(signCertificate(certificate, testKey())));
  const { faults } = verifyCertificate(file, createPublicKey(testKey().publicPem));
  return faults.map(({ field, what }) => `${field.replace('/certificate', '')} ${what}`);
}

/** The same run with facts of one kind left out, changed, or no longer holding. */
export function without(facts: CertificateFacts, ...kinds: EvidenceKind[]): CertificateFacts {
  return { ...facts, evidence: facts.evidence.filter(({ kind }) => !kinds.includes(kind)) };
}

export function changed(
  facts: CertificateFacts,
  kind: EvidenceKind,
  change: Partial<Evidence>,
): CertificateFacts {
  return {
    ...facts,
    evidence: facts.evidence.map((fact) => (fact.kind === kind ? { ...fact, ...change } : fact)),
  };
}
