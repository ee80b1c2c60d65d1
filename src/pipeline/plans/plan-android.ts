import type { Policy } from '../../config.js';
import { resetLadder } from '../../erasure-engines/android/ladder.js';
import type { AndroidCapabilities } from '../../erasure-engines/android/report.js';
import { latest, type Plan, type RunRecord } from '../run-record.js';
import { planned } from './planned.js';

/** Android 16, from which a reset handset answers by itself in its trade-in state. */
const TRADE_IN_SDK = 36;

/** The plan of an Android handset; null where no reset method is left. Pure. */
export function planAndroid(record: RunRecord, policy: Policy): Plan | null {
  const found = latest(record, 'identity');
  if (!found?.holds || !record.identity) return null;
  const capabilities = found.value['capabilities'] as unknown as AndroidCapabilities;
  const { rungs } = resetLadder(capabilities, policy, 'first');
  const [first] = rungs;
  if (!first) return null;

  const endsWithoutAdb =
    (capabilities.sdk ?? 0) < TRADE_IN_SDK && first !== 'test-harness' && first !== 'trade-in';
  const overwriteFirst = endsWithoutAdb && !policy.askPersonToEnableDebugging;
  const felicaFirst = record.identity.felica === 'present';

  const felica = planned(
    'felica-clear',
    felicaFirst
      ? 'by a person on the handset, not proved from here'
      : 'search for FeliCa software and features',
    felicaFirst
      ? 'the function that clears the chip is on the handset and goes with its reset'
      : null,
  );
  const overwrite = planned(
    'overwrite-erase',
    'fill with a keystream and read back, on the handset',
    overwriteFirst
      ? 'the reset switches debugging off and nobody is to be asked: free storage is overwritten before it'
      : null,
  );
  const reset = planned('reset-delete', rungs.join(' > '));
  return {
    stages: [
      planned('identify', capabilities.mode === 'foyer' ? 'trade-in status' : 'one shell probe'),
      planned('carrier-check', 'as configured'),
      ...(felicaFirst ? [felica] : []),
      ...(overwriteFirst ? [overwrite, reset] : [reset, overwrite]),
      ...(felicaFirst ? [] : [felica]),
      planned('verify', 'closing reset, then a last look'),
    ],
  };
}
