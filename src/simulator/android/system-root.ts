import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SarachiError } from '../../errors.js';
import { frameworkCommands } from './framework/index.js';
import type { AndroidProfile } from './profile.js';
import { ddScript, FRAMEWORK_SCRIPT, hashScript, TOYBOX_SCRIPT } from './system-scripts.js';

const run = promisify(execFile);

const PROGRAMS = ['/usr/bin/toybox', '/usr/bin/mksh', '/usr/bin/dd'] as const;

/** What Android's toybox carries from 9 on, as far as the host's has it; no shred, no dd (AOSP external/toybox). */
const APPLETS =
  '[ basename cat chgrp chmod chown cksum cp cut date df dirname du echo env expand fallocate false find flock free grep egrep fgrep groups gunzip head hostname id kill killall ln logname ls md5sum mkdir mkfifo mknod mktemp more mv nc nice nl nohup od paste patch pgrep pidof pkill printenv printf ps pwd readlink realpath renice rm rmdir sed seq setsid sleep sort split stat strings sync tac tail tar tee test time timeout top touch tr true truncate tty ulimit umount uname uniq unlink uptime usleep uudecode uuencode vmstat wc which whoami xargs xxd yes zcat'.split(
    ' ',
  );
const APPLETS_FROM_10 = ['fsync', 'nproc', 'getconf'];
const HASHES = ['cmp', 'md5sum', 'sha1sum', 'sha224sum', 'sha256sum', 'sha384sum', 'sha512sum'];
const DEVICES = ['null', 'zero', 'random', 'urandom', 'tty'];

/**
 * The read-only system partitions, one folder per kind of Android, shared by all handsets of that kind. Errors:
 * `internal` with the missing program, where toybox, mksh or dd is not installed.
 */
export class SystemRoots {
  readonly #folder: string;
  readonly #made = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The folder that becomes the root of such a handset. Built at the first call. */
  of(profile: AndroidProfile): Promise<string> {
    const name = `android-${profile.android}`;
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const making = build(join(this.#folder, name), profile);
    this.#made.set(name, making);
    return making;
  }
}

async function build(target: string, profile: AndroidProfile): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  // Built aside and moved into place, so that a killed process leaves no half system behind.
  const root = await mkdtemp(`${target}.`);
  await chmod(root, 0o755);
  for (const folder of ['system/bin', 'system/libexec', 'system/etc', 'dev/socket', 'proc', 'data'])
    await mkdir(join(root, folder), { recursive: true });
  await mkdir(join(root, 'storage/emulated/0'), { recursive: true });
  for (const device of DEVICES) await writeFile(join(root, 'dev', device), '');
  await copyPrograms(root);
  await links(root, profile);
  await scripts(root, profile);
  await rm(target, { recursive: true, force: true });
  await rename(root, target);
  return target;
}

async function copyPrograms(root: string): Promise<void> {
  const libraries = new Set<string>();
  for (const program of PROGRAMS) {
    const { stdout } = await run('ldd', [program]).catch((error: unknown) => {
      throw new SarachiError('internal', { missing: program }, { cause: error });
    });
    for (const [path] of stdout.matchAll(/\/[^\s:]+\.so[^\s:]*/g)) libraries.add(path);
  }
  for (const library of libraries) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await copyFile(library, join(root, library));
  }
  await copyFile(PROGRAMS[0], join(root, 'system/libexec/toybox'));
  await copyFile(PROGRAMS[1], join(root, 'system/bin/sh'));
  await copyFile(PROGRAMS[2], join(root, 'system/libexec/dd'));
}

async function links(root: string, profile: AndroidProfile): Promise<void> {
  const applets = [...APPLETS, ...(profile.android >= 10 ? APPLETS_FROM_10 : [])];
  for (const applet of applets.filter((name) => !HASHES.includes(name)))
    await symlink('../libexec/toybox', join(root, 'system/bin', applet));
  await symlink('system/bin', join(root, 'bin'));
  await symlink('system/etc', join(root, 'etc'));
  await symlink('/storage/emulated/0', join(root, 'sdcard'));
}

async function scripts(root: string, profile: AndroidProfile): Promise<void> {
  const put = async (name: string, text: string) => {
    await writeFile(join(root, 'system/bin', name), text, { mode: 0o755 });
  };
  await put('framework', FRAMEWORK_SCRIPT);
  for (const command of [...frameworkCommands(profile), 'hash-hook'])
    await symlink('framework', join(root, 'system/bin', command));
  await put('dd', ddScript(profile.android));
  await put('toybox', TOYBOX_SCRIPT);
  for (const hash of HASHES) await put(hash, hashScript(hash));
  await writeFile(
    join(root, 'system/etc/passwd'),
    'root::0:0::/:/system/bin/sh\nshell::2000:2000::/:/system/bin/sh\n',
  );
  await writeFile(
    join(root, 'system/etc/group'),
    'root::0:\nsystem::1000:\ninput::1004:\nlog::1007:\nadb::1011:\nsdcard_rw::1015:\nmedia_rw::1023:\nshell::2000:\ninet::3003:\n',
  );
}
