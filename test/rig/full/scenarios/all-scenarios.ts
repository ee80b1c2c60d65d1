import type { Scenario } from '../scenario.js';
import { hubPulled, portPowerCut, powerFailure } from './disturbed.js';
import { allAtOnce, oneByOne } from './plain.js';
import { soakScenario } from './soak.js';
import { sameSerial, swappedDuringReset } from './strangers.js';

/** What "all" stands for: each ends when its handsets have. */
export const SCENARIOS: readonly Scenario[] = [
  allAtOnce,
  oneByOne,
  hubPulled,
  swappedDuringReset,
  portPowerCut,
  sameSerial,
  powerFailure,
];

export const SOAK = soakScenario();
