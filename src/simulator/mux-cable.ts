import type { IphoneFace, SimulatedIphone } from './apple/iphone.js';
import type { SimulatedUsbmuxd, UsbAddress } from './apple/usbmux/usbmuxd.js';
import type { Cable } from './cable.js';

export interface MuxCableParts {
  readonly iphone: SimulatedIphone;
  readonly usbmuxd: SimulatedUsbmuxd;
  /** Where the kernel has put the iPhone now; null: it has left the bus already. */
  readonly address: () => UsbAddress | null;
}

/** Carries one iPhone to the usbmuxd of its rack, which gives it another number each time it comes. */
export class MuxCable implements Cable<IphoneFace> {
  readonly #parts: MuxCableParts;
  #deviceId: number | null = null;

  constructor(parts: MuxCableParts) {
    this.#parts = parts;
  }

  async show(face: IphoneFace | null): Promise<void> {
    const { iphone, usbmuxd } = this.#parts;
    if (this.#deviceId !== null) usbmuxd.detach(this.#deviceId);
    this.#deviceId = null;
    if (!face) return iphone.person.cableOut();
    const address = this.#parts.address();
    if (address) this.#deviceId = usbmuxd.attach(iphone, address);
  }
}
