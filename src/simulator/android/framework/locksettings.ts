import { type FrameworkCommand, optionValue, refuse, say } from './command.js';

/** AOSP LockSettingsShellCommand. */
export const locksettings: FrameworkCommand = (state, args) => {
  const [verb, ...rest] = args;
  const old = optionValue(rest, '--old') ?? '';
  const right = (state.screenLock ?? '') === old;
  switch (verb) {
    case 'get-disabled':
      return say([String(state.testHarness)]);
    case 'verify':
      return right
        ? say(['Lock credential verified successfully'])
        : { ...refuse(255), stdout: `Old password '${old}' didn't match\n` };
    case 'clear':
      return right
        ? say(['Lock credential cleared'], [{ type: 'clear-lock' }])
        : { ...refuse(255), stdout: `Old password '${old}' didn't match\n` };
    default:
      return refuse(255, `Unknown command: ${verb ?? ''}`);
  }
};
