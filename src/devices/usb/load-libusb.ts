import type { usb } from 'usb';
import type { UsbLibrary } from './libusb-bus.js';

/**
 * The `usb` package, 2.x: the line that is libusb, with `attach` and `detach` events. Loading it starts libusb, which
 * complains on the console of a host without USB; hence only when a bus is started.
 */
export async function loadLibusb(): Promise<UsbLibrary<usb.Device>> {
  return (await import('usb')).usb;
}
