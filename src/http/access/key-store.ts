import { createHash } from 'node:crypto';
import { chown, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, SarachiError } from '../../errors.js';
import { writeDurably } from '../../ledger/durable-file.js';
import type { Clock } from '../../wait.js';
import { checkKey, isUsable, type KeyFault, type KeyRecord, keyFileSchema } from './api-key.js';

/** A revoked key is refused this soon, in milliseconds; looking at each request would be a stat for each poll. */
const LOOK_MS = 500;
/** A file that only its owner may read: hashes are no secrets, names of persons are. */
const MODE = 0o600;

/** Where the keys of a rack lie in its state folder. */
export function keyFileOf(state: string): string {
  return path.join(state, 'keys', 'api-keys.json');
}

export interface KeyFileRead {
  readonly keys: readonly KeyRecord[];
  /** Of the file, so that it can be told which keys counted when. */
  readonly sha256: string;
}

/** Reads a key file; no file is no keys. Throws config-invalid for one that cannot be read or understood. */
export async function readKeyFile(file: string): Promise<KeyFileRead> {
  try {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    const sha256 = createHash('sha256').update(text).digest('hex');
    if (text === '') return { keys: [], sha256 };
    return { keys: keyFileSchema.parse(JSON.parse(text)).keys, sha256 };
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): SarachiError {
  return new SarachiError('config-invalid', { file, what: 'the key file' }, { cause });
}

/** Changes a key file, whole or not at all, one writer at a time. Throws state-in-use while another one changes it. */
export async function changeKeyFile(
  file: string,
  change: (keys: readonly KeyRecord[]) => readonly KeyRecord[],
): Promise<void> {
  const folder = path.dirname(file);
  const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
  const lock = `${file}.lock`;
  const handle = await open(lock, 'wx').catch((cause: unknown) => {
    throw new SarachiError('state-in-use', { lock }, { cause });
  });
  try {
    const { keys } = await readKeyFile(file);
    const text = `${JSON.stringify({ version: 1, keys: change(keys) }, null, 2)}\n`;
    await writeDurably(file, text, { mode: MODE, replace: true });
    // Made by root, read by the daemon's own user: what is new belongs to whoever owns the state folder.
    const { uid, gid } = await stat(isNew ? path.dirname(folder) : folder);
    if (process.getuid?.() === 0) {
      await chown(file, uid, gid);
      if (isNew) await chown(folder, uid, gid);
    }
  } finally {
    await handle.close();
    await rm(lock, { force: true });
  }
}

export interface KeyStoreParts {
  readonly file: string;
  readonly clock: Clock;
  /** Told of each new reading, the first included. */
  readonly onRead: (read: KeyFileRead) => void;
  /** Told when the file can no longer be read; the keys of the last reading no longer count then. */
  readonly onFault: (error: unknown) => void;
}

/** The keys as the file has them now; a change of the file counts without a restart. */
export class KeyStore {
  readonly #parts: KeyStoreParts;
  #read: KeyFileRead = { keys: [], sha256: '' };
  #stamp = '';
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(parts: KeyStoreParts) {
    this.#parts = parts;
  }

  /** The record of a presented key, or why it is refused; at once while the file need not be looked at. */
  check(presented: string): KeyRecord | KeyFault | Promise<KeyRecord | KeyFault> {
    const now = this.#parts.clock();
    if (!this.#isDue(now)) return checkKey(presented, this.#read.keys, now);
    return this.look().then(() => checkKey(presented, this.#read.keys, this.#parts.clock()));
  }

  /** Whether a key that was taken once would be taken now; as of the last look. */
  stillGood(id: string): boolean {
    this.look().catch(this.#parts.onFault);
    const found = this.#read.keys.find((key) => key.id === id);
    return found !== undefined && isUsable(found, this.#parts.clock());
  }

  /** Who a key was given to, whether it is still good or not. */
  personOf(id: string): string | null {
    return this.#read.keys.find((key) => key.id === id)?.person ?? null;
  }

  usable(): number {
    const now = this.#parts.clock();
    return this.#read.keys.filter((key) => isUsable(key, now)).length;
  }

  /** Looks whether the file has changed, at most twice a second. Never rejects. */
  async look(): Promise<void> {
    if (!this.#isDue(this.#parts.clock())) return;
    this.#looking ??= this.#lookAgain().finally(() => {
      this.#lookedAt = this.#parts.clock();
      this.#looking = null;
    });
    await this.#looking;
  }

  /** A clock that was set back must not put the next look off. */
  #isDue(now: number): boolean {
    return Math.abs(now - this.#lookedAt) >= LOOK_MS;
  }

  async #lookAgain(): Promise<void> {
    const { file, onRead, onFault } = this.#parts;
    const stamp = await stampOf(file);
    if (stamp === this.#stamp) return;
    try {
      this.#read = await readKeyFile(file);
      onRead(this.#read);
    } catch (error) {
      if (!hasCode(error, 'config-invalid')) throw error;
      this.#read = { keys: [], sha256: '' };
      onFault(error);
    }
    this.#stamp = stamp;
  }
}

async function stampOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : 'none';
}
