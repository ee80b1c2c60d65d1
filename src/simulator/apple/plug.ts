import type { SimulatedIphone } from './iphone.js';
import type { SimulatedUsbmuxd, UsbAddress } from './usbmux/usbmuxd.js';

/** Gives device numbers as a kernel does: counting up on each bus, and from the start again after the last. */
export class UsbAddresses {
  readonly #last = new Map<number, number>();

  next(bus: number): UsbAddress {
    const device = ((this.#last.get(bus) ?? 1) % 127) + 1;
    this.#last.set(bus, device);
    return { bus, device };
  }
}

export interface IphonePlug {
  readonly usbmuxd: SimulatedUsbmuxd;
  /** The address of the next enumeration at this place. */
  readonly enumerate: () => UsbAddress;
}

/**
 * Puts an iPhone on a cable to a usbmuxd: it is attached and detached there as it comes and goes, each time with another
 * device number. Returns the function that pulls the cable. A cable that the phone's faults drop comes back by itself.
 */
export function plugIphone(iphone: SimulatedIphone, plug: IphonePlug): () => void {
  let deviceId: number | null = null;
  let cableIn = true;
  let timer: NodeJS.Timeout | null = null;
  const refresh = () => {
    const there = cableIn && iphone.face() !== null;
    if (there && deviceId === null) deviceId = plug.usbmuxd.attach(iphone, plug.enumerate());
    if (!there && deviceId !== null) {
      plug.usbmuxd.detach(deviceId);
      deviceId = null;
    }
  };
  const setCable = (isIn: boolean) => {
    cableIn = isIn;
    if (!isIn) iphone.person.cableOut();
    refresh();
  };
  const unwatch = iphone.watch({
    faceChanged: refresh,
    cableDropped: (forMs) => {
      setCable(false);
      if (forMs !== null) timer = setTimeout(() => setCable(true), forMs);
    },
    trusted: () => undefined,
  });
  refresh();
  return () => {
    unwatch();
    if (timer) clearTimeout(timer);
    setCable(false);
  };
}
