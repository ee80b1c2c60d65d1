export type LightColour = 'off' | 'white' | 'yellow' | 'blue' | 'green' | 'red' | 'red-yellow';
export type LightPattern = 'off' | 'solid' | 'slow' | 'fast' | 'double' | 'alternate' | 'triple';

interface LightRow {
  readonly colour: LightColour;
  readonly pattern: LightPattern;
  /** At most six characters, for small displays. */
  readonly ja: string;
  /** At most fourteen ASCII characters. */
  readonly en: string;
}

/**
 * Every light a port can show. Shape says more than colour: a solid light means that the handset may be pulled, and
 * green exists once. docs/lights.md says when each is shown; `light.ts` chooses.
 */
export const LIGHTS = {
  stale: { colour: 'yellow', pattern: 'triple', ja: '情報なし', en: 'STALE' },
  empty: { colour: 'off', pattern: 'off', ja: '空き', en: 'EMPTY' },
  held: { colour: 'white', pattern: 'slow', ja: '保留中', en: 'HELD' },
  detecting: { colour: 'white', pattern: 'fast', ja: '検出中', en: 'DETECTING' },
  identifying: { colour: 'white', pattern: 'fast', ja: '識別中', en: 'IDENTIFYING' },
  working: { colour: 'blue', pattern: 'slow', ja: '作業中', en: 'DO NOT UNPLUG' },
  stopping: { colour: 'blue', pattern: 'fast', ja: '中止処理中', en: 'STOPPING' },
  'to-reader': { colour: 'white', pattern: 'double', ja: 'リーダーへ', en: 'TO READER' },
  act: { colour: 'yellow', pattern: 'double', ja: '要操作', en: 'ACT' },
  remove: { colour: 'yellow', pattern: 'double', ja: '取り外し', en: 'REMOVE' },
  locked: { colour: 'red', pattern: 'double', ja: 'ロック', en: 'LOCKED' },
  'rack-fault': { colour: 'red-yellow', pattern: 'alternate', ja: '設備異常', en: 'RACK FAULT' },
  passed: { colour: 'green', pattern: 'solid', ja: '合格', en: 'PASSED' },
  check: { colour: 'yellow', pattern: 'solid', ja: '要確認', en: 'CHECK' },
  'check-failed': { colour: 'red', pattern: 'solid', ja: '要確認', en: 'CHECK' },
  quarantine: { colour: 'red', pattern: 'solid', ja: '隔離', en: 'QUARANTINE' },
  'quarantine-erased': { colour: 'red', pattern: 'double', ja: '隔離', en: 'QUARANTINE' },
  destroy: { colour: 'red', pattern: 'solid', ja: '破壊処分', en: 'DESTROY' },
  return: { colour: 'red', pattern: 'double', ja: '返却', en: 'RETURN' },
} as const satisfies Record<string, LightRow>;

export type LightName = keyof typeof LIGHTS;
export const LIGHT_NAMES = Object.keys(LIGHTS) as [LightName, ...LightName[]];
