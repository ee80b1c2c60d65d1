import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { UsbPath } from '../../../src/handset.js';
import { AdbDaemon } from '../../../src/simulator/android/adbd/adb-daemon.js';
import type { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import type { UsbFace } from '../../../src/simulator/android/usb-face.js';
import type { UmockRack } from './umock-rack.js';
import { UsbTransfers } from './usb-transfers.js';

export type Carried = Pick<SimulatedHandset, 'face' | 'watch'> &
  ConstructorParameters<typeof AdbDaemon>[0] & {
    readonly faults: { readonly wire: ConstructorParameters<typeof AdbDaemon>[1] };
  };

export interface Opening {
  readonly rack: UmockRack;
  readonly usbPath: UsbPath;
  /** Holds the socket of the bulk transfers. */
  readonly folder: string;
}

/** A simulated handset in one opening of the emulated bus, which it leaves and comes back to when it reboots. */
export class UsbCarrier {
  readonly #handset: Carried;
  readonly #daemon: AdbDaemon;
  readonly #opening: Opening;
  readonly #server: Server;
  readonly #socket: string;
  #unwatch: () => void = () => undefined;
  #shown: string | null = null;
  #onBus = false;
  #work: Promise<void> = Promise.resolve();

  constructor(handset: Carried, opening: Opening) {
    this.#handset = handset;
    this.#opening = opening;
    this.#daemon = new AdbDaemon(handset, handset.faults.wire);
    this.#socket = path.join(opening.folder, `${opening.usbPath}.sock`);
    this.#server = createServer((socket) => {
      // A broken connection is what the host sees of it; the bus tells the rest.
      this.#daemon.serve(new UsbTransfers(socket)).catch(() => undefined);
    });
  }

  /** Resolves when the bus has told of the handset. */
  async plug(): Promise<void> {
    this.#server.listen(this.#socket);
    await once(this.#server, 'listening');
    this.#unwatch = this.#handset.watch({
      faceChanged: () => this.#refresh(),
      cableDropped: () => this.#show(null),
    });
    this.#refresh();
    await this.#work;
  }

  /** Pulls the cable. The handset runs on by its battery. */
  async unplug(): Promise<void> {
    this.#unwatch();
    this.#show(null);
    await this.#work;
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #refresh(): void {
    this.#show(this.#handset.face());
  }

  /** Other descriptors are another enumeration: the device leaves before it comes with them. */
  #show(face: UsbFace | null): void {
    const shown = face ? JSON.stringify(face) : null;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { rack, usbPath } = this.#opening;
    this.#work = this.#work.then(async () => {
      if (this.#onBus) await rack.remove(usbPath);
      this.#onBus = false;
      this.#daemon.close();
      if (!face) return;
      await rack.add(usbPath, { ...face, socket: face.adb ? this.#socket : null });
      this.#onBus = true;
    });
  }
}
