import { readFileSync } from 'node:fs';
import type { Config } from '../config.js';
import { SarachiError } from '../errors.js';
import { type Access, REFUSED } from '../http/access/admission.js';
import { KeyStore, keyFileOf } from '../http/access/key-store.js';
import { isLoopback } from '../http/guard.js';
import type { Log } from '../log.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { Clock } from '../wait.js';

export interface AccessParts {
  readonly http: Config['http'];
  readonly state: string;
  readonly book: RunBook;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why this rack may not listen as it is told to; null when it may. Pure. */
export function listenFault(http: Config['http'], usableKeys: number): string | null {
  if (http.host === 'localhost' || isLoopback(http.host)) return null;
  if (http.keys !== 'required') return 'other machines reach this address: set http.keys: required';
  return usableKeys === 0 ? 'no key is usable: make one with sarachi keys add' : null;
}

/** The keys of this rack; each set of them that counts stands in the ledger. Rejects with config-invalid. */
export async function openAccess({ http, state, book, clock, log }: AccessParts): Promise<Access> {
  const keys = new KeyStore({
    file: keyFileOf(state),
    clock,
    onRead: (read) => {
      const usable = read.keys.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id);
      log.info({ keys: usable.length }, 'keys read');
      const statement = { sha256: read.sha256, notRevoked: usable.join(' ') };
      const body = { action: 'keys-read', by: 'daemon', statement };
      book
        .append({ type: 'operator-acted', run: null, port: null, body })
        .catch((error: unknown) => log.error({ err: error }, 'the keys could not be noted'));
    },
    onFault: (error) => log.error({ err: error }, 'the keys cannot be read: none of them counts'),
  });
  await keys.look();
  const fault = listenFault(http, keys.usable());
  if (fault) throw new SarachiError('config-invalid', { key: 'http', host: http.host, fault });
  if (http.keys === 'required' && keys.usable() === 0)
    log.warn('every request needs a key, and there is none: make one with sarachi keys add');
  if (http.keys === 'required' && !http.tls && !isLoopback(http.host))
    log.warn('keys cross the network in plain text: set http.tls');
  const rate = { perSecond: http.requestsPerSecond, burst: http.requestBurst };
  return { required: http.keys === 'required', keys, rate, refused: REFUSED, clock };
}

/** Certificate and key from their files. Throws config-invalid. */
export function readTls(tls: Config['http']['tls']): { cert: Buffer; key: Buffer } | null {
  if (!tls) return null;
  try {
    return { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  } catch (error) {
    throw unusable('http.tls', error);
  }
}

function unusable(key: string, cause: unknown): SarachiError {
  return new SarachiError('config-invalid', { key }, { cause });
}

/** The key of another rack. Throws config-invalid. */
export function readRackKey(file: string): string {
  const key = textOf(file).trim();
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new SarachiError('config-invalid', { key: 'panel.racks', fault: 'keyFile holds no key' });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable('panel.racks', error);
  }
}
