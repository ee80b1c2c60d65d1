import { SarachiError } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import type { WaitOptions } from '../../../wait.js';
import type { ByteStream } from '../byte-stream.js';
import { type AfcAnswer, AfcConnection, type AfcRequest } from './afc-connection.js';
import { decodeTexts, MAX_DATA, OP, pathField, u64 } from './afc-frames.js';

export const AFC_SERVICE = 'com.apple.afc';

/** How a file is opened: only what is there, or anew (created, emptied). */
const MODES = { read: 1, 'read-write': 2, create: 4 } as const;
export type AfcMode = keyof typeof MODES;

/** A file that is open on the phone, never 0. */
export type AfcHandle = bigint;

export interface AfcDeviceInfo {
  readonly model: string | null;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly blockBytes: number;
}

export interface AfcFileInfo {
  readonly size: number;
  readonly kind: 'file' | 'directory' | 'other';
}

/**
 * The phone's media folder, /var/mobile/Media as `/`. Calls may overlap and are sent in the order of calling; at most
 * 4 MiB are under way. Every call rejects as `AfcConnection.request` says.
 * Source of the operations: libimobiledevice src/afc.c.
 */
export class Afc {
  readonly #connection: AfcConnection;

  constructor(stream: ByteStream) {
    this.#connection = new AfcConnection(stream);
  }

  /** Sizes of the data volume, in bytes. The last megabytes of what is free stay reserved. */
  async deviceInfo(options: WaitOptions): Promise<AfcDeviceInfo> {
    const facts = pairs(await this.#data(OP.deviceInfo, Buffer.alloc(0), options));
    return {
      model: cleanField(facts.get('Model') ?? ''),
      totalBytes: count(facts, 'FSTotalBytes'),
      freeBytes: count(facts, 'FSFreeBytes'),
      blockBytes: count(facts, 'FSBlockSize'),
    };
  }

  /** Names in a folder, without `.` and `..`. Names that would lead elsewhere are afc-protocol. */
  async list(path: string, options: WaitOptions): Promise<string[]> {
    const names = decodeTexts(await this.#data(OP.readDir, pathField(path), options));
    if (names.some((name) => name === '' || name.includes('/') || name.length > 255))
      throw new SarachiError('afc-protocol', { reason: 'a name that is none' });
    return names.filter((name) => name !== '.' && name !== '..');
  }

  async fileInfo(path: string, options: WaitOptions): Promise<AfcFileInfo> {
    const facts = pairs(await this.#data(OP.fileInfo, pathField(path), options));
    const kinds = { S_IFREG: 'file', S_IFDIR: 'directory' } as const;
    const named = facts.get('st_ifmt');
    const kind = named === 'S_IFREG' || named === 'S_IFDIR' ? kinds[named] : 'other';
    return { size: count(facts, 'st_size'), kind };
  }

  async makeDirectory(path: string, options: WaitOptions): Promise<void> {
    await this.#status(OP.makeDir, pathField(path), options);
  }

  async open(path: string, mode: AfcMode, options: WaitOptions): Promise<AfcHandle> {
    const fields = Buffer.concat([u64(MODES[mode]), pathField(path)]);
    const request = { operation: OP.open, fields, answer: OP.openResult };
    const handle = (await this.#ask(request, options)).fields.readBigUInt64LE(0);
    if (handle === 0n) throw new SarachiError('afc-protocol', { reason: 'handle 0' });
    return handle;
  }

  /**
   * At most `MAX_DATA` from where the file stands; fewer bytes near its end, none at it. With `into`, of at least
   * `length` bytes, what is returned is the beginning of that, and nobody else may use it until this resolves or rejects.
   */
  async read(
    handle: AfcHandle,
    length: number,
    options: WaitOptions & { readonly into?: Buffer | undefined },
  ): Promise<Buffer> {
    checkLength(length);
    const request = { operation: OP.read, fields: u64(handle, length), answer: OP.data };
    return (await this.#ask({ ...request, maxAnswer: length, into: options.into }, options)).data;
  }

  /** At most `MAX_DATA` to where the file stands. The bytes must stay as they are until this resolves. */
  async write(handle: AfcHandle, data: Uint8Array, options: WaitOptions): Promise<void> {
    checkLength(data.length);
    const request = { operation: OP.write, fields: u64(handle), answer: OP.status };
    await this.#ask({ ...request, data }, options);
  }

  /** To a place counted from the beginning, in bytes. */
  async seek(handle: AfcHandle, offset: number, options: WaitOptions): Promise<void> {
    await this.#status(OP.seek, u64(handle, 0, offset), options);
  }

  async tell(handle: AfcHandle, options: WaitOptions): Promise<number> {
    const request = { operation: OP.tell, fields: u64(handle), answer: OP.tellResult };
    const place = (await this.#ask(request, options)).fields.readBigUInt64LE(0);
    if (place > BigInt(Number.MAX_SAFE_INTEGER))
      throw new SarachiError('afc-protocol', { reason: 'absurd number' });
    return Number(place);
  }

  /** Cuts or grows an open file to `size` bytes. */
  async truncate(handle: AfcHandle, size: number, options: WaitOptions): Promise<void> {
    await this.#status(OP.setSize, u64(handle, size), options);
  }

  async close(handle: AfcHandle, options: WaitOptions): Promise<void> {
    await this.#status(OP.close, u64(handle), options);
  }

  /** A file or an empty folder. */
  async remove(path: string, options: WaitOptions): Promise<void> {
    await this.#status(OP.removePath, pathField(path), options);
  }

  /** A file, or a folder with all it holds. iOS 6 and newer. */
  async removeAll(path: string, options: WaitOptions): Promise<void> {
    await this.#status(OP.removeAll, pathField(path), options);
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #ask(request: AfcRequest, options: WaitOptions): Promise<AfcAnswer> {
    return this.#connection.request(request, options);
  }

  async #status(operation: number, fields: Buffer, options: WaitOptions): Promise<void> {
    await this.#ask({ operation, fields, answer: OP.status }, options);
  }

  async #data(operation: number, fields: Buffer, options: WaitOptions): Promise<Buffer> {
    const request = { operation, fields, answer: OP.data, maxAnswer: MAX_DATA };
    return (await this.#ask(request, options)).data;
  }
}

function checkLength(length: number): void {
  if (!Number.isInteger(length) || length < 0 || length > MAX_DATA)
    throw new SarachiError('internal', { reason: 'more than one AFC frame holds', length });
}

function pairs(data: Buffer): Map<string, string> {
  const texts = decodeTexts(data);
  const facts = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length; at += 2) facts.set(texts[at] ?? '', texts[at + 1] ?? '');
  return facts;
}

function count(facts: Map<string, string>, name: string): number {
  const text = facts.get(name) ?? '';
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value))
    throw new SarachiError('afc-protocol', { reason: 'no number', name });
  return value;
}
