interface AttentionRow {
  readonly ja: string;
  readonly en: string;
  /** How the daemon learns that the person has done it. */
  readonly clears: 'by-itself' | 'confirm' | 'retry' | 'remove';
}

/**
 * Every reason why a person is needed, with the exact action. `by-itself`: the daemon sees it; `confirm` and
 * `retry`: the action of that name on the port; `remove`: take the handset out. {reader} in the words stands for the number
 * of the reader that serves the port.
 */
export const ATTENTIONS = {
  'authorise-usb-debugging': {
    ja: '端末に「USBデバッグを許可しますか？」と表示されています。「このパソコンからのUSBデバッグを常に許可する」にチェックを入れ、「許可」をタップしてください。',
    en: 'On the handset, tick "Always allow from this computer" and tap Allow in the USB debugging dialog.',
    clears: 'by-itself',
  },
  'enable-usb-debugging': {
    ja: 'USBデバッグがオフになっています。初期設定の画面なら、Wi-Fiとアカウントはスキップして最後まで進めてください。次に、設定>デバイス情報(端末情報)>「ビルド番号」を7回タップし、設定>システム>開発者向けオプション>「USBデバッグ」をオンにしてください。',
    en: 'USB debugging is off. Walk through the set-up without Wi-Fi or account, tap Settings > About phone > Build number seven times, then switch on Settings > System > Developer options > USB debugging.',
    clears: 'by-itself',
  },
  'handset-offline': {
    ja: '端末が応答しません。ケーブルを抜き、5秒待ってから挿し直してください。',
    en: 'The handset does not answer. Unplug the cable, wait five seconds and plug it in again.',
    clears: 'by-itself',
  },
  'wrong-boot-mode': {
    ja: '端末がリカバリーモードかブートローダー(Fastboot)で起動しています。電源ボタンを長押しして、通常どおりに起動し直してください。',
    en: 'The handset is in recovery or bootloader mode. Hold the power button and boot it normally.',
    clears: 'by-itself',
  },
  'usb-permission': {
    ja: 'このパソコンに、端末へ接続する権限がありません。管理者に連絡し、udevルールを設定してもらってください(docs/operations.md)。',
    en: 'This host may not open the handset. Install the udev rules (docs/operations.md).',
    clears: 'by-itself',
  },
  'account-present': {
    ja: '端末にアカウントが残っています。売主本人に、設定>「パスワードとアカウント」(または「アカウント」)からすべてのアカウントを削除してもらい、「再試行」を押してください。',
    en: 'An account is still signed in. Its owner must remove every account under Settings > Accounts, then press Retry.',
    clears: 'retry',
  },
  'frp-locked': {
    ja: '端末がGoogleの初期化保護(FRP)でロックされています。売主が以前のアカウントで解除するまで消去できません。解除できたら「再試行」を押し、できなければ売主に返却してください。',
    en: 'Factory reset protection is locked. The seller must unlock it with the former account, then press Retry; otherwise return the handset.',
    clears: 'retry',
  },
  'managed-device': {
    ja: '会社や学校などの管理(MDM)が残っている端末です。管理者に登録を解除してもらい、「再試行」を押してください。',
    en: 'The handset is managed by an organisation (device owner or MDM). The administrator must release it, then press Retry.',
    clears: 'retry',
  },
  'reset-forbidden': {
    ja: '端末側の制限(no_factory_reset)で初期化が禁止されています。制限をかけているアプリや管理設定を解除し、「再試行」を押してください。',
    en: 'A restriction on the handset forbids a factory reset (no_factory_reset). Remove what sets it, then press Retry.',
    clears: 'retry',
  },
  'several-users': {
    ja: '端末に別のユーザーまたは仕事用プロファイルが残っています。削除してから「再試行」を押してください。',
    en: 'The handset has more than one user or a work profile. Remove them, then press Retry.',
    clears: 'retry',
  },
  'battery-low': {
    ja: '電池残量が足りません。充電してから「再試行」を押してください。',
    en: 'The battery is too low to erase safely. Charge the handset, then press Retry.',
    clears: 'retry',
  },
  'jpki-declaration-missing': {
    ja: 'スマホ用電子証明書(マイナンバーカード)について、「失効済み」か「登録なし」かの申告がありません。売主に確認し、どちらかを選んで「確認」を押してください。',
    en: 'There is no declaration that the smartphone certificate (JPKI) was revoked or never registered. Ask the seller, choose the answer and press Confirm.',
    clears: 'confirm',
  },
  'sim-present': {
    ja: 'SIMカードが入ったままです。抜き取ってから「再試行」を押してください。',
    en: 'A SIM card is inserted. Take it out, then press Retry.',
    clears: 'retry',
  },
  'carrier-result-needed': {
    ja: '各キャリアの確認サイトでネットワーク利用制限の判定(○・△・×・－)を調べ、入力して「確認」を押してください。',
    en: 'Look up the network restriction mark of each carrier, enter the marks and press Confirm.',
    clears: 'confirm',
  },
  'restriction-found': {
    ja: '利用制限の判定により、消去の前に止めました。このまま消去するなら「確認」を押してください。消去しないなら端末を取り外してください。',
    en: 'Stopped before erasing because of a network restriction mark. To erase it all the same, press Confirm; otherwise take the handset out.',
    clears: 'confirm',
  },
  'imei-not-usable': {
    ja: '端末が示したIMEIは、試験用か、ありえない番号です。端末の表示(*#06#)とラベルを確かめ、それでも消去するなら「確認」を押してください。',
    en: 'The handset told a test IMEI or one that cannot be. Compare its display (*#06#) with its label; to erase it all the same, press Confirm.',
    clears: 'confirm',
  },
  'imei-seen-before': {
    ja: '同じIMEIの端末を以前に扱っています。同じ端末かどうかを確かめ、続けてよければ「確認」を押してください。',
    en: 'A handset with this IMEI was worked on before. Check whether it is the same one; if the work may go on, press Confirm.',
    clears: 'confirm',
  },
  'felica-clear-needed': {
    ja: 'おサイフケータイ(FeliCa)のICチップを搭載した端末です。チップ内のデータは初期化では消えません。設定>システム>リセット にある「おサイフケータイ対応サービスのデータを消去」を実行するか、キャリアショップで消去してから「確認」を押してください。',
    en: 'The handset has a FeliCa chip, which a reset does not clear. Clear it under Settings > System > Reset, or at a carrier shop, then press Confirm.',
    clears: 'confirm',
  },
  'felica-place-on-reader': {
    ja: 'この端末を、FeliCaリーダー{reader}の上に1台だけ置いてください。NFCをオンにし、ICカードロックを解除しておきます。ケーブルは挿したままで構いません。リーダーがチップを見つけると自動で続行します。',
    en: 'Lay this handset on FeliCa reader {reader}, alone, with NFC on and the IC card lock off. The cable may stay in. The daemon goes on by itself as soon as the reader sees the chip.',
    clears: 'by-itself',
  },
  'felica-wrong-handset': {
    ja: 'FeliCaリーダー{reader}に置かれているのは、このポートの端末ではありません。取り除き、このポートの端末を置いてください。',
    en: 'The handset on FeliCa reader {reader} is not the one of this port. Take it off and lay the right one there.',
    clears: 'by-itself',
  },
  'felica-several-on-reader': {
    ja: 'FeliCaリーダー{reader}の上に複数の端末またはカードがあります。このポートの端末だけを置いてください。',
    en: 'More than one handset or card lies on FeliCa reader {reader}. Leave only the handset of this port there.',
    clears: 'by-itself',
  },
  'felica-card-on-reader': {
    ja: 'FeliCaリーダー{reader}の上にあるのは端末ではなくカードです。カード(端末ケースの中のカードも)を取り除き、このポートの端末を置いてください。',
    en: 'What lies on FeliCa reader {reader} is a card, not a handset. Take it off (look into the case of the handset too) and lay the handset of this port there.',
    clears: 'by-itself',
  },
  'felica-clear-on-device': {
    ja: '端末をFeliCaリーダー{reader}から離し、端末で 設定>システム>リセット>「おサイフケータイ対応サービスのデータを消去」(機種により「おサイフケータイのデータを完全に消去」)を開き、規約に同意して最後まで進めてください。Wi-Fiなどの通信が必要です。「データ消去完了」または「初期状態になっています」と表示されたら、端末をFeliCaリーダー{reader}に戻してください。',
    en: 'Take the handset off FeliCa reader {reader}. On it, open Settings > System > Reset > 「おサイフケータイ対応サービスのデータを消去」 (on some models 「おサイフケータイのデータを完全に消去」), agree to the terms and go through to the end; it needs a network. When it shows 「データ消去完了」 or 「初期状態になっています」, lay the handset on FeliCa reader {reader} again.',
    clears: 'by-itself',
  },
  'felica-clear-failed': {
    ja: 'FeliCaチップを消去できませんでした。ポートの記録(felica-cleared-by)にある理由(ロック、通信、ライセンス、残っているカードなど)を取り除き、「再試行」を押してください。',
    en: 'The FeliCa chip could not be cleared. Remove the reason that the run names under felica-cleared-by (lock, network, licence, cards that remain), then press Retry.',
    clears: 'retry',
  },
  'felica-clear-interrupted': {
    ja: 'FeliCaチップの消去が途中で止まっています。この端末は、消去が完了するまで出荷できません。通信を確かめ、「再試行」を押して、消去をやり直してください。',
    en: 'A clear of the FeliCa chip began and did not end. The handset may not leave before it has. Check the network, then press Retry to clear it again.',
    clears: 'retry',
  },
  'felica-carrier-shop': {
    ja: 'FeliCaチップにデータが残っていて、この装置からは消去できません。端末を取り外して別に置き、キャリアショップなどで消去してもらったあと、もう一度ポートに挿してください。',
    en: 'The FeliCa chip holds data that cannot be cleared from here. Take the handset out and set it aside; once a carrier shop has cleared it, plug it in again.',
    clears: 'remove',
  },
  'felica-survey-inconclusive': {
    ja: 'FeliCaチップの確認が最後まで行えませんでした。端末の位置を直し、ケースや金属を外し、動かさずに置いて「再試行」を押してください。',
    en: 'The survey of the FeliCa chip came to no result. Move the handset, take off its case and any metal, let it lie still, then press Retry.',
    clears: 'retry',
  },
  'felica-reader-trouble': {
    ja: 'FeliCaリーダー{reader}が使えません。USBケーブルを挿し直し、ほかのソフトウェアが使っていないか確かめてください。直ると自動で続行します。',
    en: 'FeliCa reader {reader} cannot be used. Plug its cable in again and check that no other software holds it. The daemon goes on by itself.',
    clears: 'by-itself',
  },
  'reset-by-hand': {
    ja: 'この端末は自動では初期化できません。端末で 設定>システム>リセット オプション>「すべてのデータを消去」を実行してください。初期化が終わると自動で検出します。',
    en: 'This handset cannot be reset from here. Run Settings > System > Reset > Erase all data on it; the daemon sees the result by itself.',
    clears: 'by-itself',
  },
  'unknown-reset-screen': {
    ja: '初期化画面が登録済みの手順と違うため、自動操作を止めました。端末を手で操作して初期化し、画面に出ている文言を管理者に知らせてください。',
    en: 'The reset screen matches no known recipe. Reset the handset by hand and report the wording on its screen.',
    clears: 'by-itself',
  },
  'confirm-first-boot-screen': {
    ja: '端末の画面を見てください。初期設定の最初の画面(「ようこそ」など)が出ていれば「確認」を押してください。',
    en: 'Look at the handset: if it shows the first-boot welcome screen, press Confirm.',
    clears: 'confirm',
  },
  'duplicate-imei': {
    ja: '同じIMEIの端末が別のポートにもつながっています。両方とも取り外し、端末を確かめてください。',
    en: 'Another port holds a handset with the same IMEI. Take both out and check them.',
    clears: 'remove',
  },
  'handset-swapped': {
    ja: '作業の途中で別の端末に入れ替わりました。この端末を取り外し、元の端末からやり直してください。',
    en: 'A different handset was put in while the first was being worked on. Take it out and start again with the first one.',
    clears: 'remove',
  },
  'handset-not-returning': {
    ja: '端末が戻ってきません。電源が入っているか、ケーブルが抜けていないかを確かめ、「再試行」を押してください。',
    en: 'The handset did not come back. Check its power and cable, then press Retry.',
    clears: 'retry',
  },
  'unsupported-handset': {
    ja: 'この端末は、今のバージョンでは消去できません。取り外して、手作業の置き場へ移してください。',
    en: 'This version cannot erase this handset. Move it to the manual lane.',
    clears: 'remove',
  },
  'iphone-trust': {
    ja: 'iPhoneの画面に「このコンピュータを信頼しますか？」と表示されています。「信頼」をタップし、パスコードを入力してください。表示されていないときは、画面のロックを解除してください。',
    en: 'The iPhone asks "Trust This Computer?": tap Trust and enter its passcode. If it shows nothing, unlock its screen.',
    clears: 'by-itself',
  },
  'iphone-trust-declined': {
    ja: 'iPhoneで「信頼しない」が選ばれました。ケーブルを抜いて挿し直し、「信頼」をタップしてパスコードを入力してください。',
    en: 'Trust was declined on the iPhone. Unplug the cable, plug it in again, tap Trust and enter the passcode.',
    clears: 'by-itself',
  },
  'iphone-locked': {
    ja: 'iPhoneがロックされています。パスコードを入力してロックを解除し、作業が始まるまで画面をつけたままにしてください。',
    en: 'The iPhone is locked. Enter its passcode and keep the screen on until the work begins.',
    clears: 'by-itself',
  },
  'iphone-not-unlocked': {
    ja: 'iPhoneは、起動してから一度もロックが解除されていません。パスコードを入力してロックを解除してください。',
    en: 'The iPhone was not unlocked since it started. Enter its passcode once.',
    clears: 'by-itself',
  },
  'iphone-not-listed': {
    ja: 'iPhoneがつながっていますが、応答しません。ロックを解除してから、ケーブルを挿し直してください。リカバリーモード(ケーブルとパソコンの絵)の場合は、再起動してください。',
    en: 'An iPhone is connected and does not answer. Unlock it and plug it in again; if it shows a cable and a computer (recovery mode), restart it.',
    clears: 'by-itself',
  },
  'iphone-pairing-forbidden': {
    ja: 'このiPhoneは、管理(MDM)の設定によりパソコンとの接続が禁止されています。管理者に登録を解除してもらい、ケーブルを挿し直してください。',
    en: 'The management of this iPhone forbids it to connect to a computer. Its administrator must release it; then plug it in again.',
    clears: 'by-itself',
  },
  'iphone-supervised': {
    ja: 'このiPhoneは会社や学校の監視対象で、決められたパソコンとしか接続できません。管理者に監視を解除してもらい、ケーブルを挿し直してください。',
    en: 'This iPhone is supervised and connects only to its supervisor. The administrator must release it; then plug it in again.',
    clears: 'by-itself',
  },
  'find-my-guard': {
    ja: '「探す」の保護により、iPhoneが接続を拒みました。売主本人に 設定>[名前]>「探す」>「iPhoneを探す」をオフにしてもらい、ケーブルを挿し直してください。',
    en: 'Find My guards this iPhone and refuses the connection. Its owner must switch off Settings > [name] > Find My > Find My iPhone; then plug it in again.',
    clears: 'by-itself',
  },
  'find-my-on': {
    ja: '「iPhoneを探す」がオンです。売主本人に 設定>[名前]>「探す」>「iPhoneを探す」をオフにし、サインアウトしてもらってから、「再試行」を押してください。',
    en: 'Find My iPhone is on. Its owner must switch it off under Settings > [name] > Find My and sign out, then press Retry.',
    clears: 'retry',
  },
  'find-my-unknown': {
    ja: '「iPhoneを探す」がオンかオフかを、端末から読み取れませんでした。端末の 設定>[名前]>「探す」でオフであることを確かめ、ロックを解除したまま「再試行」を押してください。',
    en: 'Whether Find My iPhone is on could not be read. Check on the handset that it is off, leave it unlocked and press Retry.',
    clears: 'retry',
  },
  'activation-locked': {
    ja: 'アクティベーションロックがかかっています。前の持ち主のApple Accountで解除してもらい、「再試行」を押してください。解除できない端末は返却してください。',
    en: 'The iPhone is activation locked. The former owner must release it with the Apple Account, then press Retry; otherwise return the handset.',
    clears: 'retry',
  },
  'erase-iphone-by-hand': {
    ja: 'このiPhoneは自動では消去できません。設定>一般>「転送またはiPhoneをリセット」>「すべてのコンテンツと設定を消去」を実行し、eSIMも消去してください。消去が終わると自動で検出します。',
    en: 'This iPhone cannot be erased from here. Run Settings > General > Transfer or Reset iPhone > Erase All Content and Settings on it, the eSIM included; the daemon sees the result by itself.',
    clears: 'by-itself',
  },
  'iphone-storage-closed': {
    ja: 'このiPhoneは今の状態ではファイルの書き込みを受け付けないため、上書き消去ができません。初期設定(アクティベーション)を済ませてから「再試行」を押してください。できない端末は取り外して管理者に渡してください。',
    en: 'In its present state this iPhone takes no files, so its free storage cannot be overwritten. Set it up (activate it) and press Retry; if that is not possible, hand it to the administrator.',
    clears: 'retry',
  },
  'host-trouble': {
    ja: 'このパソコン側の障害です。ポートに表示されたエラーコードを管理者に伝え、復旧してから「再試行」を押してください。',
    en: 'The trouble is on this host. Look up the error code shown for the port, mend it, then press Retry.',
    clears: 'retry',
  },
} as const satisfies Record<string, AttentionRow>;

export type AttentionCode = keyof typeof ATTENTIONS;
