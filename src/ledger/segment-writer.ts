import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorDetail, SarachiError } from '../errors.js';
import { syncFolder, writeAll } from './durable-file.js';

/** Appends to the day files of one ledger folder. After one failure nothing more is written: see `write`. */
export class SegmentWriter {
  readonly #dir: string;
  #segment = '';
  #handle: FileHandle | null = null;
  #length = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Resolves when `text` is on disk in `segment`. Rejects with `ledger-unwritable`; whatever part of the text had
   * been written is cut off again, so that no rejected line is in the chain. Where even that fails (`cut=false`) the rest is
   * an unfinished line or one that nobody was told of, and the next opening deals with it.
   */
  async write(segment: string, text: string): Promise<void> {
    try {
      const handle = await this.#open(segment);
      const bytes = Buffer.from(text);
      await writeAll(handle, bytes);
      await handle.datasync();
      this.#length += bytes.length;
    } catch (error) {
      throw unwritable(error, { segment, cut: await this.#cutBack() });
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #open(segment: string): Promise<FileHandle> {
    if (this.#handle && this.#segment === segment) return this.#handle;
    await this.close();
    const { O_APPEND, O_CREAT, O_WRONLY } = constants;
    const handle = await open(join(this.#dir, segment), O_APPEND | O_CREAT | O_WRONLY, 0o640);
    this.#handle = handle;
    this.#segment = segment;
    this.#length = (await handle.stat()).size;
    if (this.#length === 0) await syncFolder(this.#dir);
    return handle;
  }

  async #cutBack(): Promise<boolean> {
    try {
      await this.#handle?.truncate(this.#length);
      await this.#handle?.datasync();
      return true;
    } catch {
      return false;
    }
  }
}

/** `ledger-unwritable` with the system's or SQLite's own word for the reason. */
export function unwritable(cause: unknown, detail: ErrorDetail): SarachiError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  return new SarachiError('ledger-unwritable', { ...detail, reason }, { cause });
}
