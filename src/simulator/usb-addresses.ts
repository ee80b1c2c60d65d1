import type { UsbAddress } from './apple/usbmux/usbmuxd.js';

/** Gives device numbers as a kernel does: counting up on each bus, and from the start again after the last. */
export class UsbAddresses {
  readonly #last = new Map<number, number>();

  next(bus: number): UsbAddress {
    const device = ((this.#last.get(bus) ?? 1) % 127) + 1;
    this.#last.set(bus, device);
    return { bus, device };
  }
}
