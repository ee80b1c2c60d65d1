import type { EvidenceKind } from '../evidence.js';
import type { Platform } from '../handset.js';

/** What a certificate may say of a fact that holds. `null`: it stands in the list of evidence, but proves nothing alone. */
interface Words {
  readonly ja: string;
  readonly en: string;
}

export const PROOF_WORDS: Readonly<Record<EvidenceKind, Words | null>> = {
  identity: {
    ja: '端末が自ら名乗った機種・製造番号・IMEIを記録した',
    en: 'The handset named its own model, serial number and IMEI.',
  },
  gates: {
    ja: '消去の開始時に、消去を妨げるアカウント・ロック・管理がないことを確認した',
    en: 'When erasing began, no account, lock or management forbade it.',
  },
  'carrier-mark': null,
  'carrier-check-skipped': null,
  'restriction-decided': null,
  'imei-seen-before': null,
  'before-reset': null,
  'canary-planted': null,
  'rung-tried': null,
  'left-bus': {
    ja: '初期化の指示の後、端末がUSBから離れた(再起動)',
    en: 'After the reset was asked for, the handset left the bus.',
  },
  'returned-same-port': {
    ja: '同じ端末が同じポートに戻った',
    en: 'The same handset came back on the same port.',
  },
  'canary-gone': {
    ja: '初期化の前に置いた目印のファイルが消えている',
    en: 'The marker files placed before the reset no longer exist.',
  },
  'android-id-changed': {
    ja: 'システムの識別子が新しくなっている',
    en: 'The system has made itself a new identity.',
  },
  'no-accounts-no-apps': {
    ja: 'アカウント・追加アプリ・追加ユーザーが存在しない',
    en: 'No account, added application or second user exists.',
  },
  'storage-collapsed': {
    ja: '使用中の容量が、初期化直後の大きさまで減っている',
    en: 'Used storage fell to that of a fresh system.',
  },
  'setup-not-complete': {
    ja: 'システムは初期設定が未完了であると示している',
    en: 'The system believes that it was never set up.',
  },
  'test-harness-active': {
    ja: 'システムは初期化直後の状態(テストハーネスモード)で起動した',
    en: 'The system booted as freshly reset, for test harness mode.',
  },
  'trade-in-foyer': {
    ja: 'システムは初回起動前の下取りモードで応答した',
    en: 'The system answers from its first-boot trade-in state.',
  },
  'usb-without-adb': {
    ja: '端末はデバッグ接続のない、初期化後の姿でUSBに現れた',
    en: 'The handset is on the bus without a debugging interface, as after a reset.',
  },
  'boot-reason-reset': {
    ja: 'システムは起動の理由として初期化を示した',
    en: 'The system names a factory reset as the reason of its boot.',
  },
  'obliteration-recorded': {
    ja: '端末のファームウェア(NVRAM)に、指示の後に消去が完了した記録がある',
    en: 'The firmware of the handset (NVRAM) holds a new record of an erase that ended after the order.',
  },
  'not-activated': {
    ja: '端末はアクティベーション前の状態である',
    en: 'The handset is not activated.',
  },
  'pairing-forgotten': {
    ja: '端末は、消去前に信頼していたこの装置のペアリングを忘れている',
    en: 'The handset no longer knows the pairing with this rack from before the erase.',
  },
  'settings-as-new': {
    ja: '端末の名前と言語が初期値に戻っている',
    en: 'Name and language of the handset are those of a new one.',
  },
  'encryption-state': {
    ja: '記憶領域が暗号化されていることを確認した(その鍵は初期化で破棄される)',
    en: 'Storage was seen to be encrypted; a reset destroys its keys.',
  },
  'overwrite-planned': null,
  'overwrite-written': {
    ja: '一般の権限で書ける空き領域を、最後まで疑似乱数で上書きした',
    en: 'Free storage was overwritten with pseudo-random data to the last block that may be written.',
  },
  'overwrite-read-back': {
    ja: '書いたすべてのバイトを読み戻し、一致を確認した',
    en: 'Every byte that was written was read back and matched.',
  },
  'overwrite-removed': {
    ja: '上書きデータを削除し、記憶領域を整理(TRIM)した',
    en: 'The overwrite data was deleted and the storage trimmed.',
  },
  'overwrite-skipped': null,
  'not-covered': null,
  'felica-detected': null,
  'felica-not-present': {
    ja: 'FeliCaチップおよびその関連ソフトウェアが見つからない(調べた場所は証拠に記載)',
    en: 'No FeliCa chip or software was found; the evidence says where was looked.',
  },
  'felica-identity-bound': null,
  'felica-survey-before': null,
  'felica-cleared-by': null,
  'felica-survey-after': {
    ja: 'リーダーによる無線での独立した確認で、この端末のFeliCaチップに見えるデータがなかった(フェリカネットワークスの認証によるものではない)',
    en: 'An independent contactless survey saw no node on the FeliCa chip of this handset (not certified by FeliCa Networks).',
  },
  // Silence of an iPhone proves nothing.
  'felica-transit-after': null,
  // What was not looked at is no proof, however sure the maker is.
  'secure-element-cards-ended': null,
  'person-confirmed': null,
  'pairing-removed': {
    ja: '終了時に、端末からこの装置への信頼(ペアリング)を取り消した',
    en: 'At the end the handset was made to forget its trust in this rack.',
  },
  'closing-reset': {
    ja: '最後に端末を初期化し、最初の設定画面に戻した',
    en: 'A closing reset sent the handset back to its first-boot screen.',
  },
  'final-state': {
    ja: '終了時の端末の状態を確認した',
    en: 'The state in which the handset was left was observed.',
  },
};

/** Where the same kind of fact says something else on an iPhone. */
const IPHONE_WORDS: Readonly<Partial<Record<EvidenceKind, Words | null>>> = {
  'left-bus': {
    ja: '消去の指示の後、端末がUSBから離れた(再起動)',
    en: 'After the erase was ordered, the handset left the bus.',
  },
  'canary-gone': {
    ja: '消去の前に置いた目印のファイルが消えている',
    en: 'The marker files placed before the erase no longer exist.',
  },
  'storage-collapsed': {
    ja: '使用中の容量が、消去直後の大きさまで減っている',
    en: 'Used storage fell to that of a fresh system.',
  },
  // Nobody asked the handset: this follows from its model.
  'encryption-state': null,
  'overwrite-written': {
    ja: 'ファイルとして書ける空き領域を、いっぱいになるまで疑似乱数で上書きした',
    en: 'Free storage was overwritten with pseudo-random files until no more would fit.',
  },
  'overwrite-removed': {
    ja: '上書きデータを削除し、空き容量が戻ったことを確認した',
    en: 'The overwrite data was deleted and the free space came back.',
  },
  'closing-reset': {
    ja: '消去により、端末は初期設定前の状態に戻っている',
    en: 'The erase left the handset in its state before set-up.',
  },
};

/** What may be said of a fact that holds on this platform; null where it proves nothing alone. */
export function proofWords(kind: EvidenceKind, platform: Platform): Words | null {
  const own = platform === 'apple' ? IPHONE_WORDS[kind] : undefined;
  return own === undefined ? PROOF_WORDS[kind] : own;
}
