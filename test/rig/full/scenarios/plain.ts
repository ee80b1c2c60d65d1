import { setTimeout as delay } from 'node:timers/promises';
import { ANDROIDS } from '../../../../src/cli/demo/android-fleet.js';
import type { DemoAndroid } from '../../../../src/cli/demo/demo-handset.js';
import { plugAll, type Scenario, shown } from '../scenario.js';

/** A person needs about this long for the next handset. */
const HAND_MS = 300;

function everyKind(index: number): DemoAndroid {
  const plan = ANDROIDS[index % ANDROIDS.length];
  if (!plan) throw new Error('an empty fleet');
  return plan;
}

export const allAtOnce: Scenario = {
  name: 'all-at-once',
  about: 'every kind of handset of the demo, all plugged in at the same moment',
  plan: everyKind,
  play: async (rig) => plugAll(rig),
};

export const oneByOne: Scenario = {
  name: 'one-by-one',
  about: 'plugged in one after the other, each when the one before is seen',
  plan: everyKind,
  play: async (rig) => {
    for (const one of rig.standing) {
      rig.plug(one);
      const { port } = one;
      await rig.until(`${port} is seen`, (view) => shown(view, port)?.state !== 'empty', 60);
      await delay(HAND_MS);
    }
  },
};
