import { screenXml } from '../screens.js';
import { type FrameworkCommand, refuse, say } from './command.js';

/** `uiautomator dump [--compressed] [FILE]`, its spelling of "hierarchy" included (AOSP cmds/uiautomator, DumpCommand). */
export const uiautomator: FrameworkCommand = (state, args) => {
  if (args[0] !== 'dump') return refuse(1, 'Usage: uiautomator <subcommand> [options]');
  if (!state.bootCompleted) return refuse(1, 'ERROR: could not get idle state.');
  const path = args.slice(1).find((word) => !word.startsWith('--')) ?? '/sdcard/window_dump.xml';
  const text = screenXml(state);
  const done = `UI hierchary dumped to: ${path}\n`;
  return path === '/dev/tty'
    ? say(`${text}${done}`)
    : say(done, [{ type: 'write-file', path, text }]);
};
