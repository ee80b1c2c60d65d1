import type { HandsetKey, UsbPath } from '../handset.js';

/**
 * What a device at a usb path was seen to be. `adb:*` comes from the adb server, `mux:*` from usbmuxd, `usb:*` from the
 * bus alone.
 */
export const CONDITIONS = [
  'adb:device',
  'adb:unauthorized',
  'adb:authorizing',
  'adb:connecting',
  'adb:offline',
  'adb:no-permissions',
  'adb:recovery',
  'adb:sideload',
  'adb:rescue',
  'adb:bootloader',
  'adb:unknown',
  // The bus shows an adb interface, but the adb server does not list the device (yet).
  'usb:adb',
  'usb:no-adb',
  // usbmuxd lists the iPhone; whether it trusts this rack is not known yet, or could not be asked.
  'mux:attached',
  // It accepted our pair record and starts its services.
  'mux:paired',
  // It does not trust this rack yet: its dialog waits for a person.
  'mux:unpaired',
  // Somebody declined to trust this rack; it asks again when it is plugged in anew.
  'mux:trust-declined',
  // It trusts this rack, or would, and wants its passcode first.
  'mux:locked',
  // It was not unlocked since it started.
  'mux:not-unlocked',
  // It refuses to pair: its management forbids it, it knows only its supervisor, or Find My guards it.
  'mux:pairing-forbidden',
  'mux:supervised',
  'mux:find-my-guard',
  // usbmuxd itself is gone.
  'mux:unknown',
  // The bus shows a device of Apple that usbmuxd does not list (yet): starting, restricted, or in recovery mode.
  'usb:no-mux',
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** One row of `host:devices-l`. */
export interface AdbRow {
  /** The first column: a USB serial, `host:port`, or null for `(no serial number)`. */
  readonly serial: string | null;
  /** The state as adb prints it, possibly with spaces. */
  readonly state: string;
  readonly condition: Condition;
  /** From `usb:1-4.2`; null for a TCP transport. */
  readonly usbPath: UsbPath | null;
  readonly product: string | null;
  readonly model: string | null;
  readonly device: string | null;
  readonly transportId: number | null;
}

/** One handset of usbmuxd's list, as far as it is known. */
export interface MuxRow {
  /** As usbmuxd prints it, with the hyphen of newer handsets. */
  readonly udid: string;
  /** Null when usbmuxd is gone: its numbers mean another handset, or none, on the usbmuxd that comes next. */
  readonly deviceId: number | null;
  /** Where the kernel shows it; null where that cannot be told. */
  readonly usbPath: UsbPath | null;
  readonly productId: number | null;
  /** Bus and device number of the kernel, `1:9`: new at each plugging in, whatever becomes of usbmuxd. */
  readonly address: string;
  readonly condition: Condition;
}

export interface UsbInterface {
  readonly classCode: number;
  readonly subclass: number;
  readonly protocol: number;
}

/** What the bus says of one device, from its descriptors. */
export interface UsbDescription {
  readonly usbPath: UsbPath;
  readonly vendorId: number;
  readonly productId: number;
  /** iSerialNumber, cleaned; null where the device has none or does not let it be read. */
  readonly serial: string | null;
  readonly interfaces: readonly UsbInterface[];
}

/** One device at one usb path, as far as bus, adb and usbmuxd together show it. */
export interface Sighting {
  readonly usbPath: UsbPath;
  /** null: the device did not say who it is. Proves neither sameness nor a swap. */
  readonly handset: HandsetKey | null;
  readonly condition: Condition;
  readonly usb: UsbDescription | null;
  readonly adb: AdbRow | null;
  /** Absent, like null, where usbmuxd knows of none. */
  readonly mux?: MuxRow | null;
}

export type SightingChange =
  | { readonly type: 'seen'; readonly sighting: Sighting }
  | { readonly type: 'gone'; readonly usbPath: UsbPath };

/** Where sightings come together. Subscribe first, then list: a subscriber is told of every later change, in order. */
export interface SightingBoard {
  list(): readonly Sighting[];
  at(usbPath: UsbPath): Sighting | null;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (change: SightingChange) => void): () => void;
}

/** The USB bus: real through the `usb` package, or another carrier of the same facts. */
export interface UsbBus {
  /** Throws `usb-unavailable` where the host has no USB. Devices already there are told as attached. */
  start(listener: UsbListener): Promise<void>;
  stop(): Promise<void>;
}

export interface UsbListener {
  attached(device: UsbDescription): void;
  detached(usbPath: UsbPath): void;
}

export function isAdbInterface(face: UsbInterface): boolean {
  // AOSP packages/modules/adb, adb.h: ADB_CLASS 0xff, ADB_SUBCLASS 0x42, ADB_PROTOCOL 0x1.
  return face.classCode === 0xff && face.subclass === 0x42 && face.protocol === 0x01;
}

/**
 * Whether this is a handset that usbmuxd is there for: it lists it, or the bus shows what it would list. Apple's other
 * devices, and iPhones in recovery mode, have other product numbers (usbmuxd src/usb.h).
 */
export function isForUsbmuxd({ mux, usb }: Sighting): boolean {
  if (mux) return true;
  return usb?.vendorId === 0x05ac && usb.productId >= 0x1290 && usb.productId <= 0x12af;
}
