import type { UsbInterface } from '../../../../src/devices/sighting.js';
import type { UsbFace } from '../../../../src/simulator/android/usb-face.js';
import { ENDPOINT_SLOTS, ENDPOINT_TYPE, INTERFACE_SLOTS } from './layouts.js';

/** What full speed has for bulk and for endpoint 0 (USB 2.0, 5.5.3 and 5.8.3). */
const MAX_PACKET = 64;
const INTERRUPT_PACKET = 28;
const INTERRUPT_MS = 6;
export const DEVICE_VERSION = 0x0510;
export const LANGUAGE = 0x0409;
/** A descriptor has one byte for its length; two of them are its head, the rest UTF-16. */
const STRING_UNITS = 126;
const SERIAL_INDEX = 3;

export interface Endpoint {
  /** With bit 7 where it goes to the host. */
  readonly address: number;
  readonly type: number;
  readonly maxPacket: number;
  /** Milliseconds between two polls; 0 where it is not polled. */
  readonly interval: number;
  readonly interfaceNumber: number;
}

/** A full-speed device with one configuration, as its descriptors tell of it. */
export interface Description {
  readonly face: UsbFace;
  readonly endpoints: readonly Endpoint[];
  /** Addresses of the bulk endpoints behind which the adb daemon is; null without one. */
  readonly adb: { readonly in: number; readonly out: number } | null;
  readonly device: Buffer;
  readonly configuration: Buffer;
  /** By index; 0 is the list of languages. */
  readonly strings: readonly Buffer[];
}

export function describe(face: UsbFace): Description {
  const endpoints = endpointsOf(face.interfaces);
  return {
    face,
    endpoints,
    adb: face.adb ? adbEndpoints(face.interfaces, endpoints) : null,
    device: deviceDescriptor(face),
    configuration: configurationDescriptor(face.interfaces, endpoints),
    strings: [
      Buffer.from([4, 3, LANGUAGE & 0xff, LANGUAGE >> 8]),
      ...['Maker', 'Handset', ...(face.serial === null ? [] : [face.serial])].map(stringDescriptor),
    ],
  };
}

/** Numbers are never shared: neither between interfaces nor between the directions of two of them. */
function endpointsOf(interfaces: readonly UsbInterface[]): readonly Endpoint[] {
  let number = 0;
  const made = interfaces.flatMap(({ classCode }, interfaceNumber) => {
    number += 1;
    const bulk = { type: ENDPOINT_TYPE.bulk, maxPacket: MAX_PACKET, interval: 0, interfaceNumber };
    const pair = [
      { ...bulk, address: 0x80 | number },
      { ...bulk, address: number },
    ];
    if (classCode !== 6) return pair;
    number += 1;
    const events = {
      address: 0x80 | number,
      type: ENDPOINT_TYPE.interrupt,
      maxPacket: INTERRUPT_PACKET,
      interval: INTERRUPT_MS,
      interfaceNumber,
    };
    return [...pair, events];
  });
  if (number > 15)
    throw new Error(`usbredir: ${interfaces.length} interfaces need ${number} endpoints`);
  return made;
}

function adbEndpoints(interfaces: readonly UsbInterface[], endpoints: readonly Endpoint[]) {
  const at = interfaces.findIndex(
    (each) => each.classCode === 0xff && each.subclass === 0x42 && each.protocol === 1,
  );
  const [into, out] = endpoints.filter(({ interfaceNumber }) => interfaceNumber === at);
  return into && out ? { in: into.address, out: out.address } : null;
}

const word = (value: number) => [value & 0xff, value >> 8];

function deviceDescriptor({ vendorId, productId, serial }: UsbFace): Buffer {
  const ids = [...word(vendorId), ...word(productId), ...word(DEVICE_VERSION)];
  const strings = [1, 2, serial === null ? 0 : SERIAL_INDEX];
  return Buffer.from([18, 1, ...word(0x0200), 0, 0, 0, MAX_PACKET, ...ids, ...strings, 1]);
}

function configurationDescriptor(
  interfaces: readonly UsbInterface[],
  endpoints: readonly Endpoint[],
): Buffer {
  const parts = interfaces.flatMap(({ classCode, subclass, protocol }, number) => {
    const own = endpoints.filter(({ interfaceNumber }) => interfaceNumber === number);
    return [
      [9, 4, number, 0, own.length, classCode, subclass, protocol, 0],
      ...own.map((each) => [7, 5, each.address, each.type, ...word(each.maxPacket), each.interval]),
    ];
  });
  const rest = parts.flat();
  return Buffer.from([9, 2, ...word(9 + rest.length), interfaces.length, 1, 0, 0x80, 250, ...rest]);
}

function stringDescriptor(text: string): Buffer {
  const units = Buffer.from(text.slice(0, STRING_UNITS), 'utf16le');
  return Buffer.concat([Buffer.from([2 + units.length, 3]), units]);
}

/** The four tables of an interface_info packet. */
export function interfaceTables({ face }: Description): Buffer {
  const tables = Buffer.alloc(4 * INTERFACE_SLOTS);
  face.interfaces.forEach(({ classCode, subclass, protocol }, number) => {
    [number, classCode, subclass, protocol].forEach((value, table) => {
      tables[table * INTERFACE_SLOTS + number] = value;
    });
  });
  return tables;
}

/** The tables of an ep_info packet: type, interval, interface and, where that is agreed, the size of packets. */
export function endpointTables({ endpoints }: Description, withSizes: boolean): Buffer {
  const tables = Buffer.alloc((withSizes ? 5 : 3) * ENDPOINT_SLOTS);
  const control = {
    type: ENDPOINT_TYPE.control,
    maxPacket: MAX_PACKET,
    interval: 0,
    interfaceNumber: 0,
  };
  tables.fill(ENDPOINT_TYPE.none, 0, ENDPOINT_SLOTS);
  for (const each of [{ ...control, address: 0 }, { ...control, address: 0x80 }, ...endpoints]) {
    const slot = (each.address & 0x0f) + (each.address & 0x80 ? ENDPOINT_SLOTS / 2 : 0);
    tables[slot] = each.type;
    tables[ENDPOINT_SLOTS + slot] = each.interval;
    tables[2 * ENDPOINT_SLOTS + slot] = each.interfaceNumber;
    if (withSizes) tables.writeUInt16LE(each.maxPacket, 3 * ENDPOINT_SLOTS + 2 * slot);
  }
  return tables;
}
