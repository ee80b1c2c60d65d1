import { holds, placesOf, statedBy } from './certificate-evidence.js';
import type { CertificateFacts } from './certificate-facts.js';
import { felicaIsClear, felicaSurveyOf } from './certificate-felica.js';
import type { FelicaResidue, Residue } from './certificate-schema.js';
import { cardsOfIphone, esimOfIphone, jpkiOfIphone } from './iphone/residues.js';

/** FeliCa memory is a residue of its own that a factory reset may leave. */
export function felicaOf(facts: CertificateFacts): FelicaResidue {
  const survey = felicaSurveyOf(facts.evidence);
  if (!survey) return felicaWithoutReader(facts);
  const isClear = felicaIsClear(facts.evidence);
  const found = survey.after.verdict === 'RESIDUAL';
  const result = isClear ? 'surveyed-clear' : found ? 'residual-found' : 'survey-inconclusive';
  const { ja, en } = SURVEYED[result];
  const { limits, independent } = survey;
  return {
    result,
    ja: `${ja}(${survey.after.verdict})${limits.ja}${independent.ja}`,
    en: `${en} (${survey.after.verdict}). ${limits.en} ${independent.en}`,
    evidence: placesOf(facts.evidence, ...SURVEY_KINDS),
    survey,
  };
}

const SURVEY_KINDS = [
  'felica-detected',
  'felica-identity-bound',
  'felica-survey-before',
  'felica-cleared-by',
  'felica-survey-after',
] as const;

const SURVEYED = {
  'surveyed-clear': {
    ja: 'この端末のFeliCaチップを無線で確認し、残っているデータは見えなかった。',
    en: 'The FeliCa chip of this handset was surveyed over the air and nothing left was visible',
  },
  'residual-found': {
    ja: 'この端末のFeliCaチップを無線で確認し、データが残っていた。',
    en: 'The FeliCa chip of this handset was surveyed over the air and still holds something',
  },
  'survey-inconclusive': {
    ja: 'この端末のFeliCaチップの無線での確認は、結論が出なかった。',
    en: 'The FeliCa chip of this handset was surveyed over the air without a result',
  },
} as const;

/** What is known of the chip without a reader. */
function felicaWithoutReader({ evidence, identity }: CertificateFacts): Residue {
  const places = placesOf(evidence, 'felica-detected', 'felica-not-present');
  if (holds(evidence, 'felica-not-present')) {
    return {
      result: 'not-present',
      ja: 'FeliCaは検出されなかった。端末側のソフトウェアから調べた範囲であり、無線での読み取りではない。',
      en: 'No FeliCa was found, as far as the software of the handset shows; no radio reading was made.',
      evidence: places,
    };
  }
  const transit = placesOf(evidence, 'felica-transit-after');
  if (transit.length > 0 && !holds(evidence, 'felica-transit-after')) {
    return {
      result: 'residual-found',
      ja: '消去の後も、交通系カードがリーダーに応答した。',
      en: 'A transit card still answered a reader after the erase.',
      evidence: transit,
    };
  }
  const ended = identity.platform === 'apple' ? cardsOfIphone(evidence) : null;
  if (ended) return ended;
  const cleared = statedBy(evidence, 'felica').at(-1);
  if (cleared) {
    return {
      result: 'declared-cleared',
      ja: `FeliCaの消去は人の申告(${day(cleared.at)})による。測定で証明したものではない。`,
      en: `A person stated on ${day(cleared.at)} that the FeliCa memory was cleared. It was not measured.`,
      evidence: [...places, cleared.place],
    };
  }
  const seen = holds(evidence, 'felica-detected') || identity.felica === 'present';
  return {
    result: seen ? 'present-not-cleared' : 'unknown',
    ja: seen
      ? 'FeliCaが搭載されており、消去は確認されていない。'
      : 'FeliCaの有無および消去は確認されていない。',
    en: seen
      ? 'FeliCa is present and was not shown to be cleared.'
      : 'Whether FeliCa is present or cleared is not known.',
    evidence: places,
  };
}

/** The smartphone certificate (JPKI): only its owner may revoke it, and no reset of an Android handset removes it. */
export function jpkiOf({ evidence, identity }: CertificateFacts): Residue {
  if (identity.platform === 'apple') return jpkiOfIphone(evidence);
  const declared = statedBy(evidence, 'jpki').at(-1);
  const limit = {
    ja: '初期化では消えず、外から検出できない。',
    en: 'A reset does not remove it and it cannot be detected from outside.',
  };
  if (!declared) {
    return {
      result: 'unknown',
      ja: `スマホ用電子証明書(JPKI): 申告なし。${limit.ja}`,
      en: `Smartphone certificate (JPKI): no declaration. ${limit.en}`,
      evidence: [],
    };
  }
  const revoked = declared.said === 'revoked';
  return {
    result: declared.said,
    ja: `スマホ用電子証明書(JPKI): ${revoked ? '失効済み' : '登録したことがない'}との申告(${day(declared.at)})。${limit.ja}`,
    en: `Smartphone certificate (JPKI): declared ${revoked ? 'revoked' : 'never registered'} on ${day(declared.at)}. ${limit.en}`,
    evidence: [declared.place],
  };
}

export function esimOf({ evidence, identity }: CertificateFacts): Residue {
  const places = placesOf(evidence, 'identity');
  if (identity.platform === 'apple' && identity.esim !== 'not-present')
    return esimOfIphone(evidence, identity.osVersion);
  return identity.esim === 'not-present'
    ? {
        result: 'not-present',
        ja: '端末はeSIMを搭載していないと示した。',
        en: 'The handset showed no eSIM.',
        evidence: places,
      }
    : {
        result: 'not-verified',
        ja: 'eSIMプロファイルの消去は確認していない。',
        en: 'Whether eSIM profiles were erased was not verified.',
        evidence: places,
      };
}

/** The day in UTC; the exact time stands with the evidence. */
function day(iso: string): string {
  return iso.slice(0, 10);
}
