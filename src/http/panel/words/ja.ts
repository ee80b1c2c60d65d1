import { pick, SHORT_ATTENTIONS } from './attentions.js';
import { ERRORS_JA } from './errors-ja.js';
import { EVIDENCE_JA } from './evidence-ja.js';
import { TERMS } from './terms.js';
import type { Words } from './words.js';

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))}秒`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}分`;
  const rest = minutes % 60;
  return rest === 0
    ? `${Math.floor(minutes / 60)}時間`
    : `${Math.floor(minutes / 60)}時間${rest}分`;
}

export const ja: Words = {
  nav: { rack: 'ラック', history: '履歴', system: '設備', fleet: '全ラック' },
  skip: '本文へ移動',
  theme: { auto: '自動', light: '明', dark: '暗' },
  otherLanguage: 'English',
  by: '担当者',
  byHint: '記録に残る名前',
  stale: {
    title: '情報なし',
    detail:
      'ラックと通信できません。この画面の表示を信用しないでください。ランプと端末を直接確かめてください。',
    never: '応答がまだありません',
    ago: (time) => `最後の応答：${time}前`,
  },
  starting: 'ラックに接続しています…',
  filters: {
    all: 'すべて',
    act: '要対応',
    working: '作業中',
    release: '出荷可',
    attention: '要確認',
    quarantine: '隔離',
    destroy: '物理破壊',
    return: '返却',
    empty: '空き',
  },
  filterLabel: '表示の絞り込み',
  rackLabel: 'ポート一覧',
  toDo: '対応してください',
  nothingToDo: '対応が必要なポートはありません。',
  lanes: {
    release: '出荷可',
    attention: '要確認',
    quarantine: '隔離',
    destroy: '物理破壊',
    return: '返却',
  },
  laneMeans: {
    release: '出荷棚へ運んでください。',
    attention: '責任者が確認するまで、要確認の棚に置いてください。',
    quarantine: '隔離棚へ運んでください。販売できません。',
    destroy: '物理破壊へ回してください。',
    return: '売主への返却棚へ運んでください。',
  },
  verdicts: { passed: '合格', failed: '不合格', inconclusive: '未確定' },
  stages: {
    identify: '識別',
    'carrier-check': '利用制限の照会',
    'reset-delete': '初期化',
    'overwrite-erase': '上書き消去',
    'felica-clear': 'FeliCa消去',
    verify: '検証',
  },
  states: {
    empty: '空き',
    unready: '準備待ち',
    opening: '受付中',
    working: '作業中',
    attention: '要対応',
    aborting: '中止処理中',
    settled: '終了',
  },
  actions: {
    retry: '再試行',
    abort: '中止',
    hold: '保留にする',
    release: '保留を解除',
    blink: 'ランプを点滅',
    confirm: '確認',
  },
  actionMeans: {
    retry: '同じ端末で作業をやり直します。',
    abort: '作業を止めて終わらせます。',
    hold: 'このポートで新しい作業を始めないようにします。',
    release: 'このポートで作業を始められるようにします。',
    blink: 'このポートのランプを15秒間点滅させます。',
    confirm: '内容を確かめて、作業を続けます。',
  },
  shortAttention: pick(SHORT_ATTENTIONS, 0),
  workOrders: { cable: 'ケーブル交換', port: '差込口の点検' },
  errors: ERRORS_JA,
  carriers: {
    docomo: 'ドコモ',
    kddi: 'KDDI',
    softbank: 'ソフトバンク',
    rakuten: '楽天モバイル',
    mineo: 'mineo',
  },
  marks: { circle: '○', triangle: '△', cross: '×', dash: '－', unknown: '不明' },
  options: {
    revoked: '失効済み',
    'never-registered': '登録なし',
    cleared: 'FeliCaを消去しました',
    'first-boot': '初期設定の最初の画面が出ています',
    'go-on': '確かめました。続けます',
  },
  evidence: EVIDENCE_JA,
  outcomes: { done: '完了', attention: '要対応', failed: '失敗', again: 'やり直し' },
  queues: { 'carrier-desk': 'キャリア照会' },
  roles: {
    viewer: '閲覧者',
    operator: '作業者',
    verifier: '検証者',
    supervisor: '責任者',
    integration: '連携',
    admin: '管理者',
  },
  validation: {
    waiting: 'この作業に関わっていない人の検証を待っています。',
    accepted: '承認済み',
    rejected: '却下。隔離の棚に移してください。',
  },
  breaker: {
    closed: '照会中',
    'half-open': '試験照会待ち',
    open: '一時停止',
    parked: '停止：人の確認待ち',
  },
  waiting: (what, ahead) => `${what}待ち ${ahead === 0 ? '次の番' : `前に${ahead}台`}`,
  left: (time) => `残り約${time}`,
  since: (time) => `${time}経過`,
  attempt: (n) => `${n}回目`,
  duration,
  terms: TERMS.ja,
};
