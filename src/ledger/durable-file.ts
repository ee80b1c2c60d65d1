import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of `bytes`; one `write` may take only some of them. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

export interface DurableOptions {
  readonly mode: number;
  /** False: fail with EEXIST instead of taking the place of a file that is there. */
  readonly replace: boolean;
}

/** Puts a whole file in place or none: temporary file, fsync, rename (or link), fsync of the folder. */
export async function writeDurably(
  file: string,
  data: string | Uint8Array,
  options: DurableOptions,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, 'w', options.mode);
  try {
    try {
      await writeAll(handle, typeof data === 'string' ? Buffer.from(data) : data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await (options.replace ? rename(temporary, file) : link(temporary, file));
    await syncFolder(dirname(file));
  } finally {
    await rm(temporary, { force: true });
  }
}
