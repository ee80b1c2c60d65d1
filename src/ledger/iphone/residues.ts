import { holds, placesOf, statedBy } from '../certificate-evidence.js';
import { resetDoubts, type Seen } from '../certificate-reset.js';
import type { Residue } from '../certificate-schema.js';

/** The first iOS whose order to erase says what becomes of the eSIM. */
const ESIM_CHOICE_SINCE = 11;

/** The cards that the erase ends in the secure element; null where that erase was not proved. */
export function cardsOfIphone(evidence: readonly Seen[]): Residue | null {
  if (!cardsWereEnded(evidence)) return null;
  return {
    result: 'terminated-by-os-erase',
    ja: 'Apple Payのカード(Suica・PASMO・クレジットカードなど): OSの消去によって、セキュアエレメント内で使用停止となる(Appleの公開資料による)。本装置では独立に検証していない。発行元での登録の削除は、端末がオンラインになったときにのみ行われる。',
    en: 'Cards in Apple Pay (Suica, PASMO, payment cards): terminated in the secure element by the OS erase, as Apple describes it; not independently verified. They are removed at their issuers only when the handset is online.',
    evidence: placesOf(evidence, 'secure-element-cards-ended'),
  };
}

export function cardsWereEnded(evidence: readonly Seen[]): boolean {
  return holds(evidence, 'secure-element-cards-ended') && resetDoubts(evidence).length === 0;
}

/** The My Number card in Apple Wallet and its certificate: the erase takes it off, only the owner can revoke it. */
export function jpkiOfIphone(evidence: readonly Seen[]): Residue {
  const declared = statedBy(evidence, 'jpki').at(-1);
  const erased = resetDoubts(evidence).length === 0;
  const name = {
    ja: 'iPhoneのマイナンバーカード(スマホ用電子証明書)',
    en: 'My Number card in Apple Wallet (smartphone certificate, JPKI)',
  };
  const removal = erased
    ? {
        ja: '端末の消去でiPhoneからは削除されるとされるが、本装置では確認していない。',
        en: 'Erasing is said to remove it from the iPhone; that was not verified.',
      }
    : {
        ja: '端末の消去が証明されていないため、残っている可能性がある。',
        en: 'The erase was not proved, so that it may still be there.',
      };
  const owner = {
    ja: '失効の手続きは消去とは別で、利用者本人が行う。',
    en: 'Revocation is another matter, and up to the owner.',
  };
  if (declared) {
    const revoked = declared.said === 'revoked';
    const day = declared.at.slice(0, 10);
    return {
      result: declared.said,
      ja: `${name.ja}: ${revoked ? '失効済み' : '登録したことがない'}との申告(${day})。外から確かめることはできない。${removal.ja}`,
      en: `${name.en}: declared ${revoked ? 'revoked' : 'never registered'} on ${day}, which cannot be checked from outside. ${removal.en}`,
      evidence: [declared.place],
    };
  }
  return {
    result: erased ? 'removal-not-verified' : 'unknown',
    ja: `${name.ja}: 申告なし。登録の有無は外から分からない。${removal.ja}${owner.ja}`,
    en: `${name.en}: no declaration; whether one was there cannot be seen from outside. ${removal.en} ${owner.en}`,
    evidence: [],
  };
}

/** What became of the eSIM: nobody can look, but some orders to erase say that it goes too. */
export function esimOfIphone(evidence: readonly Seen[], osVersion: string | null): Residue {
  const places = placesOf(evidence, 'identity', 'rung-tried');
  if (esimWasOrdered(evidence, osVersion)) {
    return {
      result: 'ordered-not-verified',
      ja: 'eSIMも消すように指示して消去した。eSIMが実際に消えたことは確認していない。',
      en: 'The erase was ordered with the eSIM included. That its profiles are gone was not verified.',
      evidence: places,
    };
  }
  const how = resetDoubts(evidence).length === 0 ? methodOf(evidence) : null;
  return {
    result: 'not-verified',
    ja: `eSIMプロファイルの消去は確認していない。${ESIM_BY[how ?? '']?.ja ?? ''}`,
    en: `Whether eSIM profiles were erased was not verified.${ESIM_BY[how ?? '']?.en ?? ''}`,
    evidence: places,
  };
}

const ESIM_BY: Readonly<Record<string, { readonly ja: string; readonly en: string }>> = {
  'backup-service': {
    ja: '用いた消去方法では、eSIMの扱いを指定できない。',
    en: ' The method of the erase has no choice about them.',
  },
  person: {
    ja: '消去は人が端末の画面で行った。',
    en: ' A person erased the handset on its screen.',
  },
};

/** Whether the erase that was proved had been ordered with the eSIM not preserved. */
export function esimWasOrdered(evidence: readonly Seen[], osVersion: string | null): boolean {
  const ios = Number.parseInt(osVersion ?? '', 10);
  return (
    resetDoubts(evidence).length === 0 &&
    methodOf(evidence) === 'profile-service' &&
    ios >= ESIM_CHOICE_SINCE
  );
}

/** The method of the last try, where it held. */
function methodOf(evidence: readonly Seen[]): string | null {
  const tried = evidence.findLast(
    ({ kind, stage }) => kind === 'rung-tried' && stage === 'reset-delete',
  );
  return tried?.holds ? tried.method : null;
}
