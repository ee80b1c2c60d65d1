import { type HandsetKey, handsetKey, type Platform, type UsbPath } from '../handset.js';
import { cleanSerial } from '../text.js';
import { udidOf } from './apple/usbmux/mux-device.js';
import {
  type AdbRow,
  type Condition,
  isAdbInterface,
  type MuxRow,
  type Sighting,
  type SightingChange,
  type UsbDescription,
} from './sighting.js';

const APPLE_VENDOR = 0x05ac;

/** Where a row of adb is plugged in; null where that cannot be told. */
export type Locate = (row: AdbRow, devices: readonly UsbDescription[]) => UsbPath | null;

/** The row's own path; for a row without one, the only device on the bus that has its serial. */
export function locateBySerial(row: AdbRow, devices: readonly UsbDescription[]): UsbPath | null {
  if (row.usbPath !== null) return row.usbPath;
  if (row.serial === null) return null;
  const [only, ...others] = devices.filter((device) => device.serial === row.serial);
  return only && others.length === 0 ? only.usbPath : null;
}

/**
 * Where a handset of usbmuxd is plugged in: the row's own path unless the bus shows another device there, otherwise the
 * only device of Apple on the bus that has its serial. Null where that cannot be told. Pure.
 */
export function locateMux(row: MuxRow, devices: readonly UsbDescription[]): UsbPath | null {
  const there = devices.find(({ usbPath }) => usbPath === row.usbPath);
  if (row.usbPath !== null && (!there?.serial || udidOf(there.serial) === row.udid))
    return row.usbPath;
  const [only, ...others] = devices.filter(
    ({ vendorId, serial }) => vendorId === APPLE_VENDOR && udidOf(serial ?? '') === row.udid,
  );
  return only && others.length === 0 ? only.usbPath : null;
}

/** What bus, adb and usbmuxd together show, one sighting per usb path, ordered by path. Pure. */
export function joinSightings(
  devices: readonly UsbDescription[],
  rows: readonly AdbRow[],
  locate: Locate,
  muxRows: readonly MuxRow[] = [],
): Sighting[] {
  const usbAt = new Map(devices.map((device) => [device.usbPath, device]));
  const rowAt = new Map<UsbPath, AdbRow>();
  for (const row of rows) {
    const path = locate(row, devices);
    if (path === null || !isOf(row, usbAt.get(path))) continue;
    rowAt.set(path, newer(rowAt.get(path), row));
  }
  const muxAt = new Map<UsbPath, MuxRow>();
  for (const row of muxRows) {
    const path = locateMux(row, devices);
    if (path !== null) muxAt.set(path, newerMux(muxAt.get(path), row));
  }
  return [...new Set([...usbAt.keys(), ...rowAt.keys(), ...muxAt.keys()])].sort().map((usbPath) =>
    sightingAt(usbPath, {
      usb: usbAt.get(usbPath) ?? null,
      adb: rowAt.get(usbPath) ?? null,
      mux: muxAt.get(usbPath) ?? null,
    }),
  );
}

/** The changes that lead from one list to the next: departures first, then arrivals and changes. Pure. */
export function diffSightings(
  before: readonly Sighting[],
  after: readonly Sighting[],
): SightingChange[] {
  const was = new Map(before.map((sighting) => [sighting.usbPath, sighting]));
  const is = new Set(after.map((sighting) => sighting.usbPath));
  const gone = before
    .filter(({ usbPath }) => !is.has(usbPath))
    .map(({ usbPath }): SightingChange => ({ type: 'gone', usbPath }));
  const seen = after
    .filter((sighting) => !isSame(was.get(sighting.usbPath), sighting))
    .map((sighting): SightingChange => ({ type: 'seen', sighting }));
  return [...gone, ...seen];
}

function isSame(before: Sighting | undefined, after: Sighting): boolean {
  return (
    before !== undefined &&
    before.handset === after.handset &&
    before.condition === after.condition &&
    before.adb?.transportId === after.adb?.transportId &&
    before.mux?.deviceId === after.mux?.deviceId
  );
}

/** False where the bus already shows another device than the one this row is about: adb notices a swap later. */
function isOf(row: AdbRow, device: UsbDescription | undefined): boolean {
  if (!device?.serial || row.usbPath === null) return true;
  const serial = cleanSerial(row.serial ?? '');
  return serial === null || serial === device.serial;
}

function newer(known: AdbRow | undefined, row: AdbRow): AdbRow {
  return known && (known.transportId ?? 0) > (row.transportId ?? 0) ? known : row;
}

function newerMux(known: MuxRow | undefined, row: MuxRow): MuxRow {
  return known && (known.deviceId ?? -1) > (row.deviceId ?? -1) ? known : row;
}

type Seen = Pick<Sighting, 'usb' | 'adb'> & { readonly mux: MuxRow | null };

function sightingAt(usbPath: UsbPath, seen: Seen): Sighting {
  const { mux, ...rest } = seen;
  const said = { usbPath, handset: keyOf(seen), condition: conditionOf(seen), ...rest };
  return mux ? { ...said, mux } : said;
}

function keyOf({ usb, adb, mux }: Seen): HandsetKey | null {
  const platform: Platform = mux || usb?.vendorId === APPLE_VENDOR ? 'apple' : 'android';
  // The serial of a TCP row is an address, which names a connection and not a handset.
  const fromAdb = adb && adb.usbPath !== null ? cleanSerial(adb.serial ?? '') : null;
  const serial = mux?.udid ?? usb?.serial ?? fromAdb;
  if (serial === null) return null;
  // The bus knows newer iPhones without the hyphen that usbmuxd puts in; both are one handset.
  return handsetKey(platform, platform === 'apple' ? (udidOf(serial) ?? serial) : serial);
}

function conditionOf({ usb, adb, mux }: Seen): Condition {
  if (mux) return mux.condition;
  if (adb) return adb.condition;
  if (usb?.vendorId === APPLE_VENDOR) return 'usb:no-mux';
  return usb?.interfaces.some(isAdbInterface) ? 'usb:adb' : 'usb:no-adb';
}
