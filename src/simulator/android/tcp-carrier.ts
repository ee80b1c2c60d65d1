import { asSarachiError, type SarachiError } from '../../errors.js';
import { sleep } from '../../wait.js';
import { AdbDaemon } from './adbd/adb-daemon.js';
import { listenTcp, type TcpListener } from './adbd/listen-tcp.js';
import type { SimulatedHandset } from './handset.js';

/** How an adb server is told of handsets that it reaches over TCP. */
export interface AdbServerDoor {
  /** `host:connect`. True when the server now has a row for the address, authorised or not. */
  connect(address: string): Promise<boolean>;
  /** `host:disconnect`, so that the row goes away at once, as it does on USB. */
  disconnect(address: string): Promise<void>;
  /** Told why a request to the server failed. Connecting is tried again, disconnecting is not. */
  readonly onTrouble?: (error: SarachiError) => void;
}

const RETRY_MS = 100;

/** Carries the adb of one handset to an adb server over TCP for as long as its cable is in and its adb is on. */
export class TcpCarrier {
  readonly #daemon: AdbDaemon;
  readonly #door: AdbServerDoor;
  #listener: TcpListener | null = null;
  #leaving = new AbortController();
  #connecting: Promise<void> = Promise.resolve();

  constructor(handset: SimulatedHandset, door: AdbServerDoor) {
    this.#daemon = new AdbDaemon(handset, handset.faults.wire);
    this.#door = door;
  }

  /** `127.0.0.1:port`, null while nothing is carried. */
  get address(): string | null {
    return this.#listener ? `127.0.0.1:${this.#listener.port}` : null;
  }

  async start(): Promise<void> {
    this.#leaving = new AbortController();
    const onFault = this.#door.onTrouble;
    this.#listener = await listenTcp(this.#daemon, onFault ? { onFault } : {});
    this.reconnect();
  }

  /** Asks the server again, for when it was restarted and has forgotten its rows. */
  reconnect(): void {
    this.#connecting = this.#connecting.then(() => this.#connect());
  }

  async stop(): Promise<void> {
    const { address } = this;
    this.#leaving.abort();
    this.#daemon.close();
    await this.#connecting;
    await this.#listener?.close();
    this.#listener = null;
    if (address)
      await this.#door
        .disconnect(address)
        .catch((error: unknown) => this.#door.onTrouble?.(asSarachiError(error)));
  }

  async #connect(): Promise<void> {
    const { signal } = this.#leaving;
    while (!signal.aborted && this.address) {
      const known = await this.#door.connect(this.address).catch((error: unknown) => {
        this.#door.onTrouble?.(asSarachiError(error));
        return false;
      });
      if (known) return;
      // Cut short when the handset leaves, which the loop then sees.
      await sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }
}
