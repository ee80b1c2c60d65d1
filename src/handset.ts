export type Platform = 'android' | 'apple';

/** Platform and serial or UDID, `android:26061FDH2000AP`. Never the USB address, which belongs to the port. */
export type HandsetKey = `${Platform}:${string}`;

/** Bus and port chain, `1-4.2`: stable as long as nobody rewires the rack. */
export type UsbPath = string;

const USB_PATH = /^[1-9][0-9]{0,2}-[1-9][0-9]{0,2}(\.[1-9][0-9]{0,2}){0,6}$/;

export function isUsbPath(text: string): text is UsbPath {
  return USB_PATH.test(text);
}

export function handsetKey(platform: Platform, serial: string): HandsetKey {
  return `${platform}:${serial}`;
}

export function serialOf(key: HandsetKey): string {
  return key.slice(key.indexOf(':') + 1);
}

/** What identify found out about one handset. Every text has passed `cleanField`; unknown is null, never a guess. */
export interface HandsetIdentity {
  readonly platform: Platform;
  /** The maker's serial number; the bus may show another one. */
  readonly serial: string | null;
  /** Only iPhones have these: the name by which usbmuxd knows one, and the number of its chip in hex. */
  readonly udid?: string | null;
  readonly ecid?: string | null;
  readonly imeis: readonly string[];
  readonly imeiSource: string | null;
  readonly manufacturer: string | null;
  readonly brand: string | null;
  readonly model: string | null;
  readonly device: string | null;
  readonly osVersion: string | null;
  readonly sdk: number | null;
  readonly build: string | null;
  readonly securityPatch: string | null;
  readonly storageBytes: number | null;
  readonly encryption: 'file' | 'block' | 'none' | 'unknown';
  readonly batteryPercent: number | null;
  readonly batteryCycles: number | null;
  readonly felica: 'present' | 'not-present' | 'unknown';
  readonly esim: 'present' | 'not-present' | 'unknown';
}
