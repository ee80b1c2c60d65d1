import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import { type Faults, noFaults } from '../../../src/simulator/android/faults.js';
import { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import type { HandsetSpec } from '../../../src/simulator/android/handset-spec.js';
import { MARKER_PREFIX } from '../../../src/simulator/android/sellers-data.js';
import { SystemRoots } from '../../../src/simulator/android/system-root.js';

export const MIB = 1024 * 1024;
const QUICK = { bootMs: 100, settleMs: 30, leaveMs: 10 };

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A handset that is switched on for the length of a test, with a small storage. */
export async function handset(
  t: Test,
  spec: HandsetSpec,
  { faults, privileged }: { faults?: Partial<Faults>; privileged?: boolean } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'sarachi-handset-'));
  const made = new SimulatedHandset(
    { storageBytes: 16 * MIB, serial: 'HANDSET1', ...spec },
    {
      ...QUICK,
      ...(privileged === undefined ? {} : { privileged }),
      folder: join(folder, 'handsets'),
      systems: new SystemRoots(join(folder, 'systems')),
      onTrouble: (error) => t.error(error),
    },
    { ...noFaults(), ...faults },
  );
  t.teardown(async () => {
    await made.switchOff();
    await rm(folder, { recursive: true, force: true });
  });
  await made.switchOn();
  return { made, folder: join(folder, 'handsets/HANDSET1') };
}

export async function shell(made: SimulatedHandset, command: string): Promise<Said> {
  const process = made.run(command);
  process.stdin.end();
  const [stdout, stderr, code] = await Promise.all([
    text(process.stdout),
    text(process.stderr),
    process.exit,
  ]);
  return { code, stdout, stderr };
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await delay(10);
  }
}

/** Lets the handset go down and come back, whatever `act` does to make it. */
export async function throughBoot(made: SimulatedHandset, act: () => unknown): Promise<void> {
  let left = false;
  const unwatch = made.watch({
    faceChanged: () => {
      left ||= made.face() === null;
    },
    cableDropped: () => undefined,
  });
  await act();
  await until(
    () => left && made.face() !== null && made.state.bootCompleted,
    'the handset to come back',
  );
  unwatch();
}

/** How many blocks of 64 bytes in the raw image still begin like planted content. */
export async function markersIn(folder: string): Promise<number> {
  const image = await readFile(join(folder, 'data.img'));
  let found = 0;
  for (let at = image.indexOf(MARKER_PREFIX); at >= 0; at = image.indexOf(MARKER_PREFIX, at + 1))
    found += 1;
  return found;
}
