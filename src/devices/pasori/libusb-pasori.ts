import { existsSync } from 'node:fs';
import { access, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SarachiError } from '../../errors.js';
import type { UsbPath } from '../../handset.js';
import { cleanField, cleanSerial } from '../../text.js';
import { abortError, type WaitOptions } from '../../wait.js';
import { usbPathOf } from '../usb/describe-device.js';
import {
  BULK,
  errnoOf,
  LIBUSB,
  type LibusbDevice,
  type LibusbEndpoint,
  type LibusbInterface,
  type LibusbList,
} from './libusb-device.js';
import { LibusbTransfers } from './libusb-transfers.js';
import { modelOf } from './models.js';
import type { PasoriBus, PasoriDevice, UsbTransfers } from './usb-transfers.js';

const SYSFS = '/sys/bus/usb';
const VENDOR_CLASS = 0xff;

export interface LibusbPasoriOptions<D extends LibusbDevice> {
  /** Loaded at first use, so that hosts without USB never load the native code. */
  readonly load: () => Promise<LibusbList<D>>;
  readonly sysfs?: string;
}

interface Channel {
  readonly face: LibusbInterface;
  readonly output: LibusbEndpoint;
  readonly input: LibusbEndpoint;
}

/** The readers of this host, by the `usb` package 2.x. The bus is looked at anew each time: readers come and go. */
export class LibusbPasori<D extends LibusbDevice> implements PasoriBus {
  readonly #options: LibusbPasoriOptions<D>;
  /** A reader that is plugged in again is another device. */
  readonly #open = new Set<D>();

  constructor(options: LibusbPasoriOptions<D>) {
    this.#options = options;
  }

  async list(): Promise<readonly PasoriDevice[]> {
    const devices = await Promise.all((await this.#readers()).map(({ described }) => described));
    return devices.sort((a, b) => (a.usbPath < b.usbPath ? -1 : 1));
  }

  async open(usbPath: UsbPath, { signal }: WaitOptions): Promise<UsbTransfers> {
    const readers = await this.#readers();
    const found = readers.find((reader) => reader.usbPath === usbPath);
    if (!found) throw new SarachiError('reader-gone', { usbPath, reason: 'not on the bus' });
    const device = await found.described;
    if (signal.aborted) throw abortError(signal);
    if (this.#open.has(found.raw))
      throw new SarachiError('reader-busy', { usbPath, holder: 'this program' });
    this.#open.add(found.raw);
    try {
      return await this.#claim(found.raw, device);
    } catch (error) {
      this.#open.delete(found.raw);
      throw error;
    }
  }

  async #claim(raw: D, device: PasoriDevice): Promise<UsbTransfers> {
    const { usbPath } = device;
    // Opening sets no configuration: setting the one that is active would reset the reader.
    attempt(usbPath, () => raw.open());
    try {
      const channel = channelOf(raw);
      if (!channel)
        throw new SarachiError('reader-unusable', { usbPath, reason: 'no vendor interface' });
      const { face } = channel;
      if (attempt(usbPath, () => driverActive(face))) throw await this.#held(raw, usbPath, face);
      attempt(usbPath, () => face.claim());
      const closeDevice = () => {
        this.#open.delete(raw);
        attempt(usbPath, () => raw.close());
      };
      const isThere = () => existsSync(join(this.#sysfs, 'devices', usbPath));
      return new LibusbTransfers({ device, ...channel, isThere, closeDevice });
    } catch (error) {
      raw.close();
      throw error;
    }
  }

  async #held(raw: D, usbPath: UsbPath, face: LibusbInterface): Promise<SarachiError> {
    const configuration = raw.configDescriptor?.bConfigurationValue ?? 1;
    const link = `${usbPath}:${configuration}.${face.interfaceNumber}/driver`;
    const found = await readlink(join(this.#sysfs, 'devices', link)).catch(() => null);
    const driver = found === null ? null : cleanSerial(basename(found));
    // The command is only given where a driver has a name that is safe to type.
    const remedy =
      driver && `echo 'blacklist ${driver}' > /etc/modprobe.d/pasori.conf; modprobe -r ${driver}`;
    return new SarachiError('reader-busy', { usbPath, holder: 'kernel driver', driver, remedy });
  }

  async #readers(): Promise<{ raw: D; usbPath: UsbPath; described: Promise<PasoriDevice> }[]> {
    await access(this.#sysfs).catch((cause: unknown) => {
      throw new SarachiError('usb-unavailable', { missing: this.#sysfs }, { cause });
    });
    const library = await this.#options.load();
    return library.getDeviceList().flatMap((raw) => {
      const usbPath = usbPathOf(raw);
      const { idVendor, idProduct } = raw.deviceDescriptor;
      if (usbPath === null || !modelOf(idVendor, idProduct)) return [];
      return [{ raw, usbPath, described: this.#describe(raw, usbPath) }];
    });
  }

  /** The serial as the kernel read it: asking the device would disturb whoever has it open. */
  async #describe(raw: D, usbPath: UsbPath): Promise<PasoriDevice> {
    const { idVendor: vendorId, idProduct: productId } = raw.deviceDescriptor;
    const file = join(this.#sysfs, 'devices', usbPath, 'serial');
    const serial = cleanSerial(await readFile(file, 'utf8').catch(() => ''));
    return { usbPath, vendorId, productId, serial };
  }

  get #sysfs(): string {
    return this.#options.sysfs ?? SYSFS;
  }
}

/** The maker's own interface, by its descriptor: 0 on the RC-S380, beside the smart card interface on the RC-S300. */
function channelOf({ interfaces = [] }: LibusbDevice): Channel | null {
  for (const face of interfaces) {
    if (face.descriptor.bInterfaceClass !== VENDOR_CLASS) continue;
    const bulk = face.endpoints.filter(({ transferType }) => transferType === BULK);
    const output = bulk.find(({ direction }) => direction === 'out');
    const input = bulk.find(({ direction }) => direction === 'in');
    if (output && input) return { face, output, input };
  }
  return null;
}

function driverActive(face: LibusbInterface): boolean {
  try {
    return face.isKernelDriverActive();
  } catch (error) {
    // Not Linux: there is no driver that could be asked about.
    if (errnoOf(error) === LIBUSB.errorNotSupported) return false;
    throw error;
  }
}

/** Runs a call of the `usb` package, and names its failure. */
function attempt<T>(usbPath: UsbPath, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw openFault(usbPath, error);
  }
}

function openFault(usbPath: UsbPath, cause: unknown): SarachiError {
  switch (errnoOf(cause)) {
    case LIBUSB.errorNoDevice:
      return new SarachiError('reader-gone', { usbPath, reason: 'unplugged' }, { cause });
    case LIBUSB.errorBusy:
      return new SarachiError('reader-busy', { usbPath, holder: 'another program' }, { cause });
    case LIBUSB.errorAccess:
      return new SarachiError('reader-unusable', { usbPath, reason: 'permission' }, { cause });
    default: {
      const reason = cleanField(cause instanceof Error ? cause.message : `${cause}`);
      return new SarachiError('reader-unusable', { usbPath, reason }, { cause });
    }
  }
}
