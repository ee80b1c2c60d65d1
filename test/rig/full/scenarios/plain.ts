import { setTimeout as delay } from 'node:timers/promises';
import { type DemoHandset, FLEET } from '../../../../src/cli/demo/fleet.js';
import { plugAll, type Scenario, shown } from '../scenario.js';

/** A person needs about this long for the next handset. */
const HAND_MS = 300;

function everyKind(index: number): DemoHandset {
  const plan = FLEET[index % FLEET.length];
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
