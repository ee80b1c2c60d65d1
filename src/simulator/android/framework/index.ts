import { hasTradeInMode } from '../profile.js';
import type { SystemState } from '../system-state.js';
import { activityManager } from './activity.js';
import { cmd } from './cmd.js';
import type { FrameworkCommand } from './command.js';
import { dumpsys } from './dumpsys.js';
import { input } from './input.js';
import { locksettings } from './locksettings.js';
import { packageManager } from './packages.js';
import { getprop, setprop } from './properties.js';
import { service } from './service.js';
import { settings } from './settings.js';
import {
  content,
  devicePolicyManager,
  reboot,
  storageManager,
  svc,
  windowManager,
} from './small-commands.js';
import { tradeInMode } from './trade-in.js';
import { uiautomator } from './uiautomator.js';

const COMMANDS: Readonly<Record<string, FrameworkCommand>> = {
  am: activityManager,
  cmd,
  content,
  dpm: devicePolicyManager,
  dumpsys,
  getprop,
  input,
  locksettings,
  pm: packageManager,
  reboot,
  service,
  setprop,
  settings,
  sm: storageManager,
  svc,
  tradeinmode: tradeInMode,
  uiautomator,
  wm: windowManager,
};

/** The commands that this handset has in /system/bin. */
export function frameworkCommands(profile: SystemState['profile']): readonly string[] {
  return Object.keys(COMMANDS).filter((name) => name !== 'tradeinmode' || hasTradeInMode(profile));
}

export function frameworkCommand(name: string): FrameworkCommand | null {
  return Object.hasOwn(COMMANDS, name) ? (COMMANDS[name] ?? null) : null;
}
