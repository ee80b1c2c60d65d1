import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { AdbDaemon } from '../../../src/simulator/android/adbd/adb-daemon.js';
import type { WireFaults } from '../../../src/simulator/android/handset-os.js';
import { RawHost } from './raw-host.js';
import { TinyOs } from './tiny-os.js';

/** A folder that lives as long as the test. */
export async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sarachi-adbd-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A daemon on a small system, and a host on its wire that has said nothing yet. */
export async function handset(t: Test, faults: WireFaults = {}) {
  const os = new TinyOs(await temporaryFolder(t));
  const daemon = new AdbDaemon(os, faults);
  t.teardown(() => daemon.close());
  return { os, daemon, host: new RawHost(daemon) };
}

/** The same after CNXN went both ways. */
export async function online(t: Test, faults: WireFaults = {}) {
  const made = await handset(t, faults);
  made.host.connect();
  await made.host.next();
  return made;
}
