import type { RawDevice } from '../usb/describe-device.js';

/** One transfer of the `usb` package 2.x. */
export interface LibusbTransfer {
  submit(buffer: Buffer): unknown;
  /** False where it was over already. */
  cancel(): boolean;
}

export interface LibusbEndpoint {
  readonly direction: 'in' | 'out';
  readonly transferType: number;
  readonly descriptor: { readonly wMaxPacketSize: number };
  makeTransfer(
    timeoutMs: number,
    done: (error: Error | undefined, buffer: Buffer, length: number) => void,
  ): LibusbTransfer;
  clearHalt(done: (error: Error | undefined) => void): void;
}

export interface LibusbInterface {
  readonly interfaceNumber: number;
  readonly descriptor: { readonly bInterfaceClass: number };
  readonly endpoints: readonly LibusbEndpoint[];
  isKernelDriverActive(): boolean;
  claim(): void;
  release(done: (error?: Error) => void): void;
}

/** The part of a device of the `usb` package 2.x that carries transfers. */
export interface LibusbDevice extends RawDevice {
  readonly interfaces: readonly LibusbInterface[] | undefined;
  readonly configDescriptor?:
    | (NonNullable<RawDevice['configDescriptor']> & { readonly bConfigurationValue: number })
    | undefined;
  open(): void;
  close(): void;
}

export interface LibusbList<D extends LibusbDevice> {
  getDeviceList(): D[];
}

/** What a call returned, negative, and how a transfer ended, positive. Source: libusb.h. */
export const LIBUSB = {
  errorAccess: -3,
  errorNoDevice: -4,
  errorBusy: -6,
  errorNotSupported: -12,
  transferTimedOut: 2,
  transferCancelled: 3,
  transferStall: 4,
  transferNoDevice: 5,
} as const;

export const BULK = 2;

/** The number that the `usb` package puts on its errors; null where there is none. */
export function errnoOf(error: unknown): number | null {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : null;
}
