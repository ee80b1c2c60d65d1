import { execFile } from 'node:child_process';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SarachiError } from '../../errors.js';

const run = promisify(execFile);

/**
 * Makes the image if there is none, and a new empty file system on it. Nothing is discarded: what stood in the
 * blocks before stays in the image until something is written over it, the worst a real reset may leave behind.
 */
export async function formatDataImage(image: string, bytes: number): Promise<void> {
  const file = await open(image, 'a');
  await file.truncate(bytes);
  await file.close();
  const options = 'nodiscard,lazy_itable_init=0,lazy_journal_init=0';
  // 2 % reserved is the most that Android keeps on ext4 for its own processes.
  await run('mkfs.ext4', ['-b', '4096', '-m', '2', '-E', options, '-F', '-q', image]).catch(
    (error: unknown) => {
      throw new SarachiError('internal', { program: 'mkfs.ext4' }, { cause: error });
    },
  );
}

/** Resolves when no loop device of the host holds the image; mounting it twice would tear the file system. */
export async function imageReleased(image: string, deadlineMs: number): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (await isHeld(image)) {
    if (Date.now() > end) throw new SarachiError('internal', { heldImage: image });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function isHeld(image: string): Promise<boolean> {
  const names = await readdir('/sys/block');
  const backing = await Promise.all(
    names
      .filter((name) => name.startsWith('loop'))
      .map((name) =>
        // A loop device that is not bound has no such file.
        readFile(join('/sys/block', name, 'loop/backing_file'), 'utf8').catch(() => ''),
      ),
  );
  return backing.some((path) => path.trim() === image);
}
