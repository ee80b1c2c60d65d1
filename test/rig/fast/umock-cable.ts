import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { asSarachiError, type SarachiError } from '../../../src/errors.js';
import type { UsbPath } from '../../../src/handset.js';
import { AdbDaemon } from '../../../src/simulator/android/adbd/adb-daemon.js';
import type { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import type { UsbFace } from '../../../src/simulator/android/usb-face.js';
import type { Cable } from '../../../src/simulator/cable.js';
import type { UmockRack } from './umock-rack.js';
import { UsbTransfers } from './usb-transfers.js';

export interface UmockOpening {
  readonly umock: UmockRack;
  readonly usbPath: UsbPath;
  /** Holds the socket of the bulk transfers. */
  readonly folder: string;
  readonly onTrouble: (error: SarachiError) => void;
}

/** Carries a simulated handset to one opening of the emulated bus. */
export class UmockCable implements Cable {
  readonly #daemon: AdbDaemon;
  readonly #opening: UmockOpening;
  readonly #socket: string;
  readonly #server: Server;
  #onBus = false;

  constructor(handset: SimulatedHandset, opening: UmockOpening) {
    this.#opening = opening;
    this.#daemon = new AdbDaemon(handset, handset.faults.wire);
    this.#socket = path.join(opening.folder, `${opening.usbPath}.sock`);
    this.#server = createServer((socket) => {
      // A broken connection is what the host sees of it; the bus tells the rest.
      this.#daemon.serve(new UsbTransfers(socket)).catch(() => undefined);
    });
  }

  async show(face: UsbFace | null): Promise<void> {
    const done = this.#leave().then(() => (face ? this.#come(face) : undefined));
    await done.catch((error: unknown) => this.#opening.onTrouble(asSarachiError(error)));
  }

  async #come(face: UsbFace): Promise<void> {
    const { umock, usbPath } = this.#opening;
    if (face.adb) {
      this.#server.listen(this.#socket);
      await once(this.#server, 'listening');
    }
    await umock.add(usbPath, { ...face, socket: face.adb ? this.#socket : null });
    this.#onBus = true;
  }

  async #leave(): Promise<void> {
    const { umock, usbPath } = this.#opening;
    if (this.#onBus) await umock.remove(usbPath);
    this.#onBus = false;
    this.#daemon.close();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}
