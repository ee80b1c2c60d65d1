import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Machine } from './machine.js';

const execute = promisify(execFile);

/** Storage that has less than this share left counts as filled. */
const FULL_SHARE = 0.05;

/**
 * Turns over the byte in the middle of the first file named, or of the biggest file of the shell user where none is.
 * Runs as the shell user, so that it can reach nothing but the handset's own files.
 */
const SPOIL = `
cd "$1"; shift
victim=
for file; do [ -f "$file" ] && { victim=$file; break; }; done
[ -n "$victim" ] || victim=$(find /data/local/tmp /sdcard -type f -size +1023k 2>/dev/null | head -n 1)
[ -n "$victim" ] || exit 1
middle=$(($(stat -c %s "$victim") / 2))
case $(dd if="$victim" bs=1 count=1 skip=$middle 2>/dev/null | xxd -p) in
  ff) byte='\\x00' ;;
  *) byte='\\xff' ;;
esac
printf "$byte" | dd of="$victim" bs=1 count=1 seek=$middle conv=notrunc 2>/dev/null
`;

/** Spoils one byte of what is about to be hashed if /data is full. Tells whether it did. */
export async function spoilFillFile(machine: Machine, words: readonly string[]): Promise<boolean> {
  const { blocks, bavail } = await statfs(machine.hostPath('/data'));
  if (bavail > blocks * FULL_SHARE) return false;
  const process = machine.start(['/system/bin/sh', '-c', SPOIL, 'spoil', ...words]);
  process.stdin.end();
  process.stdout.resume();
  process.stderr.resume();
  return (await process.exit) === 0;
}

/** Reserves what is left of /data for a file of the system. The blocks are reserved only: nothing is written to them. */
export async function takeRemainingStorage(machine: Machine): Promise<void> {
  const { bavail, bsize } = await statfs(machine.hostPath('/data'));
  const bytes = Math.max(bsize, Math.floor(bavail * 0.98) * bsize);
  await execute('fallocate', ['-l', String(bytes), machine.hostPath('/data/system/dropbox')]);
}
