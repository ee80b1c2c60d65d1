import type { UsbInterface } from '../../devices/sighting.js';
import type { Face } from '../pluggable.js';
import type { AndroidProfile } from './profile.js';

/** What the descriptors of a plugged Android handset say, and what stands behind them. */
export interface UsbFace extends Face {
  /** Whether an adb daemon answers on it. */
  readonly adb: boolean;
  /** Whether that daemon demands no key; it restarts when this changes. */
  readonly open: boolean;
}

const MTP: UsbInterface = { classCode: 6, subclass: 1, protocol: 1 };
const ADB: UsbInterface = { classCode: 0xff, subclass: 0x42, protocol: 0x01 };
const FASTBOOT: UsbInterface = { classCode: 0xff, subclass: 0x42, protocol: 0x03 };

export type BootMode = 'system' | 'recovery' | 'sideload' | 'rescue' | 'bootloader';

export function usbFace(
  profile: AndroidProfile,
  serial: string | null,
  now: { readonly mode: BootMode; readonly adbEnabled: boolean; readonly open: boolean },
): UsbFace {
  const { open } = now;
  const { vendorId, withAdb, withoutAdb } = profile.usb;
  if (now.mode === 'bootloader')
    return {
      vendorId: 0x18d1,
      productId: 0x4ee0,
      serial,
      interfaces: [FASTBOOT],
      adb: false,
      open,
    };
  if (now.mode !== 'system')
    return { vendorId: 0x18d1, productId: 0xd001, serial, interfaces: [ADB], adb: true, open };
  return now.adbEnabled
    ? { vendorId, productId: withAdb, serial, interfaces: [MTP, ADB], adb: true, open }
    : { vendorId, productId: withoutAdb, serial, interfaces: [MTP], adb: false, open };
}
