/** Why a text is no IMEI that may be traded or asked about. */
export type ImeiRefusal =
  | 'empty'
  | 'wrong-characters'
  | 'wrong-length'
  | 'all-same-digit'
  | 'wrong-check-digit'
  | 'test-imei';

/** What a text that should be an IMEI turned out to be. */
export type NormalisedImei =
  | {
      readonly kind: 'imei';
      /** 15 digits, the last of them the check digit. */
      readonly imei: string;
      /** True where the check digit is ours and not that of the text. */
      readonly cdComputed: boolean;
      /** Which form the text had: 15 digits, 14 without the check digit, 16 with a software version. */
      readonly from: 'imei' | 'imei-14' | 'imeisv';
    }
  /** 14 hexadecimal digits of a CDMA handset, which carriers that ask for digits cannot look up. */
  | { readonly kind: 'meid'; readonly meid: string }
  | { readonly kind: 'refused'; readonly why: ImeiRefusal };

/** Who gave the text: a person, who copies all 15 digits, or a handset's modem, which may send 0 as the last. */
export type ImeiGiver = 'typed' | 'handset';

const LONGEST_TEXT = 64;
// White space, every hyphen and dash that a keyboard or a document gives, slashes, invisible format characters.
const SEPARATORS = /[\s\p{Pd}\p{Cf}\u2212\u30fc/]/gu;

/** The check digit of the first 14 digits: Luhn formula, ISO/IEC 7812 (3GPP TS 23.003 annex B). */
export function imeiCheckDigit(digits: string): string {
  let sum = 0;
  for (let index = 0; index < 14; index += 1) {
    const digit = digits.charCodeAt(index) - 48;
    const weighed = index % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return String((10 - (sum % 10)) % 10);
}

/** True for 15 digits that pass the Luhn check and are not all zero (3GPP TS 23.003 annex B). */
export function isImei(text: string): boolean {
  if (!/^[0-9]{15}$/.test(text) || /^0+$/.test(text)) return false;
  return text.endsWith(imeiCheckDigit(text));
}

/**
 * Reads an IMEI in any written form: full-width digits, separators, 14 digits, 15, or the 16 of an IMEISV, whose
 * software version is dropped. Refuses what no handset in trade carries: one digit throughout, and test IMEIs
 * (reporting body 00, GSMA TS.06). A MEID begins with A0 or more.
 */
export function normaliseImei(text: string, giver: ImeiGiver): NormalisedImei {
  if (text.length > LONGEST_TEXT) return refused('wrong-length');
  const bare = text.normalize('NFKC').replace(SEPARATORS, '').toUpperCase();
  if (bare === '') return refused('empty');
  if (/^[A-F][0-9A-F]{13,14}$/.test(bare)) return { kind: 'meid', meid: bare.slice(0, 14) };
  if (!/^[0-9]+$/.test(bare)) return refused('wrong-characters');
  if (bare.length < 14 || bare.length > 16) return refused('wrong-length');
  const digits = bare.slice(0, 14);
  // The zero string passes Luhn, and so does a digit of ours behind any fourteen alike.
  if (/^([0-9])\1+$/.test(digits)) return refused('all-same-digit');
  const imei = `${digits}${imeiCheckDigit(digits)}`;
  const from = FORM_BY_LENGTH[bare.length] ?? 'imei';
  const spare = from === 'imei' && bare !== imei;
  // TS 23.003: over the air the last digit is a spare 0. A person who types a wrong digit made a mistake somewhere.
  if (spare && !(giver === 'handset' && bare.endsWith('0'))) return refused('wrong-check-digit');
  if (imei.startsWith('00')) return refused('test-imei');
  return { kind: 'imei', imei, cdComputed: from !== 'imei' || spare, from };
}

const FORM_BY_LENGTH: Readonly<Record<number, 'imei' | 'imei-14' | 'imeisv'>> = {
  14: 'imei-14',
  15: 'imei',
  16: 'imeisv',
};

function refused(why: ImeiRefusal): NormalisedImei {
  return { kind: 'refused', why };
}
