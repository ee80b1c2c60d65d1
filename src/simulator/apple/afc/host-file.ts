import { type FileHandle, truncate } from 'node:fs/promises';

/** The bytes of one open file of the phone, wherever this host keeps them. Places and sizes in bytes. */
export interface HostFile {
  size(): Promise<number>;
  /** At most `count` bytes from `at`; fewer at the end. */
  read(count: number, at: number): Promise<Buffer>;
  write(bytes: Buffer, at: number): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** In a file of this host. */
export class DiskFile implements HostFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(count: number, at: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(count);
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, at);
    return bytes.subarray(0, bytesRead);
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; )
      done += (await this.#handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }

  async truncate(size: number): Promise<void> {
    await this.#handle.truncate(size);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Large, so that few pieces of memory are there to be looked after. */
const CHUNK_BYTES = 16 << 20;

/** Memory that was touched beforehand: what a page costs at its first use is not part of what is measured. */
export class Arena {
  /** The files in it that were opened, by their path on this host. */
  readonly files = new Map<string, MemoryFile>();
  readonly #spare: Buffer[] = [];

  constructor(bytes: number) {
    for (let made = 0; made < bytes; made += CHUNK_BYTES)
      this.#spare.push(Buffer.allocUnsafeSlow(CHUNK_BYTES).fill(1));
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  open(path: string): MemoryFile {
    const file = this.files.get(path) ?? new MemoryFile(path, this);
    this.files.set(path, file);
    return file;
  }
}

/**
 * In the memory of this process, so that no disk is part of what is measured on the wire. The file of this host has the
 * size alone, from the moment it is closed.
 */
export class MemoryFile implements HostFile {
  readonly #path: string;
  readonly #chunks: Buffer[] = [];
  readonly #arena: Arena;
  #size = 0;

  constructor(path: string, arena: Arena) {
    this.#path = path;
    this.#arena = arena;
  }

  async size(): Promise<number> {
    return this.#size;
  }

  async read(count: number, at: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let place = at; place < Math.min(this.#size, at + count); ) {
      const part = this.#rest(place).subarray(0, Math.min(this.#size, at + count) - place);
      parts.push(part);
      place += part.length;
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts);
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    if (at > this.#size) await this.truncate(at);
    for (let done = 0; done < bytes.length; ) done += bytes.copy(this.#rest(at + done), 0, done);
    this.#size = Math.max(this.#size, at + bytes.length);
  }

  async truncate(size: number): Promise<void> {
    for (let place = this.#size; place < size; ) {
      const rest = this.#rest(place)
        .subarray(0, size - place)
        .fill(0);
      place += rest.length;
    }
    this.#chunks.length = Math.min(this.#chunks.length, Math.ceil(size / CHUNK_BYTES));
    this.#size = size;
  }

  async close(): Promise<void> {
    await truncate(this.#path, this.#size);
  }

  /** From a place to the end of its chunk. */
  #rest(place: number): Buffer {
    const index = Math.floor(place / CHUNK_BYTES);
    const chunk = this.#chunks[index] ?? this.#arena.take();
    this.#chunks[index] = chunk;
    return chunk.subarray(place % CHUNK_BYTES);
  }
}
