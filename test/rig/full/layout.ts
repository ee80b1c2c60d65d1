import path from 'node:path';
import { type Config, checkConfig } from '../../../src/config.js';
import type { UsbPath } from '../../../src/handset.js';

/** One hub in the controller's first port and six behind it, with so many openings: forty ports behind seven hubs. */
const OPENINGS = [8, 8, 6, 6, 6, 6] as const;
export const HUBS = OPENINGS.length;
/** QEMU's xHCI: its USB 2 half is the first bus of the guest. */
const BUS = 1;
const CONTROLLERS = ['A', 'B', 'C', 'D'] as const;

/** An opening: its port in the rack, its path in the guest, its place in QEMU and its socket on the host. */
export interface Opening {
  readonly port: string;
  readonly usbPath: UsbPath;
  readonly hub: number;
  readonly place: string;
  readonly id: string;
}

export function openings(): readonly Opening[] {
  const places = OPENINGS.flatMap((count, index) =>
    Array.from({ length: count }, (_, number) => ({
      hub: index + 1,
      place: `1.${index + 1}.${number + 1}`,
    })),
  );
  return places.map(({ hub, place }, index) => {
    const port = `P${String(index + 1).padStart(2, '0')}`;
    return { port, usbPath: `${BUS}-${place}` as UsbPath, hub, place, id: port.toLowerCase() };
  });
}

export function socketOf(folder: string, { id }: Opening): string {
  return path.join(folder, `${id}.sock`);
}

/** sysfs of the guest's hub port that this opening is: writing 1 cuts its power, 0 gives it back. */
export function powerFile({ hub, place }: Opening): string {
  const number = place.slice(place.lastIndexOf('.') + 1);
  const above = `${BUS}-1.${hub}`;
  return `/sys/bus/usb/devices/${above}:1.0/${above}-port${number}/disable`;
}

export const HTTP_PORT = 8374;
/** Where the virtual disk is mounted in the guest. */
export const GUEST_STATE = '/run/state/sarachi';

/** The rack as the guest's daemon is told of it. An emulated processor is several times slower than a real one. */
export function rigConfig(): Config {
  const ports = openings().map(({ port, usbPath }, index) => {
    const controller = CONTROLLERS[Math.floor(index / 10)] ?? 'A';
    return [port, { usb: [usbPath], controller }] as const;
  });
  return checkConfig({
    rack: {
      id: 'rig',
      controllers: Object.fromEntries(CONTROLLERS.map((name) => [name, {}])),
      ports: Object.fromEntries(ports),
    },
    state: GUEST_STATE,
    http: { port: HTTP_PORT },
    log: { level: 'info' },
    carrierCheck: { source: 'off' },
    policy: { version: 'rig-1' },
    timing: {
      settleSeconds: 5,
      leaveSeconds: 45,
      returnSeconds: 180,
      stallSeconds: 300,
      removedSeconds: 4,
    },
    overwrite: { fileMegabytes: 8 },
    certificate: { organisation: 'Sarachi rig', location: 'virtual machine', operator: 'rig' },
  });
}
