import { holds } from './certificate-evidence.js';
import type { CertificateFacts } from './certificate-facts.js';
import { overwriteOf } from './certificate-overwrite.js';
import { resetSignals } from './certificate-reset.js';
import type { Both, Certificate } from './certificate-schema.js';
import { techniquesOf } from './certificate-techniques.js';
import { IPHONE_CAVEAT } from './iphone/words.js';

type Sanitization = Certificate['sanitization'];
type Person = Sanitization['performedBy'];

/** A slot that a person fills in by hand. */
export const OPEN_SLOT: Person = {
  name: null,
  title: null,
  organisation: null,
  date: null,
  location: null,
  contact: null,
  signature: null,
};

const CAVEAT: Sanitization['caveat'] = {
  ja: '「Purge(暗号消去)」は、端末が示した暗号化の状態と鍵の破棄に基づく。鍵の複製や暗号実装の欠陥がないことは本装置では確かめられない。「Clear」は利用者が指定できる領域への処置であり、研究室での解析に対するものではない。',
  en: 'Purge (cryptographic erase) rests on the encryption state and key destruction that the handset showed; copies of keys and flaws of its implementation cannot be excluded from outside. Clear treats what a user can address and is not meant against laboratory analysis.',
};

export function orNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}

/**
 * The words of NIST SP 800-88 Rev. 2, chosen by evidence: destroying the keys of storage that was seen to be encrypted
 * is Purge (cryptographic erase); overwriting what can be addressed, and a reset whose effect on the flash is unknown, are Clear.
 * A run that did not pass established none.
 */
export function sanitizationOf(facts: CertificateFacts): Sanitization {
  const techniques = facts.verdict === 'passed' ? techniquesOf(facts.evidence, facts.identity) : [];
  const iphone = facts.identity.platform === 'apple';
  const purge = techniques.some(({ method }) => method === 'Purge');
  const strongest = purge ? 'Purge' : 'Clear';
  return {
    standard: 'NIST SP 800-88 Rev. 2',
    method: techniques.length === 0 ? 'none established' : strongest,
    techniques,
    ...(iphone ? { overwrite: overwriteOf(facts.evidence) } : {}),
    caveat: iphone ? IPHONE_CAVEAT : CAVEAT,
    mediaSource: null,
    propertyNumber: facts.run,
    steps: facts.plan.map(({ stage, method, reason }) => ({ stage, method, reason })),
    startedAt: facts.openedAt,
    endedAt: facts.settledAt,
    performedBy: {
      name: orNull(facts.issuer.operator),
      title: null,
      organisation: orNull(facts.issuer.organisation),
      date: facts.settledAt,
      location: orNull(facts.issuer.location),
      contact: orNull(facts.issuer.contact),
      signature: null,
    },
  };
}

/** NIST: what the tool verified, who confirms it as a second person, and that validation is left to the organisation. */
export function verificationOf(facts: CertificateFacts): Certificate['verification'] {
  const { evidence, issuer } = facts;
  const signals = resetSignals(evidence);
  const readBack = holds(evidence, 'overwrite-read-back');
  const last = evidence.findLast(({ kind }) => kind === 'overwrite-read-back');
  const read = readBack ? last?.value['bytes'] : null;
  const skipped = facts.identity.platform === 'apple' && overwriteOf(evidence).result === 'skipped';
  return {
    method: methodWords(signals.length, readBack ? 'read-back' : skipped ? 'skipped' : 'none'),
    resetSignals: signals,
    bytesReadBack: typeof read === 'number' ? read : null,
    performedBy: {
      name: `Sarachi ${facts.toolVersion}`,
      title: 'automatic verification by the erasing tool',
      organisation: orNull(issuer.organisation),
      date: facts.settledAt,
      location: orNull(issuer.location),
      contact: orNull(issuer.contact),
      signature: null,
    },
    confirmedBy: OPEN_SLOT,
    rule: {
      ja: '確認者は、作業者とは別の人が務める。',
      en: 'The confirming person must not be the person who erased.',
    },
  };
}

function methodWords(signals: number, overwrite: 'read-back' | 'skipped' | 'none'): Both {
  const ja = `独立した初期化の徴候${signals}種`;
  const en = `${signals} independent signals of the reset`;
  if (overwrite === 'read-back')
    return {
      ja: `上書きデータの全読み戻し照合と、${ja}`,
      en: `Full read-back of the overwrite and ${en}`,
    };
  return overwrite === 'skipped'
    ? {
        ja: `${ja}(上書きは行っておらず、読み戻し照合はない)`,
        en: `${en}; nothing was overwritten and so nothing read back`,
      }
    : { ja: `${ja}(読み戻し照合は成立していない)`, en: `${en}; no read-back that holds` };
}

export const VALIDATION: Certificate['validation'] = {
  decision: null,
  performedBy: OPEN_SLOT,
  rule: {
    ja: '受け入れの可否(validation)は、組織の責任者が記入する。本装置は判断しない。',
    en: 'Validation, to accept or to reject, is left to a responsible person; the tool does not decide it.',
  },
};
