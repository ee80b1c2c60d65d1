import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AdbDaemon } from '../../../../src/simulator/android/adbd/adb-daemon.js';
import type { HandsetOs, WireFaults } from '../../../../src/simulator/android/handset-os.js';
import type { UsbFace } from '../../../../src/simulator/android/usb-face.js';
import type { Cable } from '../../../../src/simulator/cable.js';
import { sleep } from '../../../../src/wait.js';
import { runSession } from './session.js';

/** Between two tries to connect. */
const RETRY_MS = 50;
/** Between two faces; longer than the host needs to see that the first one's connection is closed. */
const PAUSE_MS = 100;
const CONNECT_MS = 30_000;

export interface CableOptions {
  /** The Unix socket on which QEMU listens for the device. */
  readonly socket: string;
  readonly log?: (line: string) => void;
  /** How long `show` waits for QEMU to listen, in milliseconds; default 30 000. */
  readonly connectMs?: number;
}

export type Carried = HandsetOs & { readonly faults: { readonly wire: WireFaults } };

/** The cable between a simulated handset and one usb-redir device of a QEMU guest. */
export class UsbredirCable implements Cable {
  readonly #options: CableOptions;
  readonly #daemon: AdbDaemon;
  #wanted: string | null = null;
  #shown = new AbortController();
  /** Ends when the face before has left; settles only then. */
  #kept: Promise<void> = Promise.resolve();
  #work: Promise<void> = Promise.resolve();
  #leftAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(handset: Carried, options: CableOptions) {
    this.#options = options;
    this.#daemon = new AdbDaemon(handset, handset.faults.wire);
  }

  /**
   * Shows the guest this device, or none. Resolves when QEMU has the connection, and nothing is left of the face
   * before; also when a later call, or `close`, made it pointless. From then on a connection that ends comes again.
   * Rejects when QEMU does not listen in time; the cable goes on trying all the same.
   */
  show(face: UsbFace | null): Promise<void> {
    const wanted = face && !this.#closed ? JSON.stringify(face) : null;
    if (wanted === this.#wanted) return this.#work;
    this.#wanted = wanted;
    this.#shown.abort();
    const shown = new AbortController();
    this.#shown = shown;
    const before = this.#work.catch(() => undefined);
    this.#work = before.then(() => this.#change(wanted === null ? null : face, shown.signal));
    return this.#work;
  }

  /** Pulls the cable for good. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.show(null).catch(() => undefined);
    await this.#kept;
  }

  async #change(face: UsbFace | null, signal: AbortSignal): Promise<void> {
    await this.#kept;
    if (!face || signal.aborted) return;
    const { socket, connectMs = CONNECT_MS } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const plugged = new Promise<void>((resolve) => {
      this.#kept = this.#keep(face, signal, resolve).finally(resolve);
    });
    const late = new Promise<never>((_resolve, reject) => {
      const said = `nobody has listened at ${socket} for ${connectMs} ms`;
      timer = setTimeout(() => reject(new Error(said)), connectMs);
    });
    await Promise.race([plugged, late]).finally(() => clearTimeout(timer));
  }

  /** Connects, and connects again, until the signal fires; never rejects. */
  async #keep(face: UsbFace, signal: AbortSignal, plugged: () => void): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = Math.max(RETRY_MS, this.#leftAt + PAUSE_MS - performance.now());
      const socket = await connected(this.#options.socket, signal, pauseMs);
      if (!socket) continue;
      plugged();
      await this.#session(face, socket);
      this.#leftAt = performance.now();
    }
  }

  async #session(face: UsbFace, socket: Socket): Promise<void> {
    const log = this.#options.log ?? (() => undefined);
    log('plugged in');
    const adb = (stream: Duplex) => {
      // What the host did wrong ends its connection, which is all that a real handset shows of it.
      this.#daemon.serve(stream).catch((error: unknown) => log(`adb: ${error}`));
    };
    await runSession(socket, { face, adb, log });
    log('pulled out');
  }
}

/** A connection after the pause, which the signal closes; null when nobody listens or the signal fired. */
async function connected(
  path: string,
  signal: AbortSignal,
  pauseMs: number,
): Promise<Socket | null> {
  await sleep(pauseMs, signal).catch(() => undefined);
  if (signal.aborted) return null;
  return new Promise((resolve) => {
    const socket = connect(path);
    const pull = () => socket.destroy();
    signal.addEventListener('abort', pull, { once: true });
    // The close that follows says all there is to say.
    socket.on('error', () => undefined);
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => {
      signal.removeEventListener('abort', pull);
      resolve(null);
    });
  });
}
