import type { Config, Policy } from '../../config.js';
import { resetLadder } from '../../erasure-engines/android/ladder.js';
import type { AndroidCapabilities } from '../../erasure-engines/android/report.js';
import { meetsReader } from '../resources.js';
import { latest, type Plan, type RunRecord } from '../run-record.js';
import { planned } from './planned.js';

/** Android 16, from which a reset handset answers by itself in its trade-in state. */
const TRADE_IN_SDK = 36;

/** The plan of an Android handset; null where no reset method is left. Pure. */
export function planAndroid(
  record: RunRecord,
  policy: Policy,
  felica: Config['felica'] | null,
): Plan | null {
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

  const felicaClear = felicaFirst
    ? planFelica(record, felica)
    : planned('felica-clear', 'search for FeliCa software and features');
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
      ...(felicaFirst ? [felicaClear] : []),
      ...(overwriteFirst ? [overwrite, reset] : [reset, overwrite]),
      ...(felicaFirst ? [] : [felicaClear]),
      planned('verify', 'closing reset, then a last look'),
    ],
  };
}

const ON_HANDSET = 'the function that clears the chip is on the handset and goes with its reset';
const WHY_FIRST = {
  'on-device': ON_HANDSET,
  'external-tool':
    'a reset leaves the chip as it is: nothing is destroyed before the chip is clear',
  'watched-folder':
    'a reset leaves the chip as it is: nothing is destroyed before the chip is clear',
  'carrier-shop': 'a handset that a carrier shop must clear first keeps its data until it is back',
} as const;

/** Before the reset in any case; why, and how, depends on who may clear the chip. */
function planFelica(record: RunRecord, felica: Config['felica'] | null): Plan['stages'][number] {
  if (!felica || !meetsReader(record.identity, felica))
    return planned('felica-clear', 'by a person on the handset, not proved from here', ON_HANDSET);
  const method = felica.clear?.method;
  return planned(
    'felica-clear',
    `survey > ${method ?? 'a person'} where it holds something > survey`,
    method ? WHY_FIRST[method] : ON_HANDSET,
  );
}
