import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { UsbPath } from '../../../src/handset.js';
import { noFaults } from '../../../src/simulator/android/faults.js';
import { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import type { HandsetSpec } from '../../../src/simulator/android/handset-spec.js';
import { SystemRoots } from '../../../src/simulator/android/system-root.js';
import { buildRig } from './build-rig.js';
import { RigHost } from './rig-host.js';
import { UmockRack } from './umock-rack.js';
import { type Carried, UsbCarrier } from './usb-carrier.js';

const MIB = 1024 * 1024;
const QUICK = { bootMs: 300, settleMs: 30, leaveMs: 20 };

export interface RigUnderTest {
  readonly rack: UmockRack;
  readonly host: RigHost;
  /** A handset that is on, without a cable, and lets this host debug unless the spec says otherwise. */
  handset(spec?: Partial<HandsetSpec>): Promise<SimulatedHandset>;
  plug(usbPath: UsbPath, handset: Carried): Promise<UsbCarrier>;
}

/**
 * An emulated bus with a hub at 1-1, and the product's devices part on it; all gone when the test ends. `before` is
 * done to the bus before that part starts.
 */
export async function rigUnderTest(
  t: Test,
  before: (rack: UmockRack) => Promise<void> = async () => undefined,
): Promise<RigUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-rig-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { rackProgram, preload } = await buildRig();
  const rack = await UmockRack.start(rackProgram, folder);
  t.teardown(() => rack.stop());
  await rack.hub('1-1');
  await before(rack);
  const env = { UMOCKDEV_DIR: rack.root, LD_PRELOAD: preload };
  const host = await RigHost.start(env, path.join(folder, 'adb'));
  // Before the rack: programs that see the emulated bus abort when it goes.
  t.teardown(() => host.stop());
  const key = await host.publicKey();
  const systems = new SystemRoots(path.join(folder, 'simulator'));
  let carriers = 0;
  return {
    rack,
    host,
    handset: async (spec = {}) => {
      const made = new SimulatedHandset(
        { profile: 'google-pixel-7', storageBytes: 16 * MIB, authorisedKeys: [key], ...spec },
        {
          folder: await mkdtemp(path.join(folder, 'handset-')),
          systems,
          onTrouble: (error) => t.error(error),
          ...QUICK,
        },
        noFaults(),
      );
      t.teardown(() => made.switchOff());
      await made.switchOn();
      return made;
    },
    plug: async (usbPath, handset) => {
      carriers += 1;
      const own = path.join(folder, `${carriers}-`);
      const carrier = new UsbCarrier(handset, { rack, usbPath, folder: await mkdtemp(own) });
      t.teardown(() => carrier.unplug());
      await carrier.plug();
      return carrier;
    },
  };
}
