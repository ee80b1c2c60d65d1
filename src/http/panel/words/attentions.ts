import type { AttentionCode } from '../../../attention.js';

/** What to do in a word or two, readable from afar; the whole sentence comes from the server. */
export const SHORT_ATTENTIONS: Readonly<Record<AttentionCode, readonly [ja: string, en: string]>> =
  {
    'authorise-usb-debugging': ['USBデバッグを許可', 'Allow debugging'],
    'enable-usb-debugging': ['USBデバッグをオン', 'Debugging on'],
    'handset-offline': ['挿し直し', 'Plug in again'],
    'wrong-boot-mode': ['通常起動', 'Boot normally'],
    'usb-permission': ['権限なし：管理者へ', 'No USB rights'],
    'account-present': ['アカウント削除', 'Remove account'],
    'frp-locked': ['FRPロック', 'FRP lock'],
    'managed-device': ['MDM管理端末', 'Managed (MDM)'],
    'reset-forbidden': ['初期化禁止', 'Reset forbidden'],
    'several-users': ['別ユーザー削除', 'Remove users'],
    'battery-low': ['電池不足：充電', 'Charge battery'],
    'jpki-declaration-missing': ['電子証明書の申告', 'JPKI declaration'],
    'sim-present': ['SIMを抜く', 'Take SIM out'],
    'carrier-result-needed': ['利用制限の判定入力', 'Enter marks'],
    'restriction-found': ['利用制限あり', 'Restricted'],
    'imei-not-usable': ['IMEI異常：確認', 'Check IMEI'],
    'imei-seen-before': ['同じIMEIの履歴あり', 'IMEI seen before'],
    'felica-clear-needed': ['FeliCa消去', 'Clear FeliCa'],
    'felica-place-on-reader': ['リーダーに置く', 'Lay on reader'],
    'felica-wrong-handset': ['別の端末：置き直す', 'Wrong handset'],
    'felica-several-on-reader': ['1台だけ置く', 'Leave only one'],
    'felica-card-on-reader': ['カードを取り除く', 'Take card off'],
    'felica-clear-on-device': ['端末でFeliCa消去', 'Clear on device'],
    'felica-clear-failed': ['FeliCa消去できず', 'Clear failed'],
    'felica-clear-interrupted': ['FeliCa消去の中断', 'Clear cut short'],
    'felica-carrier-shop': ['キャリアショップへ', 'Carrier shop'],
    'felica-survey-inconclusive': ['置き直して再確認', 'Survey again'],
    'felica-reader-trouble': ['リーダーの異常', 'Reader trouble'],
    'reset-by-hand': ['手動で初期化', 'Reset by hand'],
    'unknown-reset-screen': ['手動で初期化', 'Reset by hand'],
    'confirm-first-boot-screen': ['初期画面を確認', 'Check screen'],
    'duplicate-imei': ['IMEI重複', 'Duplicate IMEI'],
    'handset-swapped': ['端末の入れ替わり', 'Swapped handset'],
    'handset-not-returning': ['端末が戻らない', 'Not returning'],
    'unsupported-handset': ['対象外の端末', 'Unsupported'],
    'iphone-trust': ['「信頼」をタップ', 'Tap Trust'],
    'iphone-trust-declined': ['挿し直して信頼', 'Trust declined'],
    'iphone-locked': ['ロックを解除', 'Unlock iPhone'],
    'iphone-not-unlocked': ['パスコード入力', 'Enter passcode'],
    'iphone-not-listed': ['解除して挿し直し', 'Unlock, replug'],
    'iphone-pairing-forbidden': ['MDMで接続禁止', 'MDM forbids'],
    'iphone-supervised': ['監視対象の端末', 'Supervised'],
    'find-my-guard': ['「探す」をオフ', 'Find My off'],
    'find-my-on': ['「探す」をオフ', 'Find My off'],
    'find-my-unknown': ['「探す」を確認', 'Check Find My'],
    'activation-locked': ['アクティベーションロック', 'Activation lock'],
    'erase-iphone-by-hand': ['手動で消去', 'Erase by hand'],
    'iphone-storage-closed': ['初期設定が必要', 'Set up first'],
    'host-trouble': ['PC側の障害', 'Host trouble'],
  };

/** One language of a table. */
export function pick<Key extends string>(
  table: Readonly<Record<Key, readonly [string, string]>>,
  language: 0 | 1,
): Readonly<Record<Key, string>> {
  const entries = Object.entries<readonly [string, string]>(table);
  return Object.fromEntries(entries.map(([key, words]) => [key, words[language]])) as Record<
    Key,
    string
  >;
}
