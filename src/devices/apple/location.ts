import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isUsbPath, type UsbPath } from '../../handset.js';
import { udidOf } from './usbmux/mux-device.js';

const SYSFS = '/sys/bus/usb';

/** One device of the bus as the kernel numbers it at the moment. */
export interface UsbAddress {
  readonly usbPath: UsbPath;
  readonly bus: number;
  readonly address: number;
  readonly serial: string | null;
}

export interface MuxPlace {
  readonly udid: string;
  readonly bus: number;
  readonly address: number;
}

/**
 * The usb path where usbmuxd's handset is plugged in. The device address is new at each plugging in and may already
 * belong to another device, so a known serial must agree. Null where it cannot be told. Pure.
 */
export function usbPathOf(place: MuxPlace, addresses: readonly UsbAddress[]): UsbPath | null {
  const [only, ...others] = addresses.filter(
    ({ bus, address }) => bus === place.bus && address === place.address,
  );
  if (!only || others.length > 0) return null;
  return only.serial === null || udidOf(only.serial) === place.udid ? only.usbPath : null;
}

/** What the kernel shows of its bus; a device that leaves meanwhile is left out. */
export async function readUsbAddresses(sysfs = SYSFS): Promise<UsbAddress[]> {
  const folder = join(sysfs, 'devices');
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.filter(isUsbPath).map(async (usbPath): Promise<UsbAddress | null> => {
      const text = (name: string) =>
        readFile(join(folder, usbPath, name), 'utf8').then(
          (content) => content.trim(),
          () => null,
        );
      const [bus, address, serial] = await Promise.all(['busnum', 'devnum', 'serial'].map(text));
      if (!bus || !address) return null;
      return { usbPath, bus: Number(bus), address: Number(address), serial: serial ?? null };
    }),
  );
  return found.filter((address) => address !== null);
}
