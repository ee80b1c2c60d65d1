import type { DemoAndroid } from '../../../../src/cli/demo/demo-handset.js';
import { SimulatedHandset } from '../../../../src/simulator/android/handset.js';
import { IN_USE, plugAll, type Scenario } from '../scenario.js';

const SWAPPED: DemoAndroid = {
  ...IN_USE,
  story: 'another handset stands in its place after the reset',
  expected: { verdict: 'inconclusive' },
};

export const swappedDuringReset: Scenario = {
  name: 'swapped-during-reset',
  about: 'two handsets are swapped for others while they reboot',
  plan: (index) => (index < 2 ? SWAPPED : IN_USE),
  play: async (rig) => {
    const swaps = rig.standing.filter(({ plan }) => plan === SWAPPED);
    const strangers = await Promise.all(
      swaps.map(({ port }) => rig.make({ ...IN_USE.spec, serial: `STRANGER${port}` })),
    );
    plugAll(rig);
    // Only now: plugging in counts as a boot.
    for (const [index, { usbPath }] of swaps.entries()) {
      const stranger = strangers[index];
      if (stranger) rig.rack.swapAtNextBoot(usbPath, stranger);
    }
  },
  check: (rig) =>
    rig.standing
      .filter(({ plan }) => plan === SWAPPED)
      .flatMap(({ port, usbPath }) => {
        const there = rig.rack.at(usbPath);
        const resets = there instanceof SimulatedHandset ? there.resets : undefined;
        return resets === 0 ? [] : [`the stranger in ${port} was reset: ${resets}`];
      }),
};

const TWIN = '0123456789ABCDEF';
const TWINS: DemoAndroid = {
  ...IN_USE,
  story: 'has the serial of another handset in the rack',
  spec: {
    ...IN_USE.spec,
    usbSerial: TWIN,
    oddProperties: { 'ro.serialno': TWIN, 'ro.boot.serialno': TWIN },
  },
};

export const sameSerial: Scenario = {
  name: 'same-serial',
  about: 'the first two handsets have one serial, the third and fourth have none',
  plan: (index) => {
    if (index < 2) return TWINS;
    return index < 4
      ? { ...IN_USE, story: 'has no serial', spec: { ...IN_USE.spec, usbSerial: null } }
      : IN_USE;
  },
  play: async (rig) => plugAll(rig),
};
