import { type HandsetKey, handsetKey, type Platform, type UsbPath } from '../handset.js';
import { cleanSerial } from '../text.js';
import {
  type AdbRow,
  type Condition,
  isAdbInterface,
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

/** What bus and adb together show, one sighting per usb path, ordered by path. Pure. */
export function joinSightings(
  devices: readonly UsbDescription[],
  rows: readonly AdbRow[],
  locate: Locate,
): Sighting[] {
  const usbAt = new Map(devices.map((device) => [device.usbPath, device]));
  const rowAt = new Map<UsbPath, AdbRow>();
  for (const row of rows) {
    const path = locate(row, devices);
    if (path === null || !isOf(row, usbAt.get(path))) continue;
    rowAt.set(path, newer(rowAt.get(path), row));
  }
  return [...new Set([...usbAt.keys(), ...rowAt.keys()])]
    .sort()
    .map((usbPath) => sightingAt(usbPath, usbAt.get(usbPath) ?? null, rowAt.get(usbPath) ?? null));
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
    before.adb?.transportId === after.adb?.transportId
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

function sightingAt(usbPath: UsbPath, usb: UsbDescription | null, adb: AdbRow | null): Sighting {
  return { usbPath, handset: keyOf(usb, adb), condition: conditionOf(usb, adb), usb, adb };
}

function keyOf(usb: UsbDescription | null, adb: AdbRow | null): HandsetKey | null {
  const platform: Platform = usb?.vendorId === APPLE_VENDOR ? 'apple' : 'android';
  // The serial of a TCP row is an address, which names a connection and not a handset.
  const fromAdb = adb && adb.usbPath !== null ? cleanSerial(adb.serial ?? '') : null;
  const serial = usb?.serial ?? fromAdb;
  return serial === null ? null : handsetKey(platform, serial);
}

function conditionOf(usb: UsbDescription | null, adb: AdbRow | null): Condition {
  if (adb) return adb.condition;
  return usb?.interfaces.some(isAdbInterface) ? 'usb:adb' : 'usb:no-adb';
}
