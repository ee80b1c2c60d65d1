import type { AttentionCode } from '../attention.js';
import type { Condition } from '../devices/sighting.js';
import { unreachable } from '../errors.js';
import type { HandsetKey } from '../handset.js';

/** How long adb or usbmuxd may need to make up its mind about a fresh handset before a person is asked. */
const PATIENCE_FACTOR = 10;
/** What a handset shows once it can be worked on. */
const READY: readonly Condition[] = ['adb:device', 'mux:paired'];
/** What says something about a server of this host, and nothing about the handset. */
const TELLS_NOTHING: readonly Condition[] = ['adb:unknown', 'mux:unknown', 'mux:attached'];

/** What a handset of this platform shows when it can be worked on. Pure. */
export function readyConditionOf(handset: HandsetKey | null): Condition {
  return handset?.startsWith('apple:') ? 'mux:paired' : 'adb:device';
}

/** Whether a handset in this condition can be worked on. Pure. */
export function isReady(condition: Condition): boolean {
  return READY.includes(condition);
}

/** Whether a condition can be compared with another one at all. Pure. */
export function tellsSomething(condition: Condition): boolean {
  return !TELLS_NOTHING.includes(condition);
}

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
    case 'mux:paired':
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
      return sinceMs > settleMs * PATIENCE_FACTOR ? 'host-trouble' : null;
    case 'usb:no-adb':
      return sinceMs > settleMs ? 'enable-usb-debugging' : null;
    case 'mux:unknown':
      // usbmuxd is gone; Debian's ends with the last handset and is started again by the next.
      return sinceMs > settleMs * PATIENCE_FACTOR ? 'host-trouble' : null;
    case 'mux:unpaired':
      // Whether it trusts this rack is asked of it; one at its first-boot screen does after a moment.
      return sinceMs > settleMs ? 'iphone-trust' : null;
    case 'mux:trust-declined':
      return 'iphone-trust-declined';
    case 'mux:locked':
      return 'iphone-locked';
    case 'mux:not-unlocked':
      return 'iphone-not-unlocked';
    case 'mux:pairing-forbidden':
      return 'iphone-pairing-forbidden';
    case 'mux:supervised':
      return 'iphone-supervised';
    case 'mux:find-my-guard':
      return 'find-my-guard';
    case 'usb:no-mux':
      return sinceMs > settleMs * PATIENCE_FACTOR ? 'iphone-not-listed' : null;
    case 'mux:attached':
    case 'adb:authorizing':
    case 'adb:connecting':
    case 'adb:offline':
    case 'usb:adb':
      return sinceMs > settleMs * PATIENCE_FACTOR ? 'handset-offline' : null;
    default:
      return unreachable(condition, 'condition-12fd');
  }
}
