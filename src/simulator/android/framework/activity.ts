import type { Screen, SystemState } from '../system-state.js';
import { type Answer, type FrameworkCommand, optionValue, refuse, say } from './command.js';

const RESET_ACTIONS = [
  'com.android.settings.action.FACTORY_RESET',
  'android.settings.BACKUP_AND_RESET_SETTINGS',
  'android.settings.PRIVACY_SETTINGS',
];
const RESET_COMPONENT = 'com.android.settings/.Settings$FactoryResetActivity';

/** The component that answers an action. Makers with Settings of their own tend to drop the AOSP actions. */
export function resolveActivity(state: SystemState, action: string): string | null {
  if (!RESET_ACTIONS.slice(0, 1).includes(action)) return null;
  return state.profile.resetScreen === 'aosp'
    ? RESET_COMPONENT
    : 'com.vendor.settings/.reset.VendorResetActivity';
}

function firstResetScreen(state: SystemState): Screen {
  if (state.profile.resetScreen === 'unknown-vendor') return 'reset-vendor';
  return state.restrictions.includes('no_factory_reset') ? 'reset-forbidden' : 'reset-first';
}

function start(state: SystemState, args: readonly string[]): Answer {
  const action = optionValue(args, '-a');
  const named = optionValue(args, '-n');
  const component = named ?? (action ? resolveActivity(state, action) : null);
  const intent = action ? `act=${action}` : `cmp=${named ?? ''}`;
  const vendor =
    state.profile.resetScreen === 'aosp' ? null : resolveActivity(state, RESET_ACTIONS[0] ?? '');
  const starting = [`Starting: Intent { ${intent} }`];
  if (action === 'android.intent.action.MAIN' && args.includes('android.intent.category.HOME'))
    return say(starting, [{ type: 'screen', screen: 'launcher' }]);
  if (component === (vendor ?? RESET_COMPONENT))
    return say(starting, [{ type: 'screen', screen: firstResetScreen(state) }]);
  return named
    ? {
        ...say(starting),
        exit: 1,
        stderr: [`Error: Activity class {${named}} does not exist.`, 'Error type 3'],
      }
    : {
        ...say(starting),
        exit: 1,
        stderr: [
          `Error: Activity not started, unable to resolve Intent { ${intent} flg=0x10000000 }`,
        ],
      };
}

const CLEAR_ACTIONS = ['android.intent.action.FACTORY_RESET', 'android.intent.action.MASTER_CLEAR'];

/** The receiver is guarded by MASTER_CLEAR, and what the guard drops is reported as completed all the same. */
function broadcast(state: SystemState, args: readonly string[]): Answer {
  const action = optionValue(args, '-a') ?? '';
  const addressed = args.includes('-p') || args.includes('-n');
  const obeyed = CLEAR_ACTIONS.includes(action) && addressed && state.shellMayMasterClear;
  return say(
    [`Broadcasting: Intent { act=${action} flg=0x400000 }`, 'Broadcast completed: result=0'],
    obeyed ? [{ type: 'reset', by: 'broadcast' }] : [],
  );
}

export const activityManager: FrameworkCommand = (state, args) => {
  const [verb, ...rest] = args;
  if (!state.bootCompleted) return refuse(20, "cmd: Can't find service: activity");
  switch (verb) {
    case 'start':
    case 'start-activity':
      return start(state, rest);
    case 'broadcast':
      return broadcast(state, rest);
    case 'force-stop':
      return say('', [{ type: 'screen', screen: 'launcher' }]);
    case 'get-current-user':
      return say(['0']);
    default:
      return refuse(255, `Unknown command: ${verb ?? ''}`);
  }
};
