import path from 'node:path';
import type { Config } from '../config.js';
import type { JsonObject } from '../evidence.js';
import { buildCertificate } from '../ledger/build-certificate.js';
import type { CertificateFacts } from '../ledger/certificate-facts.js';
import { writeCertificate } from '../ledger/certificate-file.js';
import { openSigningKey, type SigningKey, signCertificate, signedText } from '../ledger/signing.js';
import { VERSION } from '../version.js';
import type { RunBook } from './run-book.js';
import type { RunRecord } from './run-record.js';

export interface OfficeParts {
  readonly config: Config;
  readonly state: string;
  readonly book: RunBook;
}

/** Makes, signs and files the certificate of a settled run. */
export class CertificateOffice {
  readonly #parts: OfficeParts;
  readonly #key: SigningKey;

  private constructor(parts: OfficeParts, key: SigningKey) {
    this.#parts = parts;
    this.#key = key;
  }

  /** Reads the rack's key, made at the first start. Rejects with signing-key-unusable. */
  static async open(parts: OfficeParts): Promise<CertificateOffice> {
    return new CertificateOffice(parts, await openSigningKey(path.join(parts.state, 'keys')));
  }

  /**
   * Writes the certificate, then its digest to the ledger. The same record gives the same bytes, so doing it again
   * after a crash changes nothing. A handset that was never identified gets none: there is nothing to name on it.
   */
  async issue(record: RunRecord): Promise<void> {
    const facts = factsOf(record, this.#parts.config);
    if (!facts) return;
    const text = signedText(signCertificate(buildCertificate(facts), this.#key));
    const sha256 = await writeCertificate(this.#parts.state, record.run, text);
    const { run, port } = record;
    await this.#parts.book.append({ type: 'certificate-issued', run, port, body: { sha256 } });
  }
}

/** What a certificate is made from. Pure; null where the run has no verdict or no identity. */
export function factsOf(record: RunRecord, config: Config): CertificateFacts | null {
  const { settled, identity } = record;
  if (!settled || !identity) return null;
  return {
    run: record.run,
    rack: config.rack.id,
    port: record.port,
    usbPath: record.usbPath,
    openedAt: record.openedAt,
    settledAt: settled.at,
    identity,
    verdict: settled.verdict,
    lane: settled.lane,
    reasons: settled.reasons,
    plan: record.plan?.stages ?? [],
    evidence: record.evidence,
    operatorActs: record.acts.map((act): JsonObject => ({ ...act })),
    policyVersion: record.policyVersion,
    toolVersion: VERSION,
    issuer: config.certificate,
    ledger: settled.ledger,
  };
}
