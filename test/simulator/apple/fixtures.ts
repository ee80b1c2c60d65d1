import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import type { AppleFaults } from '../../../src/simulator/apple/faults.js';
import type { SimulatedIphone } from '../../../src/simulator/apple/iphone.js';
import type { IphoneSpec } from '../../../src/simulator/apple/iphone-spec.js';
import { newRsaKey } from '../../../src/simulator/apple/rsa-key.js';
import type {
  SimulatedUsbmuxd,
  UsbmuxdOptions,
} from '../../../src/simulator/apple/usbmux/usbmuxd.js';
import { SimulatedRack, usbmuxdSocket } from '../../../src/simulator/rack.js';

export const MIB = 1024 * 1024;
const QUICK = { bootMs: 150, leaveMs: 20 };

/** Six keys in turn: making one costs a good part of a second, and neighbours are never the same. */
function keysInTurn(): () => Promise<string> {
  const made: Promise<string>[] = [];
  let next = 0;
  return () => {
    const index = next % 6;
    next += 1;
    made[index] ??= newRsaKey();
    return made[index];
  };
}

/** For the phones, and for the hosts that pair with them. */
export const KEYS = { phone: keysInTurn(), host: keysInTurn() };

export interface Planted {
  readonly made: SimulatedIphone;
  readonly folder: string;
  unplug(): void;
  plug(): void;
}

export interface AppleRack {
  readonly usbmuxd: SimulatedUsbmuxd;
  readonly socket: string;
  /** A phone that is switched on and plugged in, with a small storage. */
  iphone(spec: IphoneSpec, faults?: Partial<AppleFaults>): Promise<Planted>;
}

/** A rack with phones for the length of a test. Its usbmuxd does not pair by itself unless it is told to. */
export async function appleRack(
  t: Test,
  options: Pick<UsbmuxdOptions, 'pairsByItself' | 'exitsWhenIdle'> = {},
): Promise<AppleRack> {
  const root = await mkdtemp(join(tmpdir(), 'sarachi-apple-'));
  const rack = new SimulatedRack({
    stateDir: root,
    cable: () => ({ show: async () => undefined }),
    iphone: { ...QUICK, newKey: KEYS.phone },
    usbmuxd: { pairsByItself: false, ...options },
    onTrouble: (error) => t.error(error),
  });
  const { usbmuxd } = rack;
  let made = 0;
  await usbmuxd.start();
  t.teardown(async () => {
    await rack.close();
    await rm(root, { recursive: true, force: true });
  });
  return {
    usbmuxd,
    socket: usbmuxdSocket(root),
    iphone: async (spec, faults) => {
      made += 1;
      const usbPath = `1-${made}`;
      const serial = spec.identity?.serial ?? `C${String(made).padStart(11, '0')}`;
      const small = { storageBytes: 12 * MIB, plantedShare: 0.3 };
      const identity = { ...spec.identity, serial };
      const phone = await rack.iphone({ ...small, ...spec, identity }, faults);
      const { udid } = phone.state.identity;
      rack.plug(usbPath, phone);
      const isThere = () => JSON.stringify(usbmuxd.attached()).includes(udid);
      await until('usbmuxd to have it', isThere);
      return {
        made: phone,
        folder: join(root, 'iphones', serial),
        unplug: () => rack.unplug(usbPath),
        plug: () => rack.plug(usbPath, phone),
      };
    },
  };
}

/** Waits until something is true; throws after ten seconds. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const last = Date.now() + 10_000;
  while (!(await isTrue())) {
    if (Date.now() > last) throw new Error(`never happened: ${what}`);
    await delay(10);
  }
}

/** Which of the seller's markers can still be found in any file of the phone. */
export async function markersLeft(folder: string): Promise<number> {
  const markers: string[] = JSON.parse(await readFile(join(folder, 'planted.json'), 'utf8'));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && !/^(planted|state)\.json/.test(entry.name),
  );
  const contents = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
  return markers.filter((marker) =>
    contents.some((content) => content.includes(Buffer.from(marker, 'hex'))),
  ).length;
}
