import type { Effect } from './framework/command.js';
import type { SystemState } from './system-state.js';

/** What an effect changes in the state; those that restart something leave it as it is. */
export function applyEffect(state: SystemState, effect: Effect): SystemState {
  switch (effect.type) {
    case 'setting': {
      const { [effect.name]: _old, ...rows } = state.settings[effect.table];
      const table = effect.value === null ? rows : { ...rows, [effect.name]: effect.value };
      const adbEnabled =
        effect.table === 'global' && effect.name === 'adb_enabled'
          ? effect.value === '1'
          : state.adbEnabled;
      return { ...state, adbEnabled, settings: { ...state.settings, [effect.table]: table } };
    }
    case 'screen':
      return { ...state, screen: effect.screen };
    case 'uninstall':
      return { ...state, packages: state.packages.filter((name) => name !== effect.name) };
    case 'clear-lock':
      return { ...state, screenLock: null };
    case 'reset':
    case 'reboot':
    case 'evaluate':
    case 'write-file':
      return state;
  }
}
