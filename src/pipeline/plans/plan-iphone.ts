import type { Config, Policy } from '../../config.js';
import type { IphoneCapabilities } from '../../erasure-engines/ios/report.js';
import { meetsReader } from '../resources.js';
import { latest, type Plan, type RunRecord } from '../run-record.js';
import { planned } from './planned.js';

/**
 * The plan of an iPhone. Pure. The erase destroys the keys of everything; what the overwrite adds, and where it stands,
 * depends on whether the handset takes files as it is now: nobody knows beforehand whether it will after its erase.
 */
export function planIphone(
  record: RunRecord,
  policy: Policy,
  felica: Config['felica'] | null,
): Plan | null {
  const found = latest(record, 'identity');
  if (!found?.holds || !record.identity) return null;
  const capabilities = found.value['capabilities'] as unknown as IphoneCapabilities;
  const reset = planned('reset-delete', policy.iphone.eraseMethods.join(' > '));
  const asksTransit = felica !== null && meetsReader(record.identity, felica);
  return {
    stages: [
      planned('identify', 'lockdown and its services'),
      planned('carrier-check', 'as configured'),
      ...aroundReset(capabilities, policy, reset),
      planned('felica-clear', `${CARDS_END}${asksTransit ? ' > transit polls' : ''}`),
      planned('verify', 'a last look, then the pairing is removed'),
    ],
  };
}

const CARDS_END = 'the erase ends the cards of the secure element; not verified';

type Planned = Plan['stages'][number];

function aroundReset(
  { files, activated }: IphoneCapabilities,
  { iphone }: Policy,
  reset: Planned,
): Planned[] {
  const skip = (reason: string) => planned('overwrite-erase', 'not done', reason);
  if (iphone.overwrite === 'off') return [reset, skip('the policy says so')];
  if (!files && iphone.overwrite === 'if-served')
    return [reset, skip('the handset does not serve its files')];
  const fill = (reason: string) =>
    planned('overwrite-erase', 'fill with a keystream and read back, over the cable', reason);
  if (!files) return [fill('asked for before anything is destroyed'), reset];
  return activated === false
    ? [reset, fill('the handset serves files without activation: all but the fresh system')]
    : [fill('files are served now, and may not be after the erase: free storage only'), reset];
}
