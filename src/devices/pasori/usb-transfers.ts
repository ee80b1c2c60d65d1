import type { UsbPath } from '../../handset.js';
import type { WaitOptions } from '../../wait.js';

/** One reader on the bus, as far as it is known without opening it. */
export interface PasoriDevice {
  readonly usbPath: UsbPath;
  readonly vendorId: number;
  readonly productId: number;
  /** null where the device has none. */
  readonly serial: string | null;
}

/**
 * The seam under the readers: bulk transfers with one opened device. What is behind it may be libusb, a recording, or
 * anything else that carries bytes. One write and one read may be under way at a time.
 */
export interface UsbTransfers {
  readonly device: PasoriDevice;
  /** Resolves when the device took all bytes. Errors: reader-gone, reader-timeout, reader-protocol, aborted. */
  write(bytes: Uint8Array, options: WaitOptions): Promise<void>;
  /**
   * What one bulk IN transfer of at most `maxLength` bytes brought; a packet of no bytes is an empty array. Rejects
   * with reader-timeout when nothing came within `timeoutMs`; the others as for `write`.
   */
  read(maxLength: number, options: WaitOptions): Promise<Uint8Array>;
  /** Gives the device back. Transfers under way are ended. Safe to call twice, and for a reader that is gone. */
  close(): Promise<void>;
}

/** Where readers come from. */
export interface PasoriBus {
  /** The readers that are plugged in now. Error: usb-unavailable. */
  list(): Promise<readonly PasoriDevice[]>;
  /** Errors: reader-gone (none at this path), reader-busy, reader-unusable, usb-unavailable. */
  open(usbPath: UsbPath, options: WaitOptions): Promise<UsbTransfers>;
}
