import { carrierChecksOf } from './certificate-carriers.js';
import { digestsOf } from './certificate-digests.js';
import { provedItems } from './certificate-evidence.js';
import type { CertificateFacts } from './certificate-facts.js';
import { notProvedItems } from './certificate-limits.js';
import { esimOf, felicaOf, jpkiOf } from './certificate-residues.js';
import { orNull, sanitizationOf, VALIDATION, verificationOf } from './certificate-sanitization.js';
import { type Both, CERTIFICATE_FORMAT, type Certificate } from './certificate-schema.js';
import type { Verdict } from './entry.js';

/** By verdict, so that nobody can take the record of a failure for a certificate. */
export const TITLES: Readonly<Record<Verdict, Both>> = {
  passed: { ja: '消去証明書', en: 'Certificate of sanitization' },
  failed: {
    ja: '消去記録(不合格)',
    en: 'Record of an erasure that did not pass (failed)',
  },
  inconclusive: {
    ja: '消去記録(未確定)',
    en: 'Record of an erasure that did not pass (inconclusive)',
  },
};

/** The statement drawn from one finished run. Pure: the same facts always give the same certificate. */
export function buildCertificate(facts: CertificateFacts): Certificate {
  const sections = {
    format: CERTIFICATE_FORMAT,
    title: TITLES[facts.verdict],
    verdict: facts.verdict,
    lane: facts.lane,
    reasons: [...facts.reasons],
    run: {
      id: facts.run,
      rack: facts.rack,
      port: facts.port,
      usbPath: facts.usbPath,
      openedAt: facts.openedAt,
      settledAt: facts.settledAt,
    },
    device: deviceOf(facts),
    sanitization: sanitizationOf(facts),
    verification: verificationOf(facts),
    validation: VALIDATION,
    japan: {
      client: null,
      worker: orNull(facts.issuer.operator),
      confirmer: null,
      workplace: orNull(facts.issuer.location),
      issuer: orNull(facts.issuer.organisation),
      contact: orNull(facts.issuer.contact),
      kobutsuLedgerNumber: null,
    },
    carrierChecks: carrierChecksOf(facts),
    felica: felicaOf(facts),
    jpki: jpkiOf(facts),
    esim: esimOf(facts),
    r2v3: r2v3Of(facts),
    proved: provedItems(facts.evidence, facts.identity.platform),
    notProved: notProvedItems(facts),
    operatorActs: [...facts.operatorActs],
    evidence: facts.evidence.map(({ kind, stage, method, at, holds, value }) => ({
      kind,
      stage,
      method,
      at,
      holds,
      value,
    })),
    tool: { name: 'Sarachi', version: facts.toolVersion, policyVersion: facts.policyVersion },
    ledger: { seq: facts.ledger.seq, hash: facts.ledger.hash },
  } as const satisfies Omit<Certificate, 'digests'>;
  // Copied, so that the certificate shares nothing with the facts it was made from.
  return structuredClone({ ...sections, digests: digestsOf(sections) });
}

function deviceOf({ identity }: CertificateFacts): Certificate['device'] {
  const [imei1, imei2, ...furtherImeis] = identity.imeis;
  return {
    platform: identity.platform,
    manufacturer: identity.manufacturer,
    brand: identity.brand,
    model: identity.model,
    device: identity.device,
    serial: identity.serial,
    ...(identity.platform === 'apple'
      ? { udid: identity.udid ?? null, ecid: identity.ecid ?? null }
      : {}),
    imei1: imei1 ?? null,
    imei2: imei2 ?? null,
    furtherImeis,
    imeiSource: identity.imeiSource,
    osVersion: identity.osVersion,
    sdk: identity.sdk,
    build: identity.build,
    securityPatch: identity.securityPatch,
    storageBytes: identity.storageBytes,
    mediaType: 'flash',
    encryption: identity.encryption,
    batteryPercent: identity.batteryPercent,
    batteryCycles: identity.batteryCycles,
  };
}

function r2v3Of({ identity, verdict }: CertificateFacts): Certificate['r2v3'] {
  return {
    mediaIdentifier: identity.serial ?? identity.imeis[0] ?? identity.udid ?? null,
    coverage:
      verdict === 'passed'
        ? {
            ja: '利用者が指定できる領域のうち、「証明していないこと」に挙げた範囲を除くすべてを処置した。',
            en: 'All user-addressable locations were treated except those named under "not proved".',
          }
        : {
            ja: '利用者が指定できる領域のすべてを処置したとは言えない。',
            en: 'It cannot be said that all user-addressable locations were treated.',
          },
    sampling: {
      ja: '消去した端末の5%以上を、作業者以外の有資格者が市販の復元ソフトで抜き取り検査すること。',
      en: 'At least 5 % of erased handsets should be sampled by a competent person other than the eraser, with commercial recovery software.',
    },
  };
}
