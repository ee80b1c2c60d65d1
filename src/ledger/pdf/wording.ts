import type { Certificate } from '../certificate-schema.js';
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

export const LANE_WORDS: Readonly<Record<Lane, string>> = {
  release: '出荷可  release',
  attention: '要確認  attention',
  quarantine: '隔離  quarantine',
  destroy: '物理破壊  destroy',
  return: '返却  return',
};

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

export function byteCount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const exact = `${bytes.toLocaleString('en-US')} B`;
  if (step === 0) return exact;
  const short = (bytes / 1024 ** step).toFixed(1).replace(/\.0$/, '');
  return `${short} ${units[step]} (${exact})`;
}
