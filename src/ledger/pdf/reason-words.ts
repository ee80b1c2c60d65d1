import type { Both } from '../certificate-schema.js';

const STAGES = new Map<string, Both>([
  ['identify', { ja: '端末の識別', en: 'identify' }],
  ['carrier-check', { ja: '利用制限の確認', en: 'carrier check' }],
  ['reset-delete', { ja: '初期化(削除)', en: 'reset' }],
  ['overwrite-erase', { ja: '上書き消去', en: 'overwrite' }],
  ['felica-clear', { ja: 'FeliCaの確認', en: 'FeliCa' }],
  ['verify', { ja: '最終確認', en: 'verification' }],
]);

const WHOLE = new Map<string, Both>([
  ['voided:removed', { ja: '作業の途中で端末が取り外された', en: 'taken out before the end' }],
  ['voided:swapped', { ja: '作業の途中で別の端末に替わった', en: 'another handset came back' }],
  ['voided:operator', { ja: '作業者が中止した', en: 'stopped by a person' }],
  ['voided:gone-too-long', { ja: '端末が戻らなかった', en: 'the handset did not come back' }],
  [
    'failed:overwrite-mismatch',
    { ja: '読み戻したデータが書いたものと違った', en: 'what was read back did not match' },
  ],
  ['failed:reset-not-proved', { ja: '初期化を証明できなかった', en: 'no reset was proved' }],
  [
    'missing:restriction-decided',
    { ja: '利用制限の判定がない', en: 'network restriction was not decided' },
  ],
  [
    'restriction:no-imei',
    { ja: 'IMEIが不明で利用制限を確認できない', en: 'no IMEI to check restriction by' },
  ],
  [
    'failed:felica-residual',
    { ja: 'FeliCaチップにデータが残っていた', en: 'the FeliCa chip still holds something' },
  ],
  ['felica:interrupted', { ja: 'FeliCaの消去が途中', en: 'a FeliCa clear did not end' }],
  ['note:felica-clear-by-air-alone', { ja: 'FeliCaは無線のみで確認', en: 'FeliCa by air alone' }],
  ['note:not-overwritten', { ja: '空き領域の上書きなし', en: 'free space not overwritten' }],
  ['note:pairing-remains', { ja: 'この装置への信頼が端末に残る', en: 'still trusts this rack' }],
  ['note:restriction-not-checked', { ja: '利用制限は未確認', en: 'restriction not checked' }],
  ['note:restriction-not-applicable', { ja: '利用制限の対象外', en: 'no modem' }],
  ['note:sim-free-or-not-registered', { ja: 'どの会社にも登録なし', en: 'in no carrier’s books' }],
]);

const GLYPHS = new Map([
  ['circle', '○'],
  ['triangle', '△'],
  ['cross', '×'],
  ['dash', '－'],
  ['unknown', '?'],
]);

/** What the machine words of a verdict mean for people, each thing once; a word that is not known stands as it is. */
export function reasonWords(reasons: readonly string[]): Both {
  const said = reasons.map(oneReason);
  const open = reasons
    .filter((word) => word.startsWith('unfinished:'))
    .map((word) => STAGES.get(word.slice('unfinished:'.length)) ?? plain(word));
  const stages = {
    ja: open.map(({ ja }) => ja).join('・'),
    en: open.map(({ en }) => en).join(', '),
  };
  const all = said.map((one) =>
    one === UNFINISHED
      ? { ja: `終わっていない工程(${stages.ja})`, en: `not finished: ${stages.en}` }
      : one,
  );
  return {
    ja: [...new Set(all.map(({ ja }) => ja))].join('、'),
    en: [...new Set(all.map(({ en }) => en))].join('; '),
  };
}

const UNFINISHED: Both = { ja: '', en: '' };
const LACKING: Both = { ja: '合格に必要な証拠の不足', en: 'evidence that a pass needs is missing' };

function oneReason(word: string): Both {
  const whole = WHOLE.get(word);
  if (whole) return whole;
  const [kind, first = '', second = ''] = word.split(':');
  if (kind === 'unfinished') return UNFINISHED;
  if (kind === 'missing' || kind === 'reset') return LACKING;
  if (kind === 'felica') return { ja: `FeliCaの確認(${first})`, en: `FeliCa survey: ${first}` };
  if (kind === 'restriction') {
    const mark = GLYPHS.get(second) ?? second;
    return { ja: `利用制限 ${first} ${mark}`, en: `network restriction ${first} ${mark}` };
  }
  const stage = kind === 'failed' ? STAGES.get(first) : undefined;
  return stage
    ? { ja: `${stage.ja}の失敗(${second})`, en: `${stage.en} failed (${second})` }
    : plain(word);
}

function plain(word: string): Both {
  return { ja: word, en: word };
}
