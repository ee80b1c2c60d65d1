import { rm } from 'node:fs/promises';
import path from 'node:path';
import { connectTcp, disconnectTcp } from '../../src/devices/adb/adb-host.js';
import { AdbServer } from '../../src/devices/adb/adb-server.js';
import type { AdbEndpoint } from '../../src/devices/adb/adb-socket.js';
import type { AndroidLink } from '../../src/devices/adb/android-link.js';
import { BoardAndroidLink } from '../../src/devices/adb/board-android-link.js';
import { DeviceTracker } from '../../src/devices/adb/device-tracker.js';
import { JoinedSightings } from '../../src/devices/joined-sightings.js';
import { createLog } from '../../src/log.js';
import type { SimulatedHandset } from '../../src/simulator/android/handset.js';
import type { HandsetSpec } from '../../src/simulator/android/handset-spec.js';
import { SimulatedRack } from '../../src/simulator/rack.js';
import { TcpCables } from '../../src/simulator/tcp-cables.js';
import { adbKey, endpointOf } from './adb-key.js';
import { WireMeter } from './wire-meter.js';

const OPENING = '1-1.1';
const WAIT_MS = 30_000;

/** The handset that stands in the rig. */
export interface Standing {
  readonly handset: SimulatedHandset;
  readonly link: AndroidLink;
  /** What `adb -s` takes. */
  readonly address: string;
  /** Every byte that passed the cable so far. */
  wireBytes(): number;
}

/** One opening with a real adb server behind it and a meter in its cable. */
export class OneHandsetRig {
  readonly server: AdbServer;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #rack: SimulatedRack;
  readonly #board: JoinedSightings;
  readonly #tracker: DeviceTracker;
  #meter: { readonly wire: WireMeter; readonly at: AdbEndpoint } | null = null;

  constructor(folder: string, signal: AbortSignal) {
    const log = createLog('silent');
    this.#folder = folder;
    this.#signal = signal;
    this.server = new AdbServer({ folder: path.join(folder, 'adb'), log });
    this.#board = new JoinedSightings({ log, locate: () => OPENING });
    this.#tracker = new DeviceTracker({
      endpoint: () => this.server.endpoint,
      onRows: (rows) => this.#board.listed(rows),
      log,
      clock: Date.now,
    });
    const cables = new TcpCables({
      connect: (address) => this.#connect(address),
      disconnect: () => this.#disconnect(),
    });
    this.#rack = new SimulatedRack({
      stateDir: folder,
      cable: (handset, usbPath) => cables.cable(handset, usbPath),
    });
  }

  async start(): Promise<void> {
    await this.server.start(this.#wait());
    await this.#rack.start(this.#board);
    this.#tracker.start();
  }

  /** A new handset with debugging authorised, seen by the adb server. */
  async plug(spec: HandsetSpec): Promise<Standing> {
    const key = await adbKey(this.server.publicKeyPath);
    const handset = await this.#rack.handset({ authorisedKeys: [key], ...spec });
    this.#rack.plug(OPENING, handset);
    const link = new BoardAndroidLink({
      usbPath: OPENING,
      board: this.#board,
      endpoint: () => this.server.endpoint,
      clock: Date.now,
    });
    await link.waitFor((sighting) => sighting?.condition === 'adb:device', this.#wait());
    const address = link.sighting()?.adb?.serial ?? '';
    return { handset, link, address, wireBytes: () => this.#meter?.wire.bytes ?? 0 };
  }

  /** Takes the handset out for good; nothing is left of its storage. */
  async remove({ link, handset }: Standing): Promise<void> {
    this.#rack.unplug(OPENING);
    await link.waitFor((sighting) => sighting === null, this.#wait());
    await handset.switchOff();
    await rm(path.join(this.#folder, 'handsets', handset.serial, 'data.img'), { force: true });
  }

  async stop(): Promise<void> {
    try {
      await this.#rack.close();
    } finally {
      this.#meter?.wire.stop();
      await this.#tracker.stop();
      await this.server.stop();
    }
  }

  async #connect(address: string): Promise<boolean> {
    const wire = new WireMeter(endpointOf(address));
    const at = await wire.start();
    this.#meter = { wire, at };
    await connectTcp(this.server.endpoint, at, this.#wait());
    return true;
  }

  async #disconnect(): Promise<void> {
    if (!this.#meter) return;
    const { wire, at } = this.#meter;
    await disconnectTcp(this.server.endpoint, at, limit(new AbortController().signal));
    wire.stop();
  }

  #wait() {
    return limit(this.#signal);
  }
}

function limit(signal: AbortSignal) {
  return { signal, timeoutMs: WAIT_MS };
}
