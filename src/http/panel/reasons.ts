import { CARRIERS, MARKS } from '../../carrier-check/marks.js';
import type { Language, Verdict, Words } from './words/words.js';

const SAID: Readonly<Record<string, readonly [ja: string, en: string]>> = {
  'note:daemon-was-restarted': [
    '再起動の間、端末がポートにあったかを確かめられません',
    'The daemon was restarted; nobody saw whether the handset stayed in the port',
  ],
  'note:waits-for-validation': [
    '別の人の検証を待っています',
    'Waits for a second person to validate it',
  ],
  'note:validation-rejected': ['検証で却下されました', 'A second person has rejected it'],
  'note:restriction-not-checked': [
    '利用制限は確認していません',
    'Network restriction was not checked',
  ],
  'note:restriction-not-applicable': [
    '利用制限の確認は対象外です',
    'Network restriction does not apply',
  ],
  'note:not-overwritten': ['空き領域は上書きしていません', 'Free storage was not overwritten'],
  'note:pairing-remains': [
    '端末にこのラックの登録が残っています',
    'The handset still knows this rack',
  ],
  'missing:restriction-decided': [
    '利用制限の判断が出ていません',
    'Network restriction is undecided',
  ],
  'missing:felica-clear-proof': [
    'FeliCa消去の証拠がありません',
    'There is no proof that FeliCa was cleared',
  ],
  'missing:identifier': ['端末の番号が分かりません', 'The handset told no identifier'],
  'missing:plan': ['作業の計画ができませんでした', 'No plan could be made'],
  'restriction:no-imei': [
    'IMEIがなく、利用制限を確認できません',
    'No IMEI to check restriction by',
  ],
};

/** A reason of a verdict for people; one that has no words here is shown as its code. Pure. */
export function reasonText(reason: string, words: Words, language: Language): string {
  const said = SAID[reason]?.[language === 'ja' ? 0 : 1];
  if (said !== undefined) return said;
  const [kind, ...rest] = reason.split(':');
  const facts: Readonly<Partial<Record<string, string>>> = words.evidence;
  const fact = kind === 'missing' ? facts[rest[0] ?? ''] : undefined;
  if (fact !== undefined) return `${words.terms.missing}: ${fact}`;
  if (kind === 'failed' && rest[0] !== undefined)
    return words.errors[rest[0] as keyof Words['errors']] ?? reason;
  if (kind === 'restriction') {
    const named = rest.map((part) => markOrCarrier(part, words));
    return `${words.terms.marksTitle}: ${named.join(' ')}`;
  }
  return reason;
}

/** Why a handset goes where it goes, in a word or two for a tile: who said what, or how it ended. Pure. */
export function shortReason(
  reasons: readonly string[],
  verdict: Verdict | null,
  words: Words,
): string {
  if (reasons.includes('note:daemon-was-restarted')) return words.terms.restarted;
  const [, ...said] = reasons.find((reason) => reason.startsWith('restriction:'))?.split(':') ?? [];
  const names: readonly string[] = [...CARRIERS, ...MARKS];
  const known = said.filter((part) => names.includes(part));
  if (known.length > 0) return known.map((part) => markOrCarrier(part, words)).join(' ');
  return verdict === null ? '' : words.verdicts[verdict];
}

function markOrCarrier(part: string, words: Words): string {
  const carrier = CARRIERS.find((one) => one === part);
  const mark = MARKS.find((one) => one === part);
  if (carrier) return words.carriers[carrier];
  return mark ? words.marks[mark] : part;
}
