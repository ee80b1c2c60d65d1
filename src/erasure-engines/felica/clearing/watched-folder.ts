import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { WatchedFolderConfig } from '../../../config-felica.js';
import { SarachiError } from '../../../errors.js';
import { sleep } from '../../../wait.js';
import type { ClearAnswer, ClearingHelp, ClearingMethod, ClearJob } from './clearing-method.js';
import { answerOf, MOST_BYTES, parseSaid, type Said } from './said.js';

const LOOK_MS = 250;

/**
 * A tool that takes its orders from a folder and answers into one. A request is there whole or not at all; only an
 * answer that names this very request counts.
 */
export class WatchedFolder implements ClearingMethod {
  readonly id = 'watched-folder';
  readonly #config: WatchedFolderConfig;

  constructor(config: WatchedFolderConfig) {
    this.#config = config;
  }

  async clear(job: ClearJob, { signal }: ClearingHelp): Promise<ClearAnswer> {
    const request = this.#file('requests', job.job);
    const answer = this.#file('answers', job.job);
    try {
      await makeFolder(path.dirname(request));
      await makeFolder(path.dirname(answer));
      await this.#withdrawOlder(job);
      await refuse(answer);
      await writeWhole(request, { format: 'sarachi-felica-request/1', ...job });
    } catch (cause) {
      throw unusable(this.#config.folder, cause);
    }
    try {
      return await this.#answered(answer, job, signal);
    } finally {
      await rm(request, { force: true });
    }
  }

  async #answered(file: string, { job }: ClearJob, signal: AbortSignal): Promise<ClearAnswer> {
    const until = Date.now() + this.#config.timeoutSeconds * 1000;
    let unreadable = false;
    while (Date.now() < until) {
      const said = await readAnswer(file);
      if (said !== null && said !== 'unreadable' && said.job === job) {
        await rename(file, `${file}.taken`);
        return answerOf(said);
      }
      unreadable = said === 'unreadable';
      if (said !== null && said !== 'unreadable') await refuse(file);
      await sleep(LOOK_MS, signal);
    }
    // It may have begun and not ended: nobody knows what the chip holds.
    const nativeCode = unreadable ? 'unreadable answer' : 'no answer';
    return { outcome: 'interrupted', nativeCode, said: null };
  }

  /** What an earlier attempt of this run asked for must not be done twice. */
  async #withdrawOlder({ run }: ClearJob): Promise<void> {
    const folder = path.join(this.#config.folder, 'requests');
    const older = (await readdir(folder)).filter((name) => name.startsWith(`${run}.`));
    await Promise.all(older.map((name) => rm(path.join(folder, name), { force: true })));
  }

  #file(folder: 'requests' | 'answers', job: string): string {
    return path.join(this.#config.folder, folder, `${job}.json`);
  }
}

function unusable(folder: string, cause: unknown): SarachiError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new SarachiError('felica-tool-unusable', { folder, reason }, { cause });
}

/** The folder above it is the operator's: where that is missing, something is not mounted. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Sets an answer aside that belongs to no request of ours. */
async function refuse(file: string): Promise<void> {
  await rename(file, `${file}.refused`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** `unreadable` also while it is still being written, and for anything but a plain file. */
async function readAnswer(file: string): Promise<Said | 'unreadable' | null> {
  const handle = await open(
    file,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? null : ('unreadable' as const),
  );
  if (handle === null || handle === 'unreadable') return handle;
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > MOST_BYTES) return 'unreadable';
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    return parseSaid(buffer.toString('utf8', 0, bytesRead)) ?? 'unreadable';
  } finally {
    await handle.close();
  }
}

async function writeWhole(file: string, document: object): Promise<void> {
  const draft = `${file}.part`;
  const handle = await open(draft, 'w', 0o640);
  try {
    await handle.writeFile(`${JSON.stringify(document)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
