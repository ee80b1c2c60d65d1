import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SarachiError } from '../errors.js';
import { writeDurably } from './durable-file.js';
import { unwritable } from './segment-writer.js';
import { sha256Hex } from './sha256.js';

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Where the certificate of a run lies. Throws `bad-request` for a run id that is no plain file name. */
export function certificatePath(stateDir: string, run: string): string {
  if (!RUN_ID.test(run)) throw new SarachiError('bad-request', { parameter: 'run' });
  return join(stateDir, 'certificates', `${run}.json`);
}

/**
 * Puts a certificate in place, whole or not at all; resolves with the SHA-256 of its bytes when they are on disk.
 * Rejects with `bad-request` for a run id that is no file name, `ledger-unwritable` where the disk refuses.
 */
export async function writeCertificate(
  stateDir: string,
  run: string,
  text: string,
): Promise<string> {
  const file = certificatePath(stateDir, run);
  try {
    await mkdir(join(stateDir, 'certificates'), { recursive: true, mode: 0o750 });
    await writeDurably(file, text, { mode: 0o640, replace: true });
  } catch (error) {
    throw unwritable(error, { file });
  }
  return sha256Hex(text);
}
