/** Bits of the capability word in hello; only what this device end makes use of. */
export const CAPABILITY = {
  connectDeviceVersion: 1 << 1,
  endpointMaxPacketSize: 1 << 4,
  ids64: 1 << 5,
  bulkLength32: 1 << 6,
} as const;

/** A controller with a USB 3 port, such as xHCI, takes no device whose end lacks the last three. */
export const CAPABILITIES =
  CAPABILITY.connectDeviceVersion |
  CAPABILITY.endpointMaxPacketSize |
  CAPABILITY.ids64 |
  CAPABILITY.bulkLength32;

export const STATUS = { success: 0, cancelled: 1, invalid: 2, ioError: 3, stall: 4 } as const;
export const SPEED_FULL = 1;
export const ENDPOINT_TYPE = { control: 0, bulk: 2, interrupt: 3, none: 255 } as const;

/** Slots of the endpoint table: numbers 0 to 15 out, then 0 to 15 in. */
export const ENDPOINT_SLOTS = 32;
export const INTERFACE_SLOTS = 32;

/** More than any transfer that usbfs lets a program ask for. */
export const MAX_BULK = 16 * 1024 * 1024;
export const VERSION_LENGTH = 64;
const MAX_CAPABILITY_WORDS = 16;

type Size = 1 | 2 | 4;
/** A field of so many bytes; one that `needs` a capability is left out, and read as 0, where that is not agreed. */
export type Field = Size | { readonly size: Size; readonly needs: number };

export interface Layout {
  readonly type: number;
  readonly fields: Readonly<Record<string, Field>>;
  /** Smallest and largest number of bytes after the fields. */
  readonly data: readonly [number, number];
}

function layout<F extends Readonly<Record<string, Field>>>(
  type: number,
  fields: F,
  data: readonly [number, number] = [0, 0],
) {
  return { type, fields, data };
}

/**
 * The packets that a device with control, bulk and interrupt endpoints has to do with (SPICE usbredir,
 * usb-redirection-protocol.md, version 0.7). All integers are little-endian, nothing is padded.
 */
export const LAYOUTS = {
  hello: layout(0, {}, [VERSION_LENGTH, VERSION_LENGTH + 4 * MAX_CAPABILITY_WORDS]),
  deviceConnect: layout(1, {
    speed: 1,
    deviceClass: 1,
    subclass: 1,
    protocol: 1,
    vendorId: 2,
    productId: 2,
    deviceVersion: { size: 2, needs: CAPABILITY.connectDeviceVersion },
  }),
  reset: layout(3, {}),
  interfaceInfo: layout(4, { count: 4 }, [4 * INTERFACE_SLOTS, 4 * INTERFACE_SLOTS]),
  endpointInfo: layout(5, {}, [3 * ENDPOINT_SLOTS, 5 * ENDPOINT_SLOTS]),
  setConfiguration: layout(6, { configuration: 1 }),
  getConfiguration: layout(7, {}),
  configurationStatus: layout(8, { status: 1, configuration: 1 }),
  setAltSetting: layout(9, { interfaceNumber: 1, alt: 1 }),
  getAltSetting: layout(10, { interfaceNumber: 1 }),
  altSettingStatus: layout(11, { status: 1, interfaceNumber: 1, alt: 1 }),
  startInterrupt: layout(15, { endpoint: 1 }),
  stopInterrupt: layout(16, { endpoint: 1 }),
  interruptStatus: layout(17, { status: 1, endpoint: 1 }),
  cancel: layout(21, {}),
  control: layout(
    100,
    { endpoint: 1, request: 1, requestType: 1, status: 1, value: 2, index: 2, length: 2 },
    [0, 0xffff],
  ),
  bulk: layout(
    101,
    {
      endpoint: 1,
      status: 1,
      length: 2,
      stream: 4,
      lengthHigh: { size: 2, needs: CAPABILITY.bulkLength32 },
    },
    [0, MAX_BULK],
  ),
} as const satisfies Record<string, Layout>;

export type Kind = keyof typeof LAYOUTS;
