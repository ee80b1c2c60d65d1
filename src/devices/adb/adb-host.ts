import { Socket } from 'node:net';
import adbkit, { type Client } from '@devicefarmer/adbkit';
import { SarachiError } from '../../errors.js';
import { cleanField } from '../../text.js';
import { type WaitOptions, withDeadline } from '../../wait.js';
import type { AdbEndpoint } from './adb-socket.js';

/**
 * adbkit starts `adb` itself when a connection is refused, outside our supervision and with another key. A program
 * that always fails takes that away from it.
 */
const NEVER_START = '/bin/false';

/**
 * Version of the server, 41 for platform-tools since Android 10. Errors: adb-server-gone, aborted.
 */
export function serverVersion(endpoint: AdbEndpoint, options: WaitOptions): Promise<number> {
  return onHost(endpoint, options, async (client) => {
    const version = await client.version();
    if (!Number.isInteger(version) || version < 1)
      throw new SarachiError('adb-protocol', { expected: 'a version' });
    return version;
  });
}

/**
 * Adds a handset that is reached by TCP. The server says OKAY even when it failed; adbkit reads the text after it.
 * Errors: adb-refused with that text, adb-server-gone, aborted.
 */
export async function connectTcp(
  endpoint: AdbEndpoint,
  handset: AdbEndpoint,
  options: WaitOptions,
): Promise<void> {
  await onHost(endpoint, options, (client) => client.connect(handset.host, handset.port));
}

/** Drops a handset that is reached by TCP. Errors as `connectTcp`. */
export async function disconnectTcp(
  endpoint: AdbEndpoint,
  handset: AdbEndpoint,
  options: WaitOptions,
): Promise<void> {
  await onHost(endpoint, options, (client) => client.disconnect(handset.host, handset.port));
}

/**
 * The fingerprint that a handset shows in its USB debugging dialog for this public key, as `ab:cd:…`.
 * Error: internal, when the text is no adb public key.
 */
export async function keyFingerprint(publicKey: string): Promise<string> {
  const key = await adbkit.Adb.util.parsePublicKey(publicKey.trim()).catch((cause: unknown) => {
    throw new SarachiError('internal', { reason: 'not an adb public key' }, { cause });
  });
  return key.fingerprint;
}

function onHost<T>(
  endpoint: AdbEndpoint,
  options: WaitOptions,
  work: (client: Client) => PromiseLike<T>,
): Promise<T> {
  return withDeadline(options, 'adb-server-gone', async (signal) => {
    const client = new HostClient(endpoint, signal);
    try {
      return await work(client);
    } catch (cause) {
      throw hostError(cause);
    }
  });
}

/** adbkit has no cancel of its own: every connection it opens is destroyed with the signal. */
class HostClient extends adbkit.Client {
  readonly #signal: AbortSignal;

  constructor(endpoint: AdbEndpoint, signal: AbortSignal) {
    super({ host: endpoint.host, port: endpoint.port, bin: NEVER_START });
    this.#signal = signal;
  }

  override connection(): ReturnType<Client['connection']> {
    return super.connection().then((connection) => {
      const socket = connection.getSocket();
      const drop = () => (socket instanceof Socket ? socket.destroy() : undefined);
      if (this.#signal.aborted) drop();
      this.#signal.addEventListener('abort', drop, { once: true });
      return connection;
    });
  }
}

function hostError(cause: unknown): SarachiError {
  if (cause instanceof SarachiError) return cause;
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const detail = { message: cleanField(message, 300) };
  if (name === 'UnexpectedDataError') return new SarachiError('adb-protocol', detail, { cause });
  // What is left, besides a broken connection, are the server's own words.
  const broken =
    name === 'PrematureEOFError' ||
    message.includes(NEVER_START) ||
    (cause instanceof Error && 'code' in cause);
  return new SarachiError(broken ? 'adb-server-gone' : 'adb-refused', detail, { cause });
}
