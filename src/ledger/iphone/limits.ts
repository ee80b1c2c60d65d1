import type { Json } from '../../evidence.js';
import { holds, placesOf, rangesIn } from '../certificate-evidence.js';
import { overwriteOf, skippedBecause } from '../certificate-overwrite.js';
import type { Seen } from '../certificate-reset.js';
import type { NotProved } from '../certificate-schema.js';

type Limit = Omit<NotProved, 'ranges'> & Partial<Pick<NotProved, 'ranges'>>;

/** How a fill names what was in use around it: no place that iOS keeps back, but all that files could not replace. */
export const IN_USE = 'systemUsedBytes';

/** What must not be taken for proved on an iPhone, whatever its verdict. A function of evidence alone. */
export function limitsOfIphone(evidence: readonly Seen[]): NotProved[] {
  const limits: Limit[] = [
    ...overwriteNotDone(evidence),
    activationLock(evidence),
    enrolment(evidence),
    ...pairing(evidence),
    ...encryption(evidence),
    ...overwriteByFiles(evidence),
  ];
  return limits.map((limit) => ({ ranges: [], ...limit }));
}

function overwriteNotDone(evidence: readonly Seen[]): Limit[] {
  const overwrite = overwriteOf(evidence);
  if (overwrite.result !== 'skipped') return [];
  const why = skippedBecause(overwrite);
  return [
    {
      id: 'overwrite-not-done',
      ja: `空き領域の上書きは行っていない(理由: ${why.ja})。消去は暗号鍵の破棄による。`,
      en: `Free storage was not overwritten: ${why.en}. The erasure rests on the destroyed keys.`,
      evidence: overwrite.evidence,
    },
  ];
}

function activationLock(evidence: readonly Seen[]): Limit {
  const findMy = toldBefore(evidence, 'findMy');
  const locked = toldBefore(evidence, 'activationLocked');
  const said = {
    ja: `「探す」は${say(findMy, 'オン', 'オフ', '不明')}、NVRAMの記録は${say(locked, 'ロックあり', 'ロックなし', '不明')}`,
    en: `Find My ${say(findMy, 'on', 'off', 'not known')}, lock in NVRAM ${say(locked, 'yes', 'no', 'not known')}`,
  };
  return {
    id: 'activation-lock',
    ja: `アクティベーションロックがないこと(確実に分かるのはAppleのサーバーだけ)。消去前の端末の表示: ${said.ja}`,
    en: `That there is no activation lock: only Apple's server can tell for certain. What the handset said before the erase: ${said.en}.`,
    evidence: placesOf(evidence, 'gates', 'before-reset'),
  };
}

function enrolment(evidence: readonly Seen[]): Limit {
  const supervised = toldBefore(evidence, 'supervised');
  return {
    id: 'device-enrolment',
    ja: `会社や学校の管理への登録(Apple Business Manager・DEP)がないこと(端末がオンラインになって初めて現れる)。消去前の端末の表示: 監視対象${say(supervised, 'である', 'ではない', 'かどうか不明')}`,
    en: `That no organisation has it enrolled (Apple Business Manager, DEP), which shows only online. What the handset said before the erase: ${say(supervised, 'supervised', 'not supervised', 'supervision not known')}.`,
    evidence: placesOf(evidence, 'gates', 'before-reset'),
  };
}

function pairing(evidence: readonly Seen[]): Limit[] {
  if (holds(evidence, 'pairing-removed')) return [];
  return [
    {
      id: 'pairing-remains',
      ja: '端末がこの装置を信頼しなくなったこと(信頼の設定が端末に残っているとみなす)',
      en: 'That the handset no longer trusts this rack: take its pairing with the rack for still there.',
      evidence: placesOf(evidence, 'pairing-removed'),
    },
  ];
}

function encryption(evidence: readonly Seen[]): Limit[] {
  if (!holds(evidence, 'encryption-state')) return [];
  return [
    {
      id: 'encryption-by-model',
      ja: 'データ領域が暗号化されていたこと(端末に尋ねた結果ではなく、iOSを搭載するこの機種の仕様による)',
      en: 'That its data was encrypted: this follows from the model and its iOS, the handset was not asked.',
      evidence: placesOf(evidence, 'encryption-state'),
    },
  ];
}

function overwriteByFiles(evidence: readonly Seen[]): Limit[] {
  const { result, when, evidence: places } = overwriteOf(evidence);
  if (result !== 'done') return [];
  const before = when === 'before-erase';
  return [
    {
      id: 'overwrite-by-files',
      ja: `上書きが届かない部分: データ領域の空き以外、およびフラッシュ上の特定の位置(ファイルとして書いたため)${before ? '。消去前に使われていた領域も上書きしていない' : ''}`,
      en: `What the overwrite could not reach: all but the free space of the data volume, and any given place of the flash, for it was written as files${before ? '; storage in use before the erase was not overwritten either' : ''}.`,
      evidence: places,
      ranges: placesOf(evidence, 'not-covered').flatMap((place) =>
        rangesIn(evidence[place]?.value ?? {})
          .filter(({ what }) => what === IN_USE)
          .map((range) => ({ ...range, evidence: place })),
      ),
    },
  ];
}

function say(value: Json | undefined, yes: string, no: string, unknown: string): string {
  if (typeof value !== 'boolean') return unknown;
  return value ? yes : no;
}

/** The last that the handset told of this before its erase; undefined where it told nothing. */
function toldBefore(evidence: readonly Seen[], name: string): Json | undefined {
  const told = placesOf(evidence, 'gates', 'before-reset').map((place) =>
    memberOf(evidence[place]?.value ?? null, name),
  );
  return told.findLast((value) => value !== undefined);
}

function memberOf(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = Object.entries(value);
  const own = members.find(([key]) => key === name);
  if (own) return own[1];
  for (const [, child] of members) {
    const found = memberOf(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
