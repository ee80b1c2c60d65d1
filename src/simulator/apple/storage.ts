import { rmSync, truncateSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Arena } from './afc/host-file.js';
import { sellersData } from './sellers-data.js';

export const BLOCK_BYTES = 4096;
/** What a fresh system lays out for AFC to see. */
const MEDIA_FOLDERS = ['Books', 'DCIM', 'Downloads', 'PhotoData', 'iTunes_Control'];
const SYSTEM_BYTES = 256 * 1024;

export interface StorageOptions {
  readonly folder: string;
  readonly capacity: number;
  /** The last bytes, that AFC does not get. */
  readonly reserved: number;
  /** As `IphoneSpec.filesInMemory`. */
  readonly filesInMemory?: boolean;
}

interface Remains {
  readonly file: string;
  readonly size: number;
}

/**
 * The data volume of one iPhone, as real files: `volume/media` is what AFC serves, `volume/crash-reports` what the
 * crash report service does, `volume/private` the rest, and
 * `free-space` holds the bytes of deleted files until something is written over them. Free space is never larger than the
 * capacity leaves: what is allocated takes the oldest remains first, so a fill overwrites all of it but the reserve.
 * A file that is shortened or written over in place loses its old bytes at once.
 */
export class Storage {
  /** Where the bytes of AFC's files are kept instead of on disk; null where they are on disk. */
  readonly memory: Arena | null;
  readonly #options: StorageOptions;
  /** Allocated bytes by host path. */
  readonly #files = new Map<string, number>();
  #remains: readonly Remains[] = [];
  #used = 0;
  #names = 0;

  constructor(options: StorageOptions) {
    this.#options = options;
    this.memory = options.filesInMemory ? new Arena(options.capacity) : null;
  }

  get capacity(): number {
    return this.#options.capacity;
  }

  /** As the system tells it, the reserve included. */
  get free(): number {
    return this.#options.capacity - this.#used;
  }

  /** Where AFC's root is on this host. */
  get media(): string {
    return join(this.#options.folder, 'volume', 'media');
  }

  get crashReports(): string {
    return join(this.#options.folder, 'volume', 'crash-reports');
  }

  /** Lays out an empty system and puts the seller's data in; returns its markers as hex. */
  async install(plantedBytes: number): Promise<readonly string[]> {
    await this.#layOut();
    const markers: string[] = [];
    for (const { path, bytes, deleted, marker } of plantedBytes > 0
      ? sellersData(plantedBytes)
      : []) {
      markers.push(marker);
      const file = join(this.#options.folder, 'volume', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
      this.#account(file, bytes.length);
      if (deleted) await this.remove(file);
    }
    return markers;
  }

  /** Takes up what an earlier process left. */
  async load(): Promise<void> {
    this.#forget();
    for (const file of await filesBelow(join(this.#options.folder, 'volume')))
      this.#account(file, (await stat(file)).size);
    for (const file of await filesBelow(this.#freeSpace))
      this.#remains = [...this.#remains, { file, size: (await stat(file)).size }];
    this.#names = this.#remains.length;
    this.#overwrite();
  }

  /** The key is gone: no byte of before can be read again, neither in files nor in free space. */
  async erase(): Promise<void> {
    await rm(join(this.#options.folder, 'volume'), { recursive: true, force: true });
    await rm(this.#freeSpace, { recursive: true, force: true });
    await this.#layOut();
  }

  /** Allocates a file up to `to` bytes or as far as there is room; returns up to where. */
  grow(file: string, to: number): number {
    const has = this.#files.get(file);
    if (has === undefined) return 0;
    const most = has + Math.max(0, this.free - this.#options.reserved);
    const granted = Math.min(to, Math.floor(most / BLOCK_BYTES) * BLOCK_BYTES);
    if (granted > has) this.#account(file, granted);
    this.#overwrite();
    return granted;
  }

  /** Keeps account of a file that is new, or that was cut to `to` bytes. */
  setSize(file: string, to: number): void {
    this.#account(file, to);
    this.#overwrite();
  }

  /** Deletes a file; its bytes stay in free space. */
  async remove(file: string): Promise<void> {
    const size = (await stat(file)).size;
    await mkdir(this.#freeSpace, { recursive: true });
    this.#names += 1;
    const to = join(this.#freeSpace, String(this.#names).padStart(9, '0'));
    await rename(file, to);
    this.#used -= this.#files.get(file) ?? 0;
    this.#files.delete(file);
    this.memory?.files.delete(file);
    this.#remains = [...this.#remains, { file: to, size }];
    this.#overwrite();
  }

  /** Gives files another name, a whole folder of them too. */
  async move(from: string, to: string): Promise<void> {
    if (this.#files.has(to) && from !== to) await this.remove(to);
    await rename(from, to);
    for (const [file, bytes] of [...this.#files]) {
      if (file !== from && !file.startsWith(from + sep)) continue;
      this.#files.delete(file);
      this.#files.set(join(to, relative(from, file)), bytes);
    }
  }

  get #freeSpace(): string {
    return join(this.#options.folder, 'free-space');
  }

  async #layOut(): Promise<void> {
    this.#forget();
    for (const name of MEDIA_FOLDERS) await mkdir(join(this.media, name), { recursive: true });
    await mkdir(this.crashReports, { recursive: true });
    const system = join(this.#options.folder, 'volume', 'private', 'system');
    await mkdir(dirname(system), { recursive: true });
    await writeFile(system, Buffer.alloc(SYSTEM_BYTES, 0x20));
    this.#account(system, SYSTEM_BYTES);
  }

  #forget(): void {
    this.#files.clear();
    this.#remains = [];
    this.#used = 0;
  }

  #account(file: string, size: number): void {
    const bytes = Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    this.#used += bytes - (this.#files.get(file) ?? 0);
    this.#files.set(file, bytes);
  }

  /** Brings what is left of deleted files down to what free space can hold. */
  #overwrite(): void {
    let excess = this.#remains.reduce((sum, { size }) => sum + size, 0) - this.free;
    if (excess <= 0) return;
    const kept: Remains[] = [];
    for (const one of this.#remains) {
      const lost = Math.min(one.size, Math.max(0, excess));
      excess -= lost;
      if (lost < one.size) kept.push({ file: one.file, size: one.size - lost });
      if (lost === one.size) rmSync(one.file, { force: true });
      else if (lost > 0) truncateSync(one.file, one.size - lost);
    }
    this.#remains = kept;
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
