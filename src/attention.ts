interface AttentionRow {
  readonly ja: string;
  readonly en: string;
  /** How the daemon learns that the person has done it. */
  readonly clears: 'by-itself' | 'confirm' | 'retry' | 'remove';
}

/**
 * Every reason why a person is needed, with the exact action. `by-itself`: the daemon sees it; `confirm` and
 * `retry`: the action of that name on the port; `remove`: take the handset out.
 */
export const ATTENTIONS = {
  'authorise-usb-debugging': {
    ja: '端末の画面に出ている「USBデバッグを許可しますか?」で「このパソコンから常に許可する」にチェックを入れ、「許可」を押してください。',
    en: 'On the handset, tick "Always allow from this computer" and tap Allow in the USB debugging dialog.',
    clears: 'by-itself',
  },
  'enable-usb-debugging': {
    ja: '端末のUSBデバッグがオフです。初期設定を最小限(Wi-Fi・アカウントなし)で進め、設定>端末情報>ビルド番号を7回押し、設定>システム>開発者向けオプション>USBデバッグをオンにしてください。',
    en: 'USB debugging is off. Walk through the set-up without Wi-Fi or account, tap Settings > About phone > Build number seven times, then switch on Settings > System > Developer options > USB debugging.',
    clears: 'by-itself',
  },
  'handset-offline': {
    ja: '端末が応答しません。ケーブルを抜き、5秒待ってから挿し直してください。',
    en: 'The handset does not answer. Unplug the cable, wait five seconds and plug it in again.',
    clears: 'by-itself',
  },
  'wrong-boot-mode': {
    ja: '端末がリカバリーまたはブートローダーで起動しています。電源ボタンを長押しして通常起動してください。',
    en: 'The handset is in recovery or bootloader mode. Hold the power button and boot it normally.',
    clears: 'by-itself',
  },
  'usb-permission': {
    ja: 'このパソコンに端末を開く権限がありません。udevルールを導入してください(systemd/README.md)。',
    en: 'This host may not open the handset. Install the udev rules (systemd/README.md).',
    clears: 'by-itself',
  },
  'account-present': {
    ja: '端末にアカウントが残っています。設定>アカウントからすべて削除(ログアウト)し、「再試行」を押してください。売主本人の操作が必要です。',
    en: 'An account is still signed in. Its owner must remove every account under Settings > Accounts, then press Retry.',
    clears: 'retry',
  },
  'frp-locked': {
    ja: '端末が盗難防止(FRP)でロックされています。売主が以前のアカウントで解除するまで消去できません。解除後に「再試行」、できなければ返却してください。',
    en: 'Factory reset protection is locked. The seller must unlock it with the former account, then press Retry; otherwise return the handset.',
    clears: 'retry',
  },
  'managed-device': {
    ja: '端末は会社などの管理下(MDM)にあります。管理者が登録を解除した後に「再試行」を押してください。',
    en: 'The handset is managed by an organisation (device owner or MDM). The administrator must release it, then press Retry.',
    clears: 'retry',
  },
  'reset-forbidden': {
    ja: '端末の設定で初期化が禁止されています(no_factory_reset)。管理アプリを解除し、「再試行」を押してください。',
    en: 'A restriction on the handset forbids a factory reset (no_factory_reset). Remove what sets it, then press Retry.',
    clears: 'retry',
  },
  'several-users': {
    ja: '端末に複数のユーザーまたは仕事用プロファイルがあります。削除してから「再試行」を押してください。',
    en: 'The handset has more than one user or a work profile. Remove them, then press Retry.',
    clears: 'retry',
  },
  'battery-low': {
    ja: '電池残量が不足しています。充電後に「再試行」を押してください。',
    en: 'The battery is too low to erase safely. Charge the handset, then press Retry.',
    clears: 'retry',
  },
  'jpki-declaration-missing': {
    ja: 'スマホ用電子証明書(マイナンバーカード)の失効または未登録の申告がありません。売主に確認し、「確認」を押してください。',
    en: 'There is no declaration that the smartphone certificate (JPKI) was revoked or never registered. Ask the seller, then press Confirm.',
    clears: 'confirm',
  },
  'sim-present': {
    ja: 'SIMカードが入っています。取り出してから「再試行」を押してください。',
    en: 'A SIM card is inserted. Take it out, then press Retry.',
    clears: 'retry',
  },
  'carrier-result-needed': {
    ja: 'ネットワーク利用制限の確認結果(○△×−)を各社のサイトで調べ、入力してから「再試行」を押してください。',
    en: 'Look up the network restriction mark of each carrier, enter it, then press Retry.',
    clears: 'retry',
  },
  'felica-clear-needed': {
    ja: 'FeliCa(おサイフケータイ)のチップがあります。初期化では消えません。設定>システム>リセット>おサイフケータイのメモリ消去、またはキャリアショップで消去し、「確認」を押してください。',
    en: 'The handset has a FeliCa chip, which a reset does not clear. Clear it under Settings > System > Reset, or at a carrier shop, then press Confirm.',
    clears: 'confirm',
  },
  'reset-by-hand': {
    ja: '自動で初期化できない機種です。端末で 設定>システム>リセット>すべてのデータを消去 を実行してください。完了は自動で検出します。',
    en: 'This handset cannot be reset from here. Run Settings > System > Reset > Erase all data on it; the daemon sees the result by itself.',
    clears: 'by-itself',
  },
  'unknown-reset-screen': {
    ja: '初期化画面が登録済みの手順と一致しません。端末で手動で初期化し、画面の文言を管理者へ知らせてください。',
    en: 'The reset screen matches no known recipe. Reset the handset by hand and report the wording on its screen.',
    clears: 'by-itself',
  },
  'confirm-first-boot-screen': {
    ja: '端末に最初の設定画面(ようこそ)が出ていることを目で確認し、「確認」を押してください。',
    en: 'Look at the handset: if it shows the first-boot welcome screen, press Confirm.',
    clears: 'confirm',
  },
  'duplicate-imei': {
    ja: '同じIMEIの端末が別のポートにあります。両方を取り出して確認してください。',
    en: 'Another port holds a handset with the same IMEI. Take both out and check them.',
    clears: 'remove',
  },
  'handset-swapped': {
    ja: '作業中に別の端末に入れ替わりました。この端末を取り出し、元の端末から再度始めてください。',
    en: 'A different handset was put in while the first was being worked on. Take it out and start again with the first one.',
    clears: 'remove',
  },
  'handset-not-returning': {
    ja: '端末が戻ってきません。電源とケーブルを確認し、「再試行」を押してください。',
    en: 'The handset did not come back. Check its power and cable, then press Retry.',
    clears: 'retry',
  },
  'unsupported-handset': {
    ja: 'この端末は現在の版では消去できません。手動処理の棚へ移してください。',
    en: 'This version cannot erase this handset. Move it to the manual lane.',
    clears: 'remove',
  },
  'host-trouble': {
    ja: 'このパソコン側の障害です。ポートのログのエラーコードを確認し、直した後に「再試行」を押してください。',
    en: 'The trouble is on this host. Look up the error code shown for the port, mend it, then press Retry.',
    clears: 'retry',
  },
} as const satisfies Record<string, AttentionRow>;

export type AttentionCode = keyof typeof ATTENTIONS;
