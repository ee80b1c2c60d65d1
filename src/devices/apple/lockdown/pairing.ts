import { randomUUID } from 'node:crypto';
import { SarachiError } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import type { WaitOptions } from '../../../wait.js';
import { isData } from '../plist/plist-value.js';
import type { Lockdown } from './lockdown.js';
import type { PairRecord } from './pair-record.js';
import { makePairingCertificates } from './pairing-certificates.js';

/**
 * What is offered to a handset, and kept once it accepted. While its dialog shows, the same offer is repeated: a new
 * one would ask anew. The Wi-Fi address is read before, since iOS 7 does not tell it afterwards.
 * Errors: those of lockdown, handset-garbage.
 */
export async function preparePairing(
  lockdown: Lockdown,
  { systemBuid, now }: { readonly systemBuid: string; readonly now: number },
  options: WaitOptions,
): Promise<PairRecord> {
  const wifi = await lockdown.value('WiFiAddress', options);
  const publicKey = await lockdown.value('DevicePublicKey', options);
  if (!isData(publicKey)) throw new SarachiError('handset-garbage', { what: 'DevicePublicKey' });
  return {
    ...(await makePairingCertificates(publicKey, now)),
    hostId: randomUUID().toUpperCase(),
    systemBuid,
    escrowBag: null,
    wifiAddress: typeof wifi === 'string' ? cleanField(wifi, 32) : null,
  };
}
