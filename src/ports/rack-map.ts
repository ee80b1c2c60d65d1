import type { Config } from '../config.js';
import type { UsbPath } from '../handset.js';

/** One numbered opening: its USB paths (USB 2 and USB 3 half) and the controller behind them. */
export interface MappedPort {
  readonly port: string;
  readonly usbPaths: readonly UsbPath[];
  readonly controller: string;
}

/** Which usb path is which opening. Pure data, made once from the configuration. */
export interface RackMap {
  readonly ports: readonly MappedPort[];
  portAt(usbPath: UsbPath): MappedPort | null;
}

export function makeRackMap(rack: Config['rack']): RackMap {
  const ports = Object.entries(rack.ports)
    .map(([port, { usb, controller }]) => ({ port, usbPaths: usb, controller }))
    .sort((a, b) => a.port.localeCompare(b.port));
  const byPath = new Map(
    ports.flatMap((mapped) => mapped.usbPaths.map((path) => [path, mapped] as const)),
  );
  return { ports, portAt: (usbPath) => byPath.get(usbPath) ?? null };
}
