import type { SystemState } from '../system-state.js';
import { activityManager } from './activity.js';
import { type Answer, type FrameworkCommand, refuse, say } from './command.js';
import { locksettings } from './locksettings.js';
import { packageManager } from './packages.js';
import { settings } from './settings.js';

/** AOSP TestHarnessModeService: who may not be reset this way, in the order in which it looks. */
function testHarness(state: SystemState, args: readonly string[]): Answer {
  const [verb] = args;
  if (verb !== 'enable' && verb !== 'restore') return refuse(255, `Unknown command: ${verb ?? ''}`);
  if (state.screenLock)
    return refuse(2, 'Test Harness Mode cannot be enabled if there is a lock screen');
  if (state.frp.active) return refuse(1, 'Test Harness Mode cannot be enabled when FRP is active');
  if (!state.profile.frpPartition) return refuse(1, 'Failed to enable Test Harness Mode');
  // The reset itself is a broadcast to the system, so the command says nothing of a restriction that stops it.
  if (state.restrictions.includes('no_factory_reset')) return say('');
  return say('', [{ type: 'reset', by: 'test-harness' }]);
}

export const cmd: FrameworkCommand = (state, args) => {
  const [name = '', ...rest] = args;
  switch (name) {
    case 'package':
      return packageManager(state, rest);
    case 'activity':
      return activityManager(state, rest);
    case 'settings':
      return settings(state, rest);
    case 'lock_settings':
      return locksettings(state, rest);
    case 'testharness':
      if (state.profile.sdk >= 29 && state.bootCompleted) return testHarness(state, rest);
      break;
    case 'connectivity':
      if (state.profile.sdk >= 30 && rest[0] === 'airplane-mode') return say('');
      break;
    case 'phone':
      if (state.profile.sdk >= 33 && rest[0] === 'get-imei')
        return refuse(255, 'Device IMEI: Permission denied.');
      break;
  }
  return refuse(20, `cmd: Can't find service: ${name}`);
};
