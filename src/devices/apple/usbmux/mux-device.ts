import { cleanSerial } from '../../../text.js';
import { dictOf, integerOf, type PlistDict, textOf } from '../plist/plist-value.js';

/** One handset as usbmuxd names it. */
export interface MuxDevice {
  /** A counter of one life of usbmuxd: new at each plugging in, and used again after a restart. */
  readonly deviceId: number;
  readonly udid: string;
  readonly bus: number;
  /** The number that the kernel gave at this plugging in; not the port. */
  readonly address: number;
  readonly productId: number | null;
}

/**
 * The handset of an `Attached` message; null for one on Wi-Fi and for one that cannot be named or placed.
 * On Linux LocationID is the bus in the upper and the device address in the lower 16 bits. Source: usbmuxd src/usb.c.
 */
export function parseDevice(message: PlistDict): MuxDevice | null {
  const properties = dictOf(message, 'Properties');
  const deviceId = integerOf(message, 'DeviceID');
  if (properties === null || deviceId === null || deviceId < 0) return null;
  if ((textOf(properties, 'ConnectionType') ?? 'USB') !== 'USB') return null;
  const location = integerOf(properties, 'LocationID');
  const udid = udidOf(textOf(properties, 'SerialNumber') ?? '');
  if (udid === null || location === null || location < 0 || location > 0xffff_ffff) return null;
  return {
    deviceId,
    udid,
    bus: location >>> 16,
    address: location & 0xffff,
    productId: integerOf(properties, 'ProductID'),
  };
}

/**
 * A UDID as usbmuxd prints it: newer handsets have 24 characters on the bus and a hyphen after the eighth elsewhere.
 * Null where the text names nothing. Source: usbmuxd src/usb.c.
 */
export function udidOf(serial: string): string | null {
  const clean = cleanSerial(serial);
  return clean?.replace(/^([0-9A-Fa-f]{8})([0-9A-Fa-f]{16})$/, '$1-$2') ?? null;
}
