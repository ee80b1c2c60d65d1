import path from 'node:path';
import type { Config } from '../config.js';
import { AdbServer } from '../devices/adb/adb-server.js';
import type { AndroidLink } from '../devices/adb/android-link.js';
import { BoardAndroidLink } from '../devices/adb/board-android-link.js';
import { DeviceTracker } from '../devices/adb/device-tracker.js';
import type { JoinedSightings } from '../devices/joined-sightings.js';
import { SarachiError } from '../errors.js';
import type { UsbPath } from '../handset.js';
import type { Log } from '../log.js';
import type { Clock } from '../wait.js';

const ADB_START_MS = 30_000;

export interface AndroidWiringParts {
  readonly config: Config;
  readonly state: string;
  readonly board: JoinedSightings;
  readonly clock: Clock;
  readonly log: Log;
}

/** The way to Android handsets: our own adb server, its list, and one link for each opening. */
export class AndroidWiring {
  readonly adb: AdbServer;
  readonly #parts: AndroidWiringParts;
  readonly #tracker: DeviceTracker;
  readonly #links = new Map<UsbPath, AndroidLink>();

  constructor(parts: AndroidWiringParts) {
    const { config, state, board, clock, log } = parts;
    this.#parts = parts;
    this.adb = new AdbServer({
      folder: path.join(state, 'keys', 'adb'),
      port: config.adb.port,
      binary: config.adb.binary,
      log,
    });
    this.#tracker = new DeviceTracker({
      endpoint: () => this.adb.endpoint,
      onRows: (rows) => board.listed(rows),
      log,
      clock,
    });
  }

  /** Starts the adb server; nothing is told to the board yet. */
  async start(): Promise<void> {
    await this.adb.start({ signal: new AbortController().signal, timeoutMs: ADB_START_MS });
  }

  stop(): Promise<void> {
    return this.adb.stop();
  }

  /** Tells the board from now on what adb lists. */
  follow(): void {
    this.#tracker.start();
  }

  unfollow(): Promise<void> {
    return this.#tracker.stop();
  }

  link(usbPath: UsbPath): AndroidLink {
    const { board, clock } = this.#parts;
    const link =
      this.#links.get(usbPath) ??
      new BoardAndroidLink({ usbPath, board, endpoint: () => this.adb.endpoint, clock });
    this.#links.set(usbPath, link);
    return link;
  }

  /** How the server stands, in a few words. Throws adb-server-gone where it does not answer. */
  health(): string {
    const { state } = this.adb;
    if (!state.up || !this.#tracker.connected()) throw new SarachiError('adb-server-gone');
    return `version ${state.version}`;
  }
}
