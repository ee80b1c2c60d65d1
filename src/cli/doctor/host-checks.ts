import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readUsbAddresses } from '../../devices/apple/location.js';
import { UDEV_CONTROL, udevRuns } from '../../devices/usb/udev.js';
import { type Check, failed, good, look, skipped, warned } from './check.js';
import { runProgram } from './run-program.js';

/** Where the host shows itself; another folder stands for another host. */
export interface HostPlaces {
  readonly sysfs: string;
  readonly udevControl: string;
  /** Folder of the device files, by bus and number. */
  readonly deviceFiles: string;
  readonly usbcore: string;
  /** The program that says whether the clock is set by the network. */
  readonly timedatectl: string;
}

export const THIS_HOST: HostPlaces = {
  sysfs: '/sys/bus/usb',
  udevControl: UDEV_CONTROL,
  deviceFiles: '/dev/bus/usb',
  usbcore: '/sys/module/usbcore/parameters',
  timedatectl: 'timedatectl',
};

/** For adb; 16 MiB as the kernel has it are too few for several handsets that stream. */
const USBFS_MEGABYTES = 64;

/** What is wrong with the host itself, whatever the rack. `ours` are the usb paths of the rack's openings. */
export async function hostChecks(places: HostPlaces, ours: readonly string[]): Promise<Check[]> {
  const checks = await Promise.all([
    look('udev', 'systemctl start systemd-udevd', () => udev(places)),
    look('usb', 'load the driver of the USB controller (xhci_pci)', () => usb(places)),
    look('usb-access', 'install the udev rules (docs/operations.md)', () =>
      usbAccess(places, ours),
    ),
    look('usb-kernel', 'see docs/operations.md, Hardware', () => kernel(places)),
    look('clock', 'timedatectl set-ntp true', (signal) => clock(places, signal)),
  ]);
  return checks.flat();
}

async function udev({ udevControl }: HostPlaces): Promise<Check> {
  return (await udevRuns(udevControl))
    ? good('udev', 'systemd-udevd runs')
    : failed(
        'udev',
        'systemd-udevd does not run: nobody tells of handsets that come and go',
        'systemctl start systemd-udevd; in a container mount /run/udev of the host',
      );
}

async function usb({ sysfs }: HostPlaces): Promise<Check> {
  const shown = await access(join(sysfs, 'devices')).then(
    () => true,
    () => false,
  );
  if (shown) return good('usb', 'the kernel shows a USB bus');
  return failed(
    'usb',
    `there is no ${sysfs}: this host shows no USB bus`,
    'load the driver of the USB controller (xhci_pci); in a container mount sysfs of the host',
  );
}

async function usbAccess(places: HostPlaces, ours: readonly string[]): Promise<Check> {
  const addresses = await readUsbAddresses(places.sysfs);
  const here = addresses.filter(({ usbPath }) => ours.includes(usbPath));
  if (here.length === 0) return skipped('usb-access', 'no handset stands in a port of this rack');
  const three = (number: number) => String(number).padStart(3, '0');
  const shut = await Promise.all(
    here.map(async ({ usbPath, bus, address }) => {
      const file = join(places.deviceFiles, three(bus), three(address));
      return access(file, constants.R_OK | constants.W_OK).then(
        () => [],
        () => [usbPath],
      );
    }),
  );
  const names = shut.flat().sort();
  if (names.length === 0) return good('usb-access', `${here.length} handsets may be opened`);
  return failed(
    'usb-access',
    `this user may not open the handsets at ${names.join(', ')}`,
    'install the udev rules (docs/operations.md), or run as the daemon does: sudo -u sarachi sarachi doctor',
  );
}

async function kernel({ usbcore }: HostPlaces): Promise<Check[]> {
  const read = (name: string) =>
    readFile(join(usbcore, name), 'utf8').then(
      (text) => Number(text),
      () => null,
    );
  const [memory, suspend] = await Promise.all([read('usbfs_memory_mb'), read('autosuspend')]);
  if (memory === null || suspend === null)
    return [skipped('usb-kernel', 'the settings of usbcore cannot be read')];
  const checks: Check[] = [];
  // 0 means no limit. Source: Linux Documentation/admin-guide/kernel-parameters.txt.
  if (memory !== 0 && memory < USBFS_MEGABYTES)
    checks.push(
      warned(
        'usb-kernel',
        `usbfs has ${memory} MiB for all transfers`,
        'put usbcore.usbfs_memory_mb=256 on the kernel command line',
      ),
    );
  if (suspend >= 0)
    checks.push(
      warned(
        'usb-kernel',
        `idle devices are suspended after ${suspend} s`,
        'put usbcore.autosuspend=-1 on the kernel command line',
      ),
    );
  return checks.length > 0 ? checks : [good('usb-kernel', 'memory and autosuspend are set')];
}

async function clock({ timedatectl }: HostPlaces, signal: AbortSignal): Promise<Check> {
  const args = ['show', '--property=NTPSynchronized', '--value'];
  const said = await runProgram(timedatectl, args, signal).catch(() => null);
  if (said === null)
    return warned(
      'clock',
      'it cannot be told whether the clock is set by the network',
      'install systemd-timesyncd or chrony: certificates carry its time',
    );
  return said.trim() === 'yes'
    ? good('clock', 'set by the network')
    : failed('clock', 'the clock is not set by the network', 'timedatectl set-ntp true');
}
