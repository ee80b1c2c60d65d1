import type { Both, Certificate } from '../certificate-schema.js';
import type { Lane, Verdict } from '../entry.js';

export interface VerdictLook {
  readonly ja: string;
  readonly en: string;
  readonly colour: string;
  readonly pale: string;
}

export const VERDICT_LOOK: Readonly<Record<Verdict, VerdictLook>> = {
  passed: { ja: '合格', en: 'PASSED', colour: '#0B6B4B', pale: '#E9F5F0' },
  failed: { ja: '不合格', en: 'FAILED', colour: '#A3161F', pale: '#FBECEC' },
  inconclusive: { ja: '未確定', en: 'INCONCLUSIVE', colour: '#8A5A00', pale: '#FBF3E2' },
};

export const LANE_WORDS: Readonly<Record<Lane, Both>> = {
  release: { ja: '出荷', en: 'release' },
  attention: { ja: '要確認', en: 'attention' },
  quarantine: { ja: '隔離', en: 'quarantine' },
  destroy: { ja: '物理破壊', en: 'destroy' },
  return: { ja: '返却', en: 'return' },
};

const HELD = { ja: '出荷保留', en: 'ON HOLD', colour: '#8A5A00', pale: '#FBF3E2' };
const KEPT = { ja: '出荷不可', en: 'DO NOT SHIP', colour: '#A3161F', pale: '#FBECEC' };

/** Whether the handset may leave, as loud as the verdict: one that was erased need not be fit to be sold. */
export function shippingLook(verdict: Verdict, lane: Lane): VerdictLook {
  if (verdict === 'passed' && lane === 'release')
    return { ...VERDICT_LOOK.passed, ja: '出荷可', en: 'MAY SHIP' };
  const look = verdict === 'passed' && lane === 'attention' ? HELD : KEPT;
  const way = LANE_WORDS[lane];
  return { ...look, ja: `${look.ja}・${way.ja}`, en: `${look.en} (${way.en.toUpperCase()})` };
}

/** Where no carrier gave any word. */
export const CARRIER_STATUS: Readonly<Record<Certificate['carrierChecks']['status'], string>> = {
  checked: '確認 checked',
  incomplete: '一部不明 incomplete',
  'not-checked': '未確認 not checked',
  'not-applicable': '対象外 not applicable',
};

/** `2026-11-20 10:41:07 JST`, from ISO 8601. Text that is no time is shown as it is. */
export function japanTime(iso: string): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return iso;
  const shifted = new Date(time + 9 * 3_600_000).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} JST`;
}
