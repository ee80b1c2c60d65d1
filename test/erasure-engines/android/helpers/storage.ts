import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  symlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalLink, SHELL_UID, writePrograms } from './local-link.js';
import { afterReset, IN_USE, programsOf } from './probe-answers.js';
import { MemoryRun } from './run-context.js';

export const MARKER = Buffer.from('SELLERS-OLD-SECRET-DATA-7f3a9c1e');

export async function untilTrue(test: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await test().catch(() => false))) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await delay(10);
  }
}

/** Storage that only root can mount is what these tests are about. */
export const root = process.getuid?.() === 0;

/** An ext4 file system on an image whose every block held the marker before, as after a reset without discard. */
export async function makeStorage(megabytes: number) {
  const folder = await mkdtemp(`${tmpdir()}/sarachi-fill-`);
  const image = `${folder}/data.img`;
  const line = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < line.length; at += MARKER.length) MARKER.copy(line, at);
  const file = await open(image, 'w');
  for (let count = 0; count < megabytes; count += 1) await file.write(line);
  await file.close();
  execFileSync('mkfs.ext4', [
    '-q',
    '-F',
    '-b',
    '4096',
    '-m',
    '2',
    '-E',
    'nodiscard,lazy_itable_init=0,lazy_journal_init=0',
    image,
  ]);
  const mount = `${folder}/data`;
  await mkdir(mount);
  await chmod(folder, 0o755);
  execFileSync('mount', ['-o', 'loop,nodiscard', image, mount]);
  const work = `${mount}/tmp`;
  await mkdir(work);
  await chown(work, SHELL_UID, SHELL_UID);
  const shared = `${mount}/shared`;
  await mkdir(shared);
  await chown(shared, SHELL_UID, SHELL_UID);
  const bin = `${folder}/bin`;
  await writePrograms(bin, programsOf({ ...afterReset(IN_USE), testHarness: true }));
  for (const applet of [
    'stat',
    'sha256sum',
    'df',
    'printf',
    'setsid',
    'nohup',
    'grep',
    'tail',
    'head',
    'ls',
    'mv',
    'rm',
    'sync',
    'sleep',
    'truncate',
  ]) {
    await symlink('/usr/bin/toybox', `${bin}/${applet}`);
  }
  await symlink('/usr/bin/mksh', `${bin}/sh`);
  const link = new LocalLink(bin);
  const close = async () => {
    for (const pid of await fillers(work)) process.kill(pid, 'SIGKILL');
    await untilTrue(async () => {
      execFileSync('umount', [mount], { stdio: 'ignore' });
      return true;
    }, 'unmounted');
    await rm(folder, { recursive: true, force: true });
  };
  return { image, mount, work, shared, link, close };
}

export async function fillFolder(work: string): Promise<string> {
  const name = (await readdir(work)).find((one) => one.startsWith('sarachi-fill-'));
  if (!name) throw new Error('no fill folder');
  return `${work}/${name}`;
}

export async function fillers(work: string): Promise<number[]> {
  const folder = await fillFolder(work).catch(() => null);
  const names = folder ? await readdir(folder) : [];
  const pid = Number(names.find((name) => name.startsWith('pid.'))?.slice(4) ?? 0);
  if (!pid) return [];
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.includes('sarachi-fill') ? [pid] : [];
}

export async function markersIn(image: string): Promise<number> {
  let count = 0;
  let rest = Buffer.alloc(0);
  for await (const piece of createReadStream(image, { highWaterMark: 4 * 1024 * 1024 })) {
    const text = Buffer.concat([rest, piece as Buffer]);
    for (let at = text.indexOf(MARKER); at >= 0; at = text.indexOf(MARKER, at + MARKER.length))
      count += 1;
    rest = text.subarray(Math.max(0, text.length - MARKER.length + 1));
  }
  return count;
}

const FILE_BYTES = 2 * 1024 * 1024;

/** A run with the short waits of a test. */
export function newRun(fileBytes = FILE_BYTES): MemoryRun {
  return new MemoryRun({
    fileBytes,
    timing: { returnSeconds: 20, leaveSeconds: 1, settleSeconds: 0.2 },
  });
}
