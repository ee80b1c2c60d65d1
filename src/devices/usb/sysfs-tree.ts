import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isUsbPath, type UsbPath } from '../../handset.js';

const SYSFS = '/sys/bus/usb';
const ROOT = /^usb([1-9][0-9]*)$/;

/** One bus of the host, as sysfs shows it. */
export interface UsbRoot {
  readonly bus: number;
  /** The device that the bus hangs on, `0000:00:14.0` for a PCI one: the USB 2 and USB 3 bus of one controller share it. */
  readonly chip: string;
  /** Speed of the bus in Mbit/s. */
  readonly speed: number | null;
}

export interface UsbNode {
  readonly usbPath: UsbPath;
  readonly bus: number;
  readonly hub: boolean;
  /** Endpoints in use besides endpoint 0. */
  readonly endpoints: number;
  /** Speed of the device in Mbit/s. */
  readonly speed: number | null;
}

/** The USB tree of this host. */
export interface UsbTree {
  readonly roots: readonly UsbRoot[];
  readonly nodes: readonly UsbNode[];
}

/**
 * Reads the tree that the kernel shows; a device that leaves meanwhile is left out, and a host without USB has an empty one.
 * Source: Linux Documentation/ABI/testing/sysfs-bus-usb, and bNumEndpoints of the interfaces of the configuration that is set.
 */
export async function readUsbTree(sysfs = SYSFS): Promise<UsbTree> {
  const folder = join(sysfs, 'devices');
  const names = await readdir(folder).catch((): string[] => []);
  const roots = await Promise.all(names.map((name) => rootAt(folder, name)));
  const nodes = await Promise.all(
    names.filter(isUsbPath).map((path) => nodeAt(folder, path, names)),
  );
  return { roots: roots.flatMap((one) => one ?? []), nodes: nodes.flatMap((one) => one ?? []) };
}

/**
 * The other half of an opening of a USB 3 hub: where the same handset shows when it speaks the other USB. Null where the kernel
 * knows of none. Source: sysfs-bus-usb, `<hub_interface>/<hub>-port<n>/peer`.
 */
export async function readPeer(usbPath: UsbPath, sysfs = SYSFS): Promise<UsbPath | null> {
  const at = Math.max(usbPath.lastIndexOf('.'), usbPath.lastIndexOf('-'));
  const [parent, port] = [usbPath.slice(0, at), usbPath.slice(at + 1)];
  const onRoot = !parent.includes('-');
  const hub = onRoot ? `usb${parent}` : parent;
  const face = onRoot ? `${parent}-0:1.0` : `${parent}:1.0`;
  const link = join(sysfs, 'devices', face, `${hub}-port${port}`, 'peer');
  const peer = await realpath(link).catch(() => null);
  const [, theirs, number] = /\/([^/]+)-port(\d+)$/.exec(peer ?? '') ?? [];
  if (!theirs || !number) return null;
  const root = ROOT.exec(theirs);
  const path = root ? `${root[1]}-${number}` : `${theirs}.${number}`;
  return isUsbPath(path) ? path : null;
}

async function rootAt(folder: string, name: string): Promise<UsbRoot | null> {
  const bus = ROOT.exec(name)?.[1];
  const place = bus ? await realpath(join(folder, name)).catch(() => null) : null;
  if (!bus || place === null) return null;
  const chip = place.split('/').at(-2) ?? '';
  return { bus: Number(bus), chip, speed: await numberIn(folder, name, 'speed') };
}

async function nodeAt(
  folder: string,
  usbPath: UsbPath,
  names: readonly string[],
): Promise<UsbNode | null> {
  const kind = await textIn(folder, usbPath, 'bDeviceClass');
  if (kind === null) return null;
  const faces = names.filter((name) => name.startsWith(`${usbPath}:`));
  const counts = await Promise.all(
    faces.map(async (face) =>
      Number.parseInt((await textIn(folder, face, 'bNumEndpoints')) ?? '0', 16),
    ),
  );
  return {
    usbPath,
    bus: Number(usbPath.slice(0, usbPath.indexOf('-'))),
    hub: kind === '09',
    endpoints: counts.reduce((sum, count) => sum + (count || 0), 0),
    speed: await numberIn(folder, usbPath, 'speed'),
  };
}

async function textIn(folder: string, ...path: string[]): Promise<string | null> {
  return readFile(join(folder, ...path), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

async function numberIn(folder: string, ...path: string[]): Promise<number | null> {
  const value = Number(await textIn(folder, ...path));
  return value > 0 ? value : null;
}
