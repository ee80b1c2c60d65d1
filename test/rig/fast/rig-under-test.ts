import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import { type Faults, noFaults } from '../../../src/simulator/android/faults.js';
import type { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import type { HandsetSpec } from '../../../src/simulator/android/handset-spec.js';
import { SimulatedRack } from '../../../src/simulator/rack.js';
import { buildRig } from './build-rig.js';
import type { Openings } from './held-rack.js';
import { RigHost } from './rig-host.js';
import { UmockCable } from './umock-cable.js';
import { UmockRack } from './umock-rack.js';

const MIB = 1024 * 1024;
const QUICK = { bootMs: 300, settleMs: 30, leaveMs: 20 };

export interface RigUnderTest {
  /** The emulated bus, for hubs and for devices that are no handsets. */
  readonly umock: UmockRack;
  /** The openings, with cables to the emulated bus. */
  readonly rack: SimulatedRack;
  readonly host: RigHost;
  /** A handset that is on, without a cable, and lets this host debug unless the spec says otherwise. */
  handset(spec?: Partial<HandsetSpec>, faults?: Partial<Faults>): Promise<SimulatedHandset>;
}

export interface RigOptions {
  /** Done to the bus before the product looks at it. */
  readonly before?: (umock: UmockRack) => Promise<void>;
  /** The ports of the product's rack; without them there is no rack. */
  readonly openings?: Openings;
}

/** An emulated bus with a hub at 1-1, and the product's devices part and rack on it; all gone when the test ends. */
export async function rigUnderTest(
  t: Test,
  { before = async () => undefined, openings }: RigOptions = {},
): Promise<RigUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-rig-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { rackProgram, preload } = await buildRig();
  const umock = await UmockRack.start(rackProgram, folder);
  t.teardown(() => umock.stop());
  await umock.hub('1-1');
  await before(umock);
  const env = { UMOCKDEV_DIR: umock.root, LD_PRELOAD: preload };
  const host = await RigHost.start({ env, folder: path.join(folder, 'adb'), openings });
  // Before the bus: programs that see it abort when it goes.
  t.teardown(() => host.stop());
  const key = await host.publicKey();
  const onTrouble = (error: Error) => void t.error(error);
  const rack = new SimulatedRack({
    stateDir: folder,
    cable: (handset, usbPath) => new UmockCable(handset, { umock, usbPath, folder, onTrouble }),
    handset: QUICK,
    onTrouble,
  });
  t.teardown(() => rack.close());
  const plain = {
    profile: 'google-pixel-7',
    storageBytes: 16 * MIB,
    authorisedKeys: [key],
  } as const;
  return {
    umock,
    rack,
    host,
    handset: (spec, faults) => rack.handset({ ...plain, ...spec }, { ...noFaults(), ...faults }),
  };
}
