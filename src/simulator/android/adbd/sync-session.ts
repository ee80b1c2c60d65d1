import { hasCode } from '../../../errors.js';
import type { FileStat, HandsetFiles } from '../handset-os.js';
import type { AdbStream } from './adb-stream.js';
import { ByteReader } from './byte-reader.js';
import { type FileFault, fileFault } from './errno-text.js';
import { SyncData } from './sync-data.js';
import * as records from './sync-records.js';

const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const SYMLINK = 0o120000;

/** Requests that came with a later Android, and the feature that announces them. */
const NEEDS: Readonly<Record<string, string>> = {
  STA2: 'stat_v2',
  LST2: 'stat_v2',
  LIS2: 'ls_v2',
  SND2: 'sendrecv_v2',
  RCV2: 'sendrecv_v2',
};

/** These say that the disk gave up while bytes were written; any other fault is one of creating the file. */
const FAULTS_OF_WRITING = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']);

interface SendRequest {
  readonly path: string;
  readonly mode: number;
  /** Compression and dry-run bits of SND2; none of them is spoken here. */
  readonly flags: number;
}

/** One `sync:` stream: file requests one after the other (AOSP packages/modules/adb, docs/dev/sync.md). */
export class SyncSession {
  readonly #stream: AdbStream;
  readonly #files: HandsetFiles;
  readonly #features: readonly string[];
  readonly #reader: ByteReader;

  constructor(stream: AdbStream, files: HandsetFiles, features: readonly string[]) {
    this.#stream = stream;
    this.#files = files;
    this.#features = features;
    this.#reader = new ByteReader(stream);
  }

  /** Resolves after QUIT or a request that adbd ends the session on. Rejects with `adb-closed` when the host left. */
  async run(): Promise<void> {
    for (let goOn = true; goOn; ) {
      const header = await this.#reader.take(8);
      const id = header.toString('latin1', 0, 4);
      const length = header.readUInt32LE(4);
      if (id === 'QUIT') return;
      goOn =
        length > records.SYNC_PATH_MAX
          ? await this.#fail('path too long')
          : await this.#answer(id, (await this.#reader.take(length)).toString());
    }
  }

  /** Answers one request; false when the session ends with it. */
  #answer(id: string, path: string): Promise<boolean> {
    const feature = NEEDS[id];
    const known = feature === undefined || this.#features.includes(feature);
    switch (known ? id : 'unknown') {
      case 'STAT':
        return this.#statV1(path);
      case 'STA2':
      case 'LST2':
        return this.#statV2(id, path);
      case 'LIST':
        return this.#list(1, path);
      case 'LIS2':
        return this.#list(2, path);
      case 'SEND':
        return this.#sendV1(path);
      case 'SND2':
        return this.#sendV2(path);
      case 'RECV':
        return this.#recv(path);
      case 'RCV2':
        return this.#recvV2(path);
      default: {
        const word = Buffer.from(id, 'latin1').readUInt32LE().toString(16).padStart(8, '0');
        return this.#fail(`unknown command ${word}`);
      }
    }
  }

  async #statV1(path: string): Promise<boolean> {
    const stat = await orFault(this.#files.stat(path, false));
    return this.#say(records.statV1('STAT', isFault(stat) ? null : stat));
  }

  async #statV2(id: string, path: string): Promise<boolean> {
    const stat = await orFault(this.#files.stat(path, id === 'STA2'));
    return this.#say(
      isFault(stat) ? records.statV2(id, null, stat.errno) : records.statV2(id, stat, 0),
    );
  }

  /** A folder that cannot be read gives an empty list: the protocol has no other answer. */
  async #list(version: 1 | 2, path: string): Promise<boolean> {
    const listed = await orFault(this.#files.list(path));
    for (const { name, stat } of isFault(listed) ? [] : listed) {
      await this.#say(records.entryRecord(version, name, stat));
    }
    return this.#say(records.listEnd(version));
  }

  async #sendV1(spec: string): Promise<boolean> {
    const comma = spec.lastIndexOf(',');
    if (comma < 0) return this.#fail('missing , in ID_SEND_V1');
    const mode = Number(spec.slice(comma + 1));
    if (!Number.isInteger(mode)) return this.#fail('bad mode');
    return this.#receive({ path: spec.slice(0, comma), mode, flags: 0 });
  }

  async #sendV2(path: string): Promise<boolean> {
    const setup = await this.#reader.take(12);
    return this.#receive({ path, mode: setup.readUInt32LE(4), flags: setup.readUInt32LE(8) });
  }

  async #receive({ path, mode, flags }: SendRequest): Promise<boolean> {
    const data = new SyncData(this.#reader);
    const kind = mode & FILE_TYPE;
    if (flags !== 0) return this.#refuse(data, `unknown flags: ${flags}`);
    // The shared storage of a handset holds no links; a mode without any type is taken for a file.
    if (kind === SYMLINK) return this.#refuse(data, 'symlink failed: Operation not permitted');
    if (kind !== REGULAR && kind !== 0) return this.#refuse(data, 'unsupported file type');
    try {
      await this.#files.write(path, withOwnerBitsForAll(mode), data.chunks());
      await data.discard();
    } catch (error) {
      if (this.#stream.signal.aborted) throw error;
      if (hasCode(error, 'adb-protocol')) return this.#fail(String(error.detail['fault']));
      const fault = fileFault(error);
      if (fault === null) throw error;
      const step = FAULTS_OF_WRITING.has(fault.code) ? 'write failed' : "couldn't create file";
      return this.#refuse(data, `${step}: ${fault.text}`);
    }
    return this.#say(records.record('OKAY', 0));
  }

  /** Says FAIL and still takes all data until DONE; an old host would otherwise never come to read it. */
  async #refuse(data: SyncData, text: string): Promise<boolean> {
    await Promise.all([this.#fail(text), data.discard()]);
    return false;
  }

  async #recvV2(path: string): Promise<boolean> {
    const setup = await this.#reader.take(8);
    const flags = setup.readUInt32LE(4);
    return flags === 0 ? this.#recv(path) : this.#fail(`unknown flags: ${flags}`);
  }

  async #recv(path: string): Promise<boolean> {
    let opened = false;
    try {
      for await (const chunk of this.#files.read(path)) {
        opened = true;
        const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        for (let at = 0; at < bytes.length; at += records.SYNC_DATA_MAX) {
          const part = bytes.subarray(at, at + records.SYNC_DATA_MAX);
          await this.#say(records.lengthRecord('DATA', part));
        }
      }
    } catch (error) {
      const fault = this.#stream.signal.aborted ? null : fileFault(error);
      if (fault === null) throw error;
      // Linux opens a folder for reading and refuses only the read.
      const step = opened || fault.code === 'EISDIR' ? 'read failed' : 'open failed';
      return this.#fail(`${step}: ${fault.text}`);
    }
    return this.#say(records.record('DONE', 0));
  }

  async #say(bytes: Buffer): Promise<true> {
    await this.#stream.write(bytes);
    return true;
  }

  async #fail(text: string): Promise<false> {
    await this.#stream.write(records.failRecord(text));
    return false;
  }
}

/** adbd gives a pushed file's owner bits to group and others too. */
function withOwnerBitsForAll(mode: number): number {
  const withGroup = (mode & 0o777) | ((mode >> 3) & 0o070);
  return withGroup | ((withGroup >> 3) & 0o007);
}

async function orFault<T>(work: Promise<T>): Promise<T | FileFault> {
  try {
    return await work;
  } catch (error) {
    const fault = fileFault(error);
    if (fault === null) throw error;
    return fault;
  }
}

function isFault(value: FileStat | readonly unknown[] | FileFault): value is FileFault {
  return 'errno' in value;
}
