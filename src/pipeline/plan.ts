import type { Config, Policy } from '../config.js';
import { planAndroid } from './plans/plan-android.js';
import { planIphone } from './plans/plan-iphone.js';
import type { Plan, RunRecord } from './run-record.js';

/**
 * The ordered stages with the method of each, from what identify found and the policy. Pure. Null where no order of
 * stages could end in a proof.
 */
export function makePlan(
  record: RunRecord,
  policy: Policy,
  felica: Config['felica'] | null = null,
): Plan | null {
  return record.identity?.platform === 'apple'
    ? planIphone(record, policy, felica)
    : planAndroid(record, policy, felica);
}
