import type { HandsetIdentity } from '../../handset.js';

/** The families that handsets are counted by. Few and fixed: a model's name is the handset's own word. */
export const FAMILIES = [
  'iphone',
  'pixel',
  'galaxy',
  'xperia',
  'aquos',
  'arrows',
  'oppo',
  'xiaomi',
  'other',
] as const;
export type Family = (typeof FAMILIES)[number];
export type Os = 'ios' | 'android' | 'unknown';

const BY_MAKER: readonly (readonly [RegExp, Family])[] = [
  [/^google$/i, 'pixel'],
  [/^samsung$/i, 'galaxy'],
  [/^sony/i, 'xperia'],
  [/^sharp$/i, 'aquos'],
  [/^(?:fujitsu|fcnt)/i, 'arrows'],
  [/^oppo$/i, 'oppo'],
  [/^(?:xiaomi|redmi|poco)$/i, 'xiaomi'],
];

/** What a handset is counted as. Pure; `other` for a maker that is not in the list and for none. */
export function familyOf(identity: HandsetIdentity | null): Family {
  if (identity?.platform === 'apple') return 'iphone';
  const maker = identity?.manufacturer ?? '';
  return BY_MAKER.find(([pattern]) => pattern.test(maker))?.[1] ?? 'other';
}

/** `unknown` until the handset was identified. */
export function osOf(identity: HandsetIdentity | null): Os {
  if (!identity) return 'unknown';
  return identity.platform === 'apple' ? 'ios' : 'android';
}

/** Every pair of os and family that can come together. */
export const FAMILY_PAIRS: readonly (readonly [Os, Family])[] = [
  ['unknown', 'other'],
  ['ios', 'iphone'],
  ...FAMILIES.filter((family) => family !== 'iphone').map((family) => ['android', family] as const),
];
