import { createPublicKey } from 'node:crypto';
import { SarachiError } from '../../../errors.js';
import type { SimulatedIphone } from '../iphone.js';
import { hostOf } from '../lockdown/pairing.js';
import { devicePublicKey } from '../lockdown/values.js';
import { keptRecord, newPairRecord } from './new-pair-record.js';
import type { PairRecords } from './pair-records.js';

/** Makes a phone and the host of these records know each other, as if Trust had been tapped another day. */
export async function pairBefore(iphone: SimulatedIphone, records: PairRecords): Promise<void> {
  const { deviceKey, identity, hosts } = iphone.state;
  if (hosts.length > 0) return;
  const key = Buffer.from(devicePublicKey(iphone.state));
  const record = await newPairRecord(key, await records.systemBuid());
  const host = hostOf({ ...record }, createPublicKey(deviceKey));
  if (!host) throw new SarachiError('internal', { tag: 'pair-before-7c02' });
  iphone.update((state) => ({ ...state, hosts: [host] }));
  await records.save(identity.udid, keptRecord(record, identity));
}
