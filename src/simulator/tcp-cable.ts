import { asSarachiError, type SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import { sleep } from '../wait.js';
import { AdbDaemon } from './android/adbd/adb-daemon.js';
import { listenTcp, type TcpListener } from './android/adbd/listen-tcp.js';
import type { SimulatedHandset } from './android/handset.js';
import type { UsbFace } from './android/usb-face.js';
import type { Cable } from './cable.js';

/** How an adb server is told of handsets that it reaches over TCP. */
export interface AdbServerDoor {
  /**
   * `host:connect` to the handset that is plugged in at `usbPath`, which a TCP transport itself does not say. True
   * when the server now has a row for the address, authorised or not.
   */
  connect(address: string, usbPath: UsbPath): Promise<boolean>;
  /** `host:disconnect`, so that the row goes away at once, as it does on USB. */
  disconnect(address: string): Promise<void>;
  /** Told why a request to the server failed. Connecting is tried again, disconnecting is not. */
  readonly onTrouble?: (error: SarachiError) => void;
}

export interface TcpCableParts {
  readonly handset: SimulatedHandset;
  readonly usbPath: UsbPath;
  readonly door: AdbServerDoor;
}

const RETRY_MS = 100;

/** Carries the adb of one handset to an adb server over TCP, at a new address each time its adb comes on. */
export class TcpCable implements Cable {
  readonly #daemon: AdbDaemon;
  readonly #usbPath: UsbPath;
  readonly #door: AdbServerDoor;
  #listener: TcpListener | null = null;
  #leaving = new AbortController();
  #connecting: Promise<void> = Promise.resolve();

  constructor({ handset, usbPath, door }: TcpCableParts) {
    this.#daemon = new AdbDaemon(handset, handset.faults.wire);
    this.#usbPath = usbPath;
    this.#door = door;
  }

  async show(face: UsbFace | null): Promise<void> {
    await this.#stop();
    if (face?.adb) await this.#start().catch((error: unknown) => this.#tell(error));
  }

  /** Asks the server again, for when it was restarted and has forgotten its rows. */
  reconnect(): void {
    const { signal } = this.#leaving;
    this.#connecting = this.#connecting.then(() => this.#connect(signal));
  }

  async #start(): Promise<void> {
    const { onTrouble } = this.#door;
    this.#listener = await listenTcp(this.#daemon, onTrouble ? { onFault: onTrouble } : {});
    this.#leaving = new AbortController();
    this.reconnect();
  }

  async #stop(): Promise<void> {
    const listener = this.#listener;
    if (!listener) return;
    this.#leaving.abort();
    listener.refuse();
    await this.#connecting;
    // The port stays taken until the server has forgotten it: it would drop whoever is there by then.
    await this.#door.disconnect(addressOf(listener)).catch((error: unknown) => this.#tell(error));
    this.#listener = null;
    await listener.close();
  }

  async #connect(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#listener) {
      const address = addressOf(this.#listener);
      const known = await this.#door.connect(address, this.#usbPath).catch((error: unknown) => {
        this.#tell(error);
        return false;
      });
      if (known) return;
      // Cut short when the handset leaves, which the loop then sees.
      await sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  #tell(error: unknown): void {
    this.#door.onTrouble?.(asSarachiError(error));
  }
}

function addressOf({ port }: TcpListener): string {
  return `127.0.0.1:${port}`;
}
