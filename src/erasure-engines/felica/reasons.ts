/** Why a survey is not clear, or what else must be said of it, for people. Codes are stable. */
export const FELICA_REASONS = {
  'residue-found': {
    ja: 'チップにサービスまたは使用中ブロックが残っている。',
    en: 'Services or used blocks are left on the chip.',
  },
  'transit-answers': {
    ja: '消去後も交通系カードが応答する。',
    en: 'A transit card still answers after the erase.',
  },
  'still-in-use': {
    ja: '端末の画面に「利用中」と表示されている。',
    en: 'The handset itself says that the chip is in use.',
  },
  'clear-in-progress': {
    ja: '消去が途中で止まっている。消去をやり直すこと。完了するまで出荷できない。',
    en: 'A clear was interrupted. Run the clear again; the handset is not to be released before it ends.',
  },
  'no-answer': {
    ja: 'チップが応答しない。電源、NFC、ICカードロック、置き位置を確認すること。無応答は消去の証明にならない。',
    en: 'The chip does not answer. Look at power, NFC, IC card lock and position. Silence proves nothing.',
  },
  'not-a-handset': {
    ja: 'リーダーの上にあるのは端末ではなくカードまたはタグである。',
    en: 'A card or tag lies on the reader, not a handset.',
  },
  'more-than-one-chip': {
    ja: 'リーダーの上に複数のチップがある。',
    en: 'More than one chip answers on the reader.',
  },
  'chip-lost': {
    ja: '検査の途中でチップが応答しなくなった。端末を動かさずにやり直すこと。',
    en: 'The chip stopped answering during the survey. Leave the handset in place and survey again.',
  },
  'chip-changed': {
    ja: '検査の途中で別のチップに替わった。',
    en: 'Another chip answered during the survey.',
  },
  'air-disturbed': {
    ja: '通信の乱れのため、乱れのない検査が二回得られなかった。端末が二台置かれていないか確認すること。',
    en: 'Disturbed: two undisturbed runs were not had. Look whether two things lie on the reader.',
  },
  'survey-cut-short': {
    ja: '検査が途中で終わった(リーダーの抜けまたは時間切れ)。やり直すこと。',
    en: 'The survey ended early: the reader left or the time ran out. Survey again.',
  },
  'runs-disagree': {
    ja: '二回の検査の結果が一致しない。',
    en: 'The runs of the survey do not agree.',
  },
  'not-enumerated': {
    ja: 'すべての確認方法が最後まで応答していない。',
    en: 'Not every way of looking came to its end.',
  },
  'not-in-mode-0': {
    ja: 'チップが初期モードにない。',
    en: 'The chip is not in its first mode.',
  },
  'state-unknown': {
    ja: 'チップの状態(発行情報)が読み取れない。',
    en: 'The chip does not tell its state.',
  },
  'no-usual-system': {
    ja: '共通領域も管理領域も応答しない。',
    en: 'Neither the common nor the management area answers.',
  },
  'no-survey-before': {
    ja: '消去前の検査がないため、同じチップであることを確認できない。',
    en: 'There is no survey from before the clear, so nothing shows that it is the same chip.',
  },
  'survey-before-unusable': {
    ja: '消去前の検査が完了していない。',
    en: 'The survey from before the clear is not complete enough to compare with.',
  },
  'other-chip-than-before': {
    ja: '消去前と異なるチップ、または同じと確認できないチップである。',
    en: 'It is another chip than before the clear, or cannot be shown to be the same.',
  },
  'other-model': {
    ja: 'チップの機種名または発行者が消去前または端末と異なる。',
    en: 'Model or issuer of the chip are not those of before the clear, or of the handset.',
  },
  'not-asked-by-name': {
    ja: '消去前にあったサービスの一つずつの確認が行われていない。',
    en: 'What was there before the clear was not asked for by name.',
  },
  'never-personalised': {
    ja: '未発行状態で応答し、消去前に発行済みであった記録がない。',
    en: 'The chip is not personalised, and was not seen personalised before.',
  },
  'reader-not-proved': {
    ja: 'リーダーの自己診断が合格していない。',
    en: 'The test of the reader before the survey did not go well.',
  },
  'other-platform': {
    ja: 'Androidの検査でApple製端末のチップが応答した。',
    en: "The chip of an Apple device answered in an Android handset's survey.",
  },
  'not-surveyed': { ja: '検査していない。', en: 'No survey was made.' },
  'erase-not-proved': {
    ja: 'iPhoneの消去が証明されていない。',
    en: 'The erase of the iPhone is not proved.',
  },
} as const satisfies Readonly<Record<string, { readonly ja: string; readonly en: string }>>;

export type FelicaReason = keyof typeof FELICA_REASONS;

/** What must be said beside the verdict without changing it. */
export const FELICA_NOTES = {
  'background-instances': {
    ja: 'バックグラウンドのカードは無線では見えない。消去ツールまたは端末側の証拠があれば CLEAR となる。',
    en: 'Cards in the background cannot be seen over the air; evidence of a tool or of the handset would make it CLEAR.',
  },
  'masked-nodes': {
    ja: 'この世代のチップでは、隠されたサービスは無線では見えない場合がある。',
    en: 'Chips of this generation may have masked services that cannot be seen over the air.',
  },
  'profile-unknown': {
    ja: '管理領域の構成が公開資料にない。',
    en: 'The management area is laid out as nobody has published.',
  },
  'empty-systems': {
    ja: '空のシステムが残っている。データではない。',
    en: 'Empty systems are left. They are no data.',
  },
  'common-id-changed': {
    ja: '共通領域の識別子が消去後に変わった。',
    en: 'The common area has another id than before the clear.',
  },
  'reader-not-tested': {
    ja: 'リーダーの自己診断を行っていない。',
    en: 'The reader was not tested before the survey.',
  },
} as const satisfies Readonly<Record<string, { readonly ja: string; readonly en: string }>>;

export type FelicaNote = keyof typeof FELICA_NOTES;

/** Stands on every result. */
export const FELICA_LIMITS = {
  ja: '非接触ポーリングで見えるノードについての独立した確認であり、フェリカネットワークスの認定を受けたものではない。',
  en: 'No more than this: what is visible by contactless polling (independent check, not FeliCa Networks certified).',
} as const;

/** Stands on a clear result in place of the general words. */
export const FELICA_CLEAR_LIMITS = {
  ja: '非接触ポーリングで見えるノードはない(独立した確認であり、フェリカネットワークスの認定を受けたものではない)。',
  en: 'no node visible by contactless polling (independent check, not FeliCa Networks certified)',
} as const;
