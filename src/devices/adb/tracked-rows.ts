import type { AdbRow } from '../sighting.js';

/** What a row names, whatever its transport: the usb path, or the serial of a row without one. */
export function rowKey(row: AdbRow): string {
  return row.usbPath ?? `serial ${row.serial ?? ''}`;
}

/**
 * The rows of a server that no longer answers: nothing is known of their state, and their transport numbers mean
 * another handset, or none, on the server that comes next.
 */
export function unknownRows(rows: readonly AdbRow[]): AdbRow[] {
  return rows.map((row) => ({
    ...row,
    state: 'unknown',
    condition: 'adb:unknown',
    transportId: null,
  }));
}

/**
 * The list after a fresh one arrived. While the server is still settling, rows that were unknown and are not listed
 * yet stay unknown: a new server needs a second or two to find the handsets that were there all the time.
 */
export function mergeRows(
  known: readonly AdbRow[],
  fresh: readonly AdbRow[],
  settling: boolean,
): AdbRow[] {
  if (!settling) return [...fresh];
  const listed = new Set(fresh.map(rowKey));
  const waiting = known.filter((row) => isUnknown(row) && !listed.has(rowKey(row)));
  return [...fresh, ...waiting];
}

function isUnknown(row: AdbRow): boolean {
  return row.condition === 'adb:unknown' && row.transportId === null;
}
