import type { Duplex } from 'node:stream';
import { CAPABILITIES, type Kind } from '../usbredir/layouts.js';
import { PacketReader } from '../usbredir/packet-reader.js';
import { encodePacket, hello, type Packet, type PacketOf, packet } from '../usbredir/packets.js';

interface Waiting {
  readonly fits: (message: Packet) => boolean;
  readonly resolve: (message: Packet) => void;
  readonly reject: (error: Error) => void;
}

/** The end of usbredir that QEMU has: it asks, and waits for the answer of the same number. */
export class HostEnd {
  /** Everything that came, oldest first. */
  readonly heard: Packet[] = [];
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #wire: Duplex;
  readonly #reader = new PacketReader(CAPABILITIES);
  readonly #waiting = new Set<Waiting>();
  #lastId = 0n;

  constructor(wire: Duplex) {
    this.#wire = wire;
    this.closed = new Promise((resolve) => {
      wire.once('close', () => {
        for (const { reject } of this.#waiting) reject(new Error('the device is gone'));
        resolve();
      });
    });
    wire.on('error', () => undefined);
    wire.on('data', (bytes: Buffer) => {
      for (const message of this.#reader.push(bytes)) this.#hear(message);
    });
  }

  /** Greets and waits for the device. */
  async plugged(): Promise<PacketOf<'deviceConnect'>> {
    const connected = this.until('deviceConnect');
    this.#wire.write(encodePacket(hello('a host', CAPABILITIES), 0));
    return connected;
  }

  async configure(): Promise<void> {
    await this.ask('setConfiguration', { configuration: 1 }, 'configurationStatus');
  }

  /** A packet that nothing has to answer, or whose answer is waited for elsewhere; returns its id. */
  say<K extends Kind>(kind: K, fields: PacketOf<K>['fields'], data?: Buffer, id?: bigint): bigint {
    this.#lastId += 1n;
    const message = packet(kind, id ?? this.#lastId, fields, data);
    this.#wire.write(encodePacket(message as unknown as Packet, this.#reader.agreed));
    return message.id;
  }

  /** Asks what an answer of another kind, or with the default of the same, ends. */
  ask<K extends Kind, A extends Kind>(
    kind: K,
    fields: PacketOf<K>['fields'],
    answer: A,
    data?: Buffer,
  ): Promise<PacketOf<A>> {
    const id = this.say(kind, fields, data);
    return this.until(answer, id);
  }

  /** The next packet of a kind, and of an id where one is given. */
  until<K extends Kind>(kind: K, id?: bigint): Promise<PacketOf<K>> {
    return new Promise((resolve, reject) => {
      this.#waiting.add({
        fits: (message) => message.kind === kind && (id === undefined || message.id === id),
        resolve: (message) => resolve(message as unknown as PacketOf<K>),
        reject,
      });
    });
  }

  /** One bulk transfer to the device. */
  async write(endpoint: number, bytes: Buffer): Promise<PacketOf<'bulk'>> {
    return this.ask('bulk', bulk(endpoint, bytes.length), 'bulk', bytes);
  }

  /** One bulk transfer of at most `length` bytes from the device. */
  async read(endpoint: number, length: number): Promise<Buffer> {
    const { fields, data } = await this.ask('bulk', bulk(endpoint, length), 'bulk');
    if (fields.status !== 0) throw new Error(`bulk status ${fields.status}`);
    return data;
  }

  pull(): void {
    this.#wire.destroy();
  }

  #hear(message: Packet): void {
    this.heard.push(message);
    for (const waiting of this.#waiting) {
      if (!waiting.fits(message)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(message);
      return;
    }
  }
}

export function bulk(endpoint: number, length: number): PacketOf<'bulk'>['fields'] {
  return { endpoint, status: 0, stream: 0, length: length & 0xffff, lengthHigh: length >> 16 };
}
