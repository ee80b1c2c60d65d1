import { type FrameworkCommand, optionValue, refuse, say } from './command.js';

/** `sm`: what vold knows. Trimming tells the flash which blocks are free; it never clears them here, which is the honest worst case. */
export const storageManager: FrameworkCommand = (state, args) => {
  const [verb] = args;
  switch (verb) {
    case 'list-volumes':
      return say(['private mounted null', 'emulated;0 mounted null']);
    case 'list-disks':
      return say('');
    case 'get-fbe-mode':
      return say([state.profile.encryption === 'file' ? 'native' : 'none']);
    case 'fstrim':
    case 'idle-maint':
      return say('');
    default:
      return refuse(1, 'usage: sm list-disks | list-volumes | get-fbe-mode | fstrim | idle-maint');
  }
};

/** `content query`, for the one table that the engine reads. */
export const content: FrameworkCommand = (state, args) => {
  const uri = optionValue(args, '--uri');
  if (args[0] !== 'query' || uri !== 'content://telephony/siminfo')
    return refuse(1, `[ERROR] Unsupported operation or uri: ${uri ?? ''}`);
  if (state.sims.length === 0) return say(['No result found.']);
  return say(
    state.sims.map((sim, row) =>
      [
        `Row: ${row} _id=${row + 1}`,
        `icc_id=${sim.iccId}`,
        `sim_id=${sim.slot}`,
        'display_name=NTT DOCOMO',
        `is_embedded=${sim.embedded ? 1 : 0}`,
        'subscription_type=0',
      ].join(', '),
    ),
  );
};

export const svc: FrameworkCommand = (_state, args) =>
  args[0] === 'power' || args[0] === 'usb' ? say('') : refuse(1, 'Available commands: power, usb');

export const windowManager: FrameworkCommand = (_state, args) =>
  args[0] === 'size' ? say(['Physical size: 1080x2340']) : refuse(255, 'Unknown command');

/** `dpm list-owners` came with Android 12. */
export const devicePolicyManager: FrameworkCommand = (state, args) => {
  if (args[0] !== 'list-owners' || state.profile.sdk < 31)
    return refuse(1, `Error: unknown command '${args[0] ?? ''}'`);
  if (!state.deviceOwner) return say(['no owners']);
  return say(['1 owner:', `User  0: admin=${state.deviceOwner.component},DeviceOwner`]);
};

/** `reboot` and `svc power reboot` from the shell. */
export const reboot: FrameworkCommand = (_state, args) =>
  say('', [{ type: 'reboot', target: args.find((word) => !word.startsWith('-')) ?? '' }]);
