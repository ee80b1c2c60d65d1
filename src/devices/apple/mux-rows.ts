import type { UsbPath } from '../../handset.js';
import type { Condition, MuxRow } from '../sighting.js';
import type { MuxDevice } from './usbmux/mux-device.js';

/** One handset of the present life of usbmuxd, and what was found out about it. */
export interface TrackedDevice {
  readonly device: MuxDevice;
  readonly usbPath: UsbPath | null;
  readonly condition: Condition;
}

/** The rows of a usbmuxd that no longer answers: what is known of their place stays, their numbers mean nothing. Pure. */
export function unknownMuxRows(rows: readonly MuxRow[]): MuxRow[] {
  return rows.map((row) => ({ ...row, deviceId: null, condition: 'mux:unknown' }));
}

/** The list as it is: what is listed now, and of the life before what was not found again yet. Pure. */
export function muxRows(
  tracked: Iterable<TrackedDevice>,
  lost: readonly MuxRow[],
): readonly MuxRow[] {
  const present = [...tracked].map(
    ({ device, usbPath, condition }): MuxRow => ({
      udid: device.udid,
      deviceId: device.deviceId,
      usbPath,
      productId: device.productId,
      address: `${device.bus}:${device.address}`,
      condition,
    }),
  );
  const found = new Set(present.map(({ udid }) => udid));
  return [...present, ...lost.filter(({ udid }) => !found.has(udid))];
}
