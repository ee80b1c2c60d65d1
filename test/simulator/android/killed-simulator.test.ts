import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import { SystemRoots } from '../../../src/simulator/android/system-root.js';
import { shell, until } from './fixtures.js';

async function quietly(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** Mounts, loop devices and processes of this host that have to do with the folder. */
async function traces(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir('/sys/block'))
    if ((await quietly(`/sys/block/${name}/loop/backing_file`)).includes(folder)) found.push(name);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const known = (await quietly(`/proc/${pid}/cmdline`)) + (await quietly(`/proc/${pid}/mounts`));
    if (known.includes(folder)) found.push(`process ${pid}`);
  }
  return found;
}

const skip = process.getuid?.() !== 0 && 'needs root';

t.test('a simulator killed at once leaves nothing running or mounted', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sarachi-killed-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const here = fileURLToPath(import.meta.url);
  const holder = here.replace('killed-simulator.test', 'hold-handset');
  const child = spawn(process.execPath, [...process.execArgv, holder, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  t.ok((await traces(folder)).length > 2, 'the search would find it');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await until(async () => (await traces(folder)).length === 0, 'every trace to go');

  const again = new SimulatedHandset(
    { profile: 'google-pixel-7', serial: 'HELD', storageBytes: 16 * 1024 * 1024 },
    { folder, systems: new SystemRoots(join(folder, 'systems')) },
  );
  t.teardown(() => again.switchOff());
  await again.switchOn();
  t.match(
    (await shell(again, 'ls /sdcard/DCIM/Camera')).stdout,
    /SARACHI-PLANTED/,
    'the handset is taken up where it was',
  );
});
