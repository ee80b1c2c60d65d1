import type { UsbPath } from '../../../handset.js';

/** One port of one hub as uhubctl names it: `1-1` port 3; a root hub is its bus number. */
export interface PortSwitch {
  readonly location: string;
  readonly port: number;
}

/** The hub port that a device at this usb path hangs on. Pure. Source: uhubctl README, "-l" and "-p". */
export function portSwitch(usbPath: UsbPath): PortSwitch {
  const at = Math.max(usbPath.lastIndexOf('.'), usbPath.lastIndexOf('-'));
  return { location: usbPath.slice(0, at), port: Number(usbPath.slice(at + 1)) };
}
