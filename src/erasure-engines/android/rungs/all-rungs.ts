import type { ResetMethod } from '../../../config.js';
import { broadcastRung } from './broadcast.js';
import type { Rung } from './rung.js';
import { settingsScreenRung } from './settings-screen.js';
import { testHarnessRung } from './test-harness.js';
import { tradeInRung } from './trade-in.js';

const RUNGS: readonly Rung[] = [tradeInRung, testHarnessRung, settingsScreenRung, broadcastRung];

/** The rung of a method; null for `person`, whom only a port light can ask. */
export function rungOf(method: ResetMethod): Rung | null {
  return RUNGS.find((rung) => rung.method === method) ?? null;
}
