import type { HandsetOs } from '../handset-os.js';
import { parseAdbPublicKey, publicKeyBase64, signsToken } from './adb-public-key.js';
import type { Packet } from './packet.js';

/** First argument of an AUTH packet (AOSP packages/modules/adb, docs/dev/protocol.md). */
export const AUTH = { TOKEN: 1, SIGNATURE: 2, PUBLIC_KEY: 3 } as const;

export const TOKEN_LENGTH = 20;

export type LoginAnswer =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'new-token' }
  | { readonly kind: 'offer'; readonly publicKey: string }
  | { readonly kind: 'silence' };

/**
 * What adbd answers to an AUTH packet: in when a trusted key signed the last token, a new token when none did, and
 * for an offered key whatever the person at the handset says. Throws `adb-protocol` when the offer is not a key.
 */
export function answerAuth(
  auth: Packet,
  token: Buffer,
  trusted: ReturnType<HandsetOs['trustedKeys']>,
): LoginAnswer {
  if (auth.arg0 === AUTH.SIGNATURE) {
    const known =
      trusted === 'open' ||
      trusted.some((key) => signsToken(parseAdbPublicKey(key), token, auth.payload));
    return { kind: known ? 'welcome' : 'new-token' };
  }
  if (auth.arg0 === AUTH.PUBLIC_KEY) {
    const publicKey = publicKeyBase64(auth.payload);
    parseAdbPublicKey(publicKey);
    return { kind: 'offer', publicKey };
  }
  return { kind: 'silence' };
}
