import { isUsbPath, type UsbPath } from '../../handset.js';
import { cleanSerial } from '../../text.js';
import type { UsbDescription, UsbInterface } from '../sighting.js';

/** USB class code of a hub, also of the host's root hubs. Source: USB 2.0 specification, 11.23.1. */
const HUB_CLASS = 0x09;

/** One alternate setting of an interface, under the names of the USB specification. */
export interface RawInterface {
  readonly bInterfaceClass: number;
  readonly bInterfaceSubClass: number;
  readonly bInterfaceProtocol: number;
}

/** The part of a device of the `usb` package that is read without opening it. */
export interface RawDevice {
  readonly busNumber: number;
  readonly portNumbers?: readonly number[];
  readonly deviceDescriptor: {
    readonly idVendor: number;
    readonly idProduct: number;
    readonly bDeviceClass: number;
    readonly iSerialNumber: number;
  };
  /** Reads the descriptor and may throw, as for a device that has just left. */
  readonly configDescriptor?:
    | { readonly interfaces: readonly (readonly RawInterface[])[] }
    | undefined;
}

/** Bus and port chain, `1-4.2`; null for a root hub, which has no chain. */
export function usbPathOf({ busNumber, portNumbers = [] }: RawDevice): UsbPath | null {
  const path = `${busNumber}-${portNumbers.join('.')}`;
  return isUsbPath(path) ? path : null;
}

export function isHub(device: RawDevice): boolean {
  return device.deviceDescriptor.bDeviceClass === HUB_CLASS;
}

/** What the bus says of a device, from its descriptors and its serial as it was read. */
export function describeDevice(
  usbPath: UsbPath,
  device: RawDevice,
  serial: string | null,
): UsbDescription {
  return {
    usbPath,
    vendorId: device.deviceDescriptor.idVendor,
    productId: device.deviceDescriptor.idProduct,
    serial: serial === null ? null : cleanSerial(serial.replace(/\0+$/, '')),
    interfaces: interfacesOf(device),
  };
}

function interfacesOf(device: RawDevice): UsbInterface[] {
  return (configOf(device)?.interfaces ?? []).flat().map((face) => ({
    classCode: face.bInterfaceClass,
    subclass: face.bInterfaceSubClass,
    protocol: face.bInterfaceProtocol,
  }));
}

function configOf(device: RawDevice): RawDevice['configDescriptor'] {
  try {
    return device.configDescriptor;
  } catch {
    // Not configured, or gone between the event and this look: it has no interfaces that anyone could use.
    return undefined;
  }
}
