import type { UsbPath } from '../handset.js';
import type { SimulatedHandset } from './android/handset.js';
import type { Cable } from './cable.js';
import { type AdbServerDoor, TcpCable } from './tcp-cable.js';

/** The cables of a rack whose handsets all reach one adb server over TCP. */
export class TcpCables {
  readonly #door: AdbServerDoor;
  readonly #inUse = new Set<TcpCable>();

  constructor(door: AdbServerDoor) {
    this.#door = door;
  }

  /** A new cable, for the rack to put in. */
  cable(handset: SimulatedHandset, usbPath: UsbPath): Cable {
    const cable = new TcpCable({ handset, usbPath, door: this.#door });
    return {
      show: async (face) => {
        if (face) this.#inUse.add(cable);
        else this.#inUse.delete(cable);
        await cable.show(face);
      },
    };
  }

  /** Has every handset connect again, for when the adb server was restarted. */
  reconnect(): void {
    for (const cable of this.#inUse) cable.reconnect();
  }
}
