import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { asSarachiError, SarachiError } from '../../../errors.js';
import type { SimulatedIphone } from '../iphone.js';
import type { PlistDict } from '../wire/plist.js';
import { MuxClient, type MuxHost } from './mux-client.js';
import { RESULT } from './packet.js';
import { PairRecords } from './pair-records.js';
import { Preflight } from './preflight.js';

export interface UsbmuxdOptions {
  /** Path of the unix socket. */
  readonly socket: string;
  /** Where pair records are kept; they outlive this object. */
  readonly records: string;
  /** Pairs by itself with each phone that comes, as the real daemon does. Default true. */
  readonly pairsByItself?: boolean;
  /** The socket goes away with the last phone and comes back with the next, as `usbmuxd -x` under udev. Default false. */
  readonly exitsWhenIdle?: boolean;
  /** Told what went wrong inside the simulator itself while nobody waited for it. */
  readonly onTrouble?: (error: SarachiError) => void;
}

/** Where the kernel has put a phone: both numbers of /sys/bus/usb, `busnum` and `devnum`. */
export interface UsbAddress {
  readonly bus: number;
  readonly device: number;
}

interface Present {
  readonly iphone: SimulatedIphone;
  readonly message: PlistDict;
  readonly sockets: Set<Socket>;
  readonly preflight: Preflight | null;
  /** Clients see a phone only when the preflight is through with it (usbmuxd, src/preflight.c). */
  visible: boolean;
}

/** One usbmuxd for a whole rack of simulated iPhones. */
export class SimulatedUsbmuxd implements MuxHost {
  readonly records: PairRecords;
  readonly #options: UsbmuxdOptions;
  readonly #present = new Map<number, Present>();
  readonly #clients = new Set<Socket>();
  readonly #listeners = new Set<MuxClient>();
  #server: Server | null = null;
  #started = false;
  #lastId = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: UsbmuxdOptions) {
    this.#options = options;
    this.records = new PairRecords(options.records);
  }

  /** Opens the socket. Rejects with `internal` when it cannot be had. */
  async start(): Promise<void> {
    this.#started = true;
    await this.#later(() => this.#bringUpToDate());
  }

  /** Closes the socket and every connection; phones stay plugged, for a start after this. */
  async stop(): Promise<void> {
    this.#started = false;
    await this.#later(() => this.#bringUpToDate());
  }

  /** Where clients reach it now. */
  get isUp(): boolean {
    return this.#server !== null;
  }

  /** A phone has appeared on the bus; returns the number that usbmuxd gives it. */
  attach(iphone: SimulatedIphone, address: UsbAddress): number {
    this.#lastId += 1;
    const deviceId = this.#lastId;
    const { udid } = iphone.state.identity;
    const message = attachedMessage(deviceId, udid, address);
    const preflight =
      (this.#options.pairsByItself ?? true)
        ? new Preflight(iphone, this.records, {
            paired: () => this.#paired(deviceId),
            trouble: (error) => this.#options.onTrouble?.(asSarachiError(error)),
          })
        : null;
    const present = { iphone, message, sockets: new Set<Socket>(), preflight, visible: false };
    this.#present.set(deviceId, present);
    this.#spawn(this.#later(() => this.#bringUpToDate()));
    const show = () => {
      if (this.#present.get(deviceId) !== present) return;
      present.visible = true;
      this.#tell(message);
    };
    if (preflight) this.#spawn(preflight.run().finally(show));
    else show();
    return deviceId;
  }

  /** The phone has left the bus: its connections die at once. */
  detach(deviceId: number): void {
    const present = this.#present.get(deviceId);
    if (!present) return;
    this.#present.delete(deviceId);
    present.preflight?.stop();
    for (const socket of present.sockets) socket.destroy();
    this.#tell({ MessageType: 'Detached', DeviceID: deviceId });
    this.#spawn(this.#later(() => this.#bringUpToDate()));
  }

  attached(): readonly PlistDict[] {
    return [...this.#present.values()]
      .filter(({ visible }) => visible)
      .map(({ message }) => message);
  }

  accepts(deviceId: number, port: number): number {
    const present = this.#present.get(deviceId);
    if (!present) return RESULT.badDevice;
    return present.iphone.accepts(port) ? RESULT.ok : RESULT.connectionRefused;
  }

  handOver(deviceId: number, port: number, socket: Socket): void {
    const present = this.#present.get(deviceId);
    if (!present) return;
    present.sockets.add(socket);
    socket.once('close', () => present.sockets.delete(socket));
    this.#spawn(present.iphone.serve(port, socket));
  }

  listen(client: MuxClient): void {
    this.#listeners.add(client);
    for (const message of this.attached()) client.event(message);
  }

  listeners(): readonly PlistDict[] {
    return [...this.#listeners].map(({ programme }, index) => ({
      Blacklisted: false,
      ConnType: 0,
      'ID String': `${index}-${programme}`,
      ProgName: programme,
    }));
  }

  recordSaved(deviceId: number | null): void {
    if (deviceId !== null && this.#present.has(deviceId)) this.#paired(deviceId);
  }

  #paired(deviceId: number): void {
    this.#tell({ MessageType: 'Paired', DeviceID: deviceId });
  }

  #tell(message: PlistDict): void {
    for (const client of this.#listeners) client.event(message);
  }

  async #bringUpToDate(): Promise<void> {
    const idle = this.#options.exitsWhenIdle && this.#present.size === 0;
    const wanted = this.#started && !idle;
    if (wanted && !this.#server) this.#server = await this.#open();
    else if (!wanted && this.#server) {
      const server = this.#server;
      this.#server = null;
      for (const socket of this.#clients) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    }
  }

  async #open(): Promise<Server> {
    // A daemon that was killed leaves its socket behind.
    await rm(this.#options.socket, { force: true });
    const server = createServer((socket) => this.#welcome(socket));
    server.listen(this.#options.socket);
    await once(server, 'listening').catch((error: unknown) => {
      throw new SarachiError('internal', { socket: this.#options.socket }, { cause: error });
    });
    return server;
  }

  #welcome(socket: Socket): void {
    const client = new MuxClient(this, socket);
    this.#clients.add(socket);
    socket.once('close', () => {
      this.#clients.delete(socket);
      this.#listeners.delete(client);
    });
    this.#spawn(client.serve());
  }

  #later(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  #spawn(work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.onTrouble?.(asSarachiError(error)));
  }
}

/** On Linux usbmuxd's LocationID is the bus number and the device number (usbmuxd, src/usb.c). */
function attachedMessage(deviceId: number, udid: string, { bus, device }: UsbAddress): PlistDict {
  return {
    MessageType: 'Attached',
    DeviceID: deviceId,
    Properties: {
      ConnectionSpeed: 480_000_000,
      ConnectionType: 'USB',
      DeviceID: deviceId,
      LocationID: bus * 0x10000 + device,
      ProductID: 0x12a8,
      SerialNumber: udid,
    },
  };
}
