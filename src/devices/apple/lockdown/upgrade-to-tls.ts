import type { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { SarachiError } from '../../../errors.js';
import { type WaitOptions, withDeadline } from '../../../wait.js';
import { ByteStream, type ByteStreamOptions } from '../byte-stream.js';
import { type PairRecord, unusable } from './pair-record.js';

/**
 * TLS on a connection that spoke plainly so far, with the roles of the pair record: the handset is the server and shows
 * the certificate that was made for it at pairing; we show ours. Nobody checks the server's certificate by a name or a
 * chain, as no tool does: it was signed by a root of our own for no name at all.
 * Certificates of older tools are SHA-1 and iOS below 10 speaks TLS 1.0, so the lowest security level is allowed.
 * Errors: iphone-tls, pair-record-unusable, handset-timeout, aborted.
 */
export async function upgradeToTls(
  duplex: Duplex,
  record: PairRecord,
  options: ByteStreamOptions & WaitOptions,
): Promise<ByteStream> {
  const secureContext = contextOf(record);
  const socket = connect({ socket: duplex, secureContext, rejectUnauthorized: false });
  const shaken = new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  try {
    await withDeadline(options, 'handset-timeout', () => shaken);
  } catch (error) {
    socket.destroy();
    duplex.destroy();
    throw tlsError(error);
  }
  return new ByteStream(socket, options);
}

function contextOf(record: PairRecord): SecureContext {
  try {
    return createSecureContext({
      key: Buffer.from(record.hostPrivateKey),
      cert: Buffer.from(record.hostCertificate),
      ciphers: 'DEFAULT@SECLEVEL=0',
      minVersion: 'TLSv1',
    });
  } catch (error) {
    throw unusable('certificate or key', error);
  }
}

function tlsError(cause: unknown): SarachiError {
  if (cause instanceof SarachiError) return cause;
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'closed';
  return new SarachiError('iphone-tls', { reason }, { cause });
}
