import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDict, type PlistDict, readPlist } from '../wire/plist.js';

const RECORD_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** The pair records of a host, one file for each phone. They outlive the phone's erase, and are stale then. */
export class PairRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static isId(text: string | null): text is string {
    return text !== null && RECORD_ID.test(text);
  }

  /** What names this host to every phone; made when it is asked for first. */
  async systemBuid(): Promise<string> {
    const file = join(this.#folder, 'system-buid');
    const known = await readFile(file, 'utf8').catch(() => null);
    if (known !== null) return known;
    const made = randomUUID().toUpperCase();
    await this.#write(file, Buffer.from(made));
    return made;
  }

  async read(id: string): Promise<Buffer | null> {
    return readFile(this.#file(id)).catch(() => null);
  }

  /** The record as a dictionary; null where there is none that can be read. */
  async parsed(id: string): Promise<PlistDict | null> {
    const bytes = await this.read(id);
    const value = bytes && readPlist(bytes);
    return isDict(value) ? value : null;
  }

  async save(id: string, record: Uint8Array): Promise<void> {
    await this.#write(this.#file(id), record);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.plist`);
  }

  async #write(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const part = `${file}.${randomUUID()}`;
    await writeFile(part, bytes, { mode: 0o600 });
    await rename(part, file);
  }
}
