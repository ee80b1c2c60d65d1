import type { AttentionCode } from '../attention.js';
import type { Condition } from '../devices/sighting.js';
import { unreachable } from '../errors.js';

/** How long adb may need to make up its mind about a fresh handset before a person is asked to re-plug it. */
const ADB_PATIENCE_FACTOR = 10;

/**
 * Why a device that is there cannot be worked on, as something a person can act on; null while it is too early to
 * say. Pure.
 * @param sinceMs how long it has been in this condition
 * @param settleMs how long a fresh device may take to show its true condition
 */
export function attentionOf(
  condition: Condition,
  sinceMs: number,
  settleMs: number,
): AttentionCode | null {
  switch (condition) {
    case 'adb:device':
      return null;
    case 'adb:unauthorized':
      return 'authorise-usb-debugging';
    case 'adb:no-permissions':
      return 'usb-permission';
    case 'adb:recovery':
    case 'adb:sideload':
    case 'adb:rescue':
    case 'adb:bootloader':
      return sinceMs > settleMs ? 'wrong-boot-mode' : null;
    case 'adb:unknown':
      // The adb server is gone and is being started again; the handset has nothing to do with it.
      return sinceMs > settleMs * ADB_PATIENCE_FACTOR ? 'host-trouble' : null;
    case 'usb:no-adb':
      return sinceMs > settleMs ? 'enable-usb-debugging' : null;
    case 'mux:unknown':
      // usbmuxd is gone; Debian's ends with the last handset and is started again by the next.
      return sinceMs > settleMs * ADB_PATIENCE_FACTOR ? 'host-trouble' : null;
    case 'mux:attached':
    case 'mux:paired':
    case 'mux:unpaired':
    case 'mux:locked':
      // Nothing here erases iPhones.
      return sinceMs > settleMs ? 'unsupported-handset' : null;
    case 'usb:no-mux':
    case 'adb:authorizing':
    case 'adb:connecting':
    case 'adb:offline':
    case 'usb:adb':
      return sinceMs > settleMs * ADB_PATIENCE_FACTOR ? 'handset-offline' : null;
    default:
      return unreachable(condition, 'condition-12fd');
  }
}
