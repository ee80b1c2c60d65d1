import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SarachiError } from '../errors.js';
import { unwritable } from './segment-writer.js';

/**
 * Holds a ledger folder for this process alone: an exclusive SQLite transaction on an empty file, which is a kernel
 * record lock (fcntl). It ends with the process however that ends, is not inherited by children, also holds between
 * containers that share the folder, and can never be stale. Throws `state-in-use` when another holds it.
 */
export function lockLedger(dir: string): { release(): void } {
  let database: Database.Database | null = null;
  try {
    database = new Database(join(dir, 'ledger.lock'), { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw lockError(error, dir);
  }
  const held = database;
  return { release: () => void held.close() };
}

function lockError(cause: unknown, dir: string): SarachiError {
  const busy = cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY');
  return busy
    ? new SarachiError('state-in-use', { dir }, { cause })
    : unwritable(cause, { dir, step: 'lock' });
}
