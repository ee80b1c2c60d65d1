import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureVersion, TLSSocket } from 'node:tls';

/** The phone's side of a TLS connection, as the pair record of one host gives the roles. */
export interface TlsRole {
  /** PEM of the phone's own RSA key, and of the certificate that the host made for it. */
  readonly key: string;
  readonly certificate: string;
  readonly newest: SecureVersion;
  /**
   * PEM of the certificates that the host may show: its own, or the root's, as libimobiledevice built with OpenSSL does
   * (libimobiledevice, src/idevice.c).
   */
  readonly hosts: readonly string[];
}

/** TLS on a stream, with the phone as server. Null: the handshake failed or another host answered; the stream is dead. */
export async function secure(stream: Duplex, role: TlsRole): Promise<TLSSocket | null> {
  const tls = new TLSSocket(stream as ConstructorParameters<typeof TLSSocket>[0], {
    isServer: true,
    requestCert: true,
    rejectUnauthorized: false,
    secureContext: createSecureContext({
      key: role.key,
      cert: role.certificate,
      maxVersion: role.newest,
      // Debian's libimobiledevice signs its certificates with SHA-1 (src/userpref.c).
      ciphers: 'DEFAULT@SECLEVEL=0',
    }),
  });
  const done = await new Promise<boolean>((resolve) => {
    tls.once('secure', () => resolve(true));
    tls.on('error', () => resolve(false));
    tls.once('close', () => resolve(false));
  });
  const shown = done ? tls.getPeerX509Certificate()?.raw : undefined;
  const known = shown && role.hosts.some((pem) => new X509Certificate(pem).raw.equals(shown));
  if (known) return tls;
  tls.destroy();
  stream.destroy();
  return null;
}
