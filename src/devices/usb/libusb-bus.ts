import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import type { Log } from '../../log.js';
import type { UsbBus, UsbListener } from '../sighting.js';
import { describeDevice, isHub, type RawDevice, usbPathOf } from './describe-device.js';
import { udevRuns } from './udev.js';

const SYSFS = '/sys/bus/usb';
const SERIAL_TIMEOUT_MS = 1_000;

/** A device as far as its serial is read by a control transfer. */
export interface SerialDevice extends RawDevice {
  /** For control transfers, in milliseconds. */
  timeout: number;
  open(defaultConfig?: boolean): void;
  close(): void;
  getStringDescriptor(
    index: number,
    done: (error?: Error | undefined, value?: string | undefined) => void,
  ): void;
}

/** The part of the `usb` package 2.x that is used here. */
export interface UsbLibrary<D extends SerialDevice> {
  getDeviceList(): D[];
  on(event: 'attach' | 'detach', listener: (device: D) => void): void;
  off(event: 'attach' | 'detach', listener: (device: D) => void): void;
}

export interface LibusbBusOptions<D extends SerialDevice> {
  readonly log: Log;
  /** Loaded at `start`, so that hosts without USB never load the native code. */
  readonly load: () => Promise<UsbLibrary<D>>;
  readonly sysfs?: string;
  readonly udevRuns?: () => Promise<boolean>;
}

/** The host's USB bus by libusb. Subscribes first and enumerates then, so nothing falls in between. */
export class LibusbBus<D extends SerialDevice> implements UsbBus {
  readonly #options: LibusbBusOptions<D>;
  /** The device last attached at each path; one that has left meanwhile must not be told of. */
  readonly #present = new Map<UsbPath, D>();
  #unsubscribe: () => void = () => undefined;
  #reading = new Set<Promise<void>>();

  constructor(options: LibusbBusOptions<D>) {
    this.#options = options;
  }

  async start(listener: UsbListener): Promise<void> {
    const { sysfs = SYSFS, log, load } = this.#options;
    await access(sysfs).catch((cause: unknown) => {
      throw new SarachiError('usb-unavailable', { missing: sysfs }, { cause });
    });
    const library = await load();
    if (!(await (this.#options.udevRuns ?? udevRuns)()))
      log.warn('systemd-udevd does not run: plugging in and out will not be seen on the bus');
    const attach = (device: D) => this.#attach(device, listener);
    const detach = (device: D) => this.#detach(device, listener);
    library.on('attach', attach);
    library.on('detach', detach);
    this.#unsubscribe = () => {
      library.off('attach', attach);
      library.off('detach', detach);
    };
    for (const device of library.getDeviceList()) this.#attach(device, listener);
    await Promise.all(this.#reading);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#unsubscribe = () => undefined;
    this.#present.clear();
    await Promise.all(this.#reading);
  }

  #attach(device: D, listener: UsbListener): void {
    const usbPath = usbPathOf(device);
    // The same object comes by event and by enumeration; told once.
    if (usbPath === null || isHub(device) || this.#present.get(usbPath) === device) return;
    this.#present.set(usbPath, device);
    const reading = this.#serialOf(device, usbPath).then((serial) => {
      this.#reading.delete(reading);
      if (this.#present.get(usbPath) === device)
        listener.attached(describeDevice(usbPath, device, serial));
    });
    this.#reading.add(reading);
  }

  #detach(device: D, listener: UsbListener): void {
    const usbPath = usbPathOf(device);
    if (usbPath === null || isHub(device)) return;
    const present = this.#present.get(usbPath);
    // A late detach of the device that was here before must not take the new one away.
    if (present && present !== device && !sameDevice(present, device)) return;
    if (this.#present.delete(usbPath)) listener.detached(usbPath);
  }

  /** Null where the device has none or nobody may read it. */
  async #serialOf(device: D, usbPath: UsbPath): Promise<string | null> {
    const index = device.deviceDescriptor.iSerialNumber;
    if (index === 0) return null;
    try {
      return await readString(device, index);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ usbPath, reason }, 'usb serial cannot be read from the device');
      return this.#serialOfKernel(usbPath);
    }
  }

  /** The kernel read it once when the device was plugged in, and lets everyone see it. */
  async #serialOfKernel(usbPath: UsbPath): Promise<string | null> {
    const { sysfs = SYSFS } = this.#options;
    return readFile(join(sysfs, 'devices', usbPath, 'serial'), 'utf8').catch(() => null);
  }
}

function sameDevice(a: RawDevice, b: RawDevice): boolean {
  return 'deviceAddress' in a && 'deviceAddress' in b && a.deviceAddress === b.deviceAddress;
}

async function readString(device: SerialDevice, index: number): Promise<string | null> {
  device.open(false);
  try {
    device.timeout = SERIAL_TIMEOUT_MS;
    return await new Promise((resolve, reject) => {
      device.getStringDescriptor(index, (error, value) =>
        error ? reject(error) : resolve(value ?? null),
      );
    });
  } finally {
    device.close();
  }
}
