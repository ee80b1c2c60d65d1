import type { SystemState } from '../system-state.js';
import { resolveActivity } from './activity.js';
import { type Answer, type FrameworkCommand, optionValue, refuse, say } from './command.js';

const SYSTEM_PACKAGES = [
  'android',
  'com.android.settings',
  'com.android.shell',
  'com.android.systemui',
  'com.android.providers.contacts',
  'com.android.providers.media',
  'com.google.android.gms',
  'com.google.android.setupwizard',
];
const FELICA_PACKAGES = [
  'com.felicanetworks.mfm.main',
  'com.felicanetworks.mfc',
  'com.felicanetworks.mfs',
];

function systemPackages(state: SystemState): readonly string[] {
  return [...SYSTEM_PACKAGES, ...(state.profile.felica ? FELICA_PACKAGES : [])];
}

function features(state: SystemState): readonly string[] {
  const { profile } = state;
  return [
    'android.hardware.camera',
    'android.hardware.telephony',
    ...(profile.esim ? ['android.hardware.telephony.euicc'] : []),
    'android.hardware.nfc',
    'android.hardware.nfc.hce',
    ...(profile.felica
      ? ['android.hardware.nfc.hcef', 'android.hardware.se.omapi.ese', 'com.felicanetworks.felica']
      : []),
    'android.software.device_admin',
  ];
}

function list(state: SystemState, args: readonly string[]): Answer {
  const [what, ...rest] = args;
  switch (what) {
    case 'packages': {
      const third = rest.includes('-3');
      const system = rest.includes('-s');
      const wanted = rest.findLast((word) => !word.startsWith('-') && !/^\d+$/.test(word)) ?? '';
      const names = [...(third ? [] : systemPackages(state)), ...(system ? [] : state.packages)];
      return say(names.filter((name) => name.includes(wanted)).map((name) => `package:${name}`));
    }
    case 'users':
      return say([
        'Users:',
        ...state.users.map((user) => {
          const running = user.id === 0 ? ' running' : '';
          return `\tUserInfo{${user.id}:${user.name}:${user.flags}}${running}`;
        }),
      ]);
    case 'features':
      return say(features(state).map((name) => `feature:${name}`));
    default:
      return refuse(1, `Error: unknown list type '${what ?? ''}'`);
  }
}

function uninstall(state: SystemState, args: readonly string[]): Answer {
  const name = args.filter((word) => !word.startsWith('-') && !/^\d+$/.test(word)).at(-1) ?? '';
  if (!state.packages.includes(name)) {
    const known = systemPackages(state).includes(name);
    return {
      ...say([known ? 'Failure [DELETE_FAILED_INTERNAL_ERROR]' : `Failure [not installed for 0]`]),
      exit: 1,
    };
  }
  if (state.deviceOwner?.component.startsWith(`${name}/`))
    return { ...say(['Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]']), exit: 1 };
  return say(['Success'], [{ type: 'uninstall', name }]);
}

/** `pm`, and `cmd package`, which is the same service. */
export const packageManager: FrameworkCommand = (state, args) => {
  const [verb, ...rest] = args;
  if (!state.bootCompleted) return refuse(20, "cmd: Can't find service: package");
  switch (verb) {
    case 'list':
      return list(state, rest);
    case 'path': {
      const name = rest.at(-1) ?? '';
      const all = [...systemPackages(state), ...state.packages];
      return all.includes(name) ? say([`package:/data/app/${name}/base.apk`]) : refuse(1);
    }
    case 'uninstall':
      return uninstall(state, rest);
    case 'trim-caches':
      return say('');
    case 'resolve-activity': {
      const action = optionValue(rest, '-a') ?? '';
      const component = resolveActivity(state, action);
      if (!component) return say(['No activity found']);
      const match = 'priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true';
      return say([match, component]);
    }
    default:
      return refuse(255, `Unknown command: ${verb ?? ''}`);
  }
};
