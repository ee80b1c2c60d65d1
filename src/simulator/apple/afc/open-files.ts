import { type FileHandle, open } from 'node:fs/promises';
import type { Storage } from '../storage.js';
import { AfcError } from './afc-error.js';
import { DiskFile, type HostFile } from './host-file.js';
import { AFC_ERROR } from './packet.js';

const MOST_FILES = 128;
const LONGEST_READ = 16 * 1024 * 1024;

interface Mode {
  readonly flags: string;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly appends: boolean;
}

/** The modes as C's fopen has them; 2 creates here too (libimobiledevice, afc.h). */
const MODES: Readonly<Record<number, Mode>> = {
  1: { flags: 'r', reads: true, writes: false, appends: false },
  2: { flags: 'r+', reads: true, writes: true, appends: false },
  3: { flags: 'w', reads: false, writes: true, appends: false },
  4: { flags: 'w+', reads: true, writes: true, appends: false },
  5: { flags: 'r+', reads: false, writes: true, appends: true },
  6: { flags: 'r+', reads: true, writes: true, appends: true },
};

interface OpenFile {
  readonly path: string;
  readonly handle: HostFile;
  readonly mode: Mode;
  position: number;
}

/** The files that one AFC connection holds open. */
export class OpenFiles {
  readonly #storage: Storage;
  readonly #files = new Map<number, OpenFile>();
  #last = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Returns the file's number, which is never 0. */
  async open(path: string, number: number): Promise<number> {
    const mode = MODES[number];
    if (!mode) throw new AfcError(AFC_ERROR.invalidArgument);
    if (this.#files.size >= MOST_FILES) throw new AfcError(AFC_ERROR.noResources);
    const handle = await this.#handle(path, mode);
    this.#last += 1;
    this.#files.set(this.#last, { path, handle, mode, position: 0 });
    return this.#last;
  }

  async #handle(path: string, mode: Mode): Promise<HostFile> {
    const there = await open(path, 'r').catch(() => null);
    const isFile = there ? (await there.stat()).isFile() : false;
    await there?.close();
    if (there && !isFile) throw new AfcError(AFC_ERROR.isDirectory);
    if (!mode.writes) return this.#keptIn(path, await open(path, 'r'));
    const empties = mode.flags.startsWith('w');
    if (there && empties) await this.#storage.remove(path);
    const handle = await open(path, there && !empties ? 'r+' : 'wx+');
    if (!there || empties) this.#storage.setSize(path, 0);
    return this.#keptIn(path, handle);
  }

  async #keptIn(path: string, handle: FileHandle): Promise<HostFile> {
    const { memory } = this.#storage;
    if (!memory) return new DiskFile(handle);
    await handle.close();
    return memory.open(path);
  }

  async read(number: number, count: number): Promise<Buffer> {
    const file = this.#get(number);
    if (!file.mode.reads) throw new AfcError(AFC_ERROR.denied);
    const bytes = await file.handle.read(Math.min(count, LONGEST_READ), file.position);
    file.position += bytes.length;
    return bytes;
  }

  /** Writes what fits, as a kernel does, and fails when that was not all. */
  async write(number: number, bytes: Buffer): Promise<void> {
    const file = this.#get(number);
    if (!file.mode.writes) throw new AfcError(AFC_ERROR.denied);
    if (file.mode.appends) file.position = await file.handle.size();
    const end = file.position + bytes.length;
    const fits = Math.max(0, this.#storage.grow(file.path, end) - file.position);
    const written = bytes.subarray(0, fits);
    await file.handle.write(written, file.position);
    file.position += written.length;
    if (written.length < bytes.length) throw new AfcError(AFC_ERROR.noSpace);
  }

  async seek(number: number, whence: number, offset: number): Promise<void> {
    const file = this.#get(number);
    const bases = [0, file.position, await file.handle.size()];
    const base = bases[whence];
    const to = (base ?? Number.NaN) + offset;
    if (!Number.isSafeInteger(to) || to < 0) throw new AfcError(AFC_ERROR.invalidArgument);
    file.position = to;
  }

  has(number: number): boolean {
    return this.#files.has(number);
  }

  tell(number: number): number {
    return this.#get(number).position;
  }

  async setSize(number: number, size: number): Promise<void> {
    const file = this.#get(number);
    if (!file.mode.writes) throw new AfcError(AFC_ERROR.denied);
    const before = await file.handle.size();
    if (size < before) this.#storage.setSize(file.path, size);
    else if (this.#storage.grow(file.path, size) < size) throw new AfcError(AFC_ERROR.noSpace);
    await file.handle.truncate(size);
  }

  async close(number: number): Promise<void> {
    const file = this.#get(number);
    this.#files.delete(number);
    await file.handle.close();
  }

  async closeAll(): Promise<void> {
    const open = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(open.map(({ handle }) => handle.close()));
  }

  #get(number: number): OpenFile {
    const file = this.#files.get(number);
    if (!file) throw new AfcError(AFC_ERROR.invalidArgument);
    return file;
  }
}
