import type { Condition } from '../../devices/sighting.js';
import type { PortView } from '../view.js';

export interface PowerCycleRules {
  readonly policy: 'never' | 'stuck-handsets';
  /** How long a handset must show the same stuck condition, in milliseconds. */
  readonly stuckMs: number;
  /** The most cycles of one port within an hour. */
  readonly perHour: number;
}

/** On the bus, and nobody can speak with it: what a new plugging in often ends. */
const STUCK: readonly Condition[] = ['adb:offline', 'adb:connecting', 'usb:adb'];
const HOUR_MS = 3_600_000;

/** What is known of a port, as far as its power depends on it. */
export type PowerFacts = Pick<PortView, 'state' | 'since' | 'condition' | 'held' | 'attention'>;

/**
 * Whether the power of an opening should be taken away for a moment now. Pure. Never while anything is done to a handset: only where a
 * port cannot begin, or has asked a person for nothing but a new plugging in. Any other attention may read the absence as the
 * handset being taken out. `cycles` are the times of earlier ones.
 */
export function powerCycleDue(
  { state, since, condition, held, attention }: PowerFacts,
  cycles: readonly number[],
  now: number,
  rules: PowerCycleRules,
): boolean {
  if (rules.policy === 'never' || held || condition === null) return false;
  const waits = state === 'attention' && attention?.code === 'handset-offline';
  if (state !== 'unready' && !waits) return false;
  if (!STUCK.includes(condition)) return false;
  const last = cycles.at(-1) ?? 0;
  if (now - Math.max(Date.parse(since), last) < rules.stuckMs) return false;
  return cycles.filter((at) => now - at < HOUR_MS).length < rules.perHour;
}
