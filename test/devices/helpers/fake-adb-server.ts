import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { AdbEndpoint } from '../../../src/devices/adb/adb-socket.js';

export const OKAY = Buffer.from('OKAY');

export function hex4(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(body.length.toString(16).padStart(4, '0')), body]);
}

export function fail(text: string): Buffer {
  return Buffer.concat([Buffer.from('FAIL'), hex4(text)]);
}

/** One connection of a client. `next` reads framed requests; what is not framed is read by `bytes`. */
export class Wire {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #pending = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      this.#wake();
    });
    socket.on('close', () => this.#wake());
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#pending.length < count) {
      if (this.socket.destroyed || this.socket.readableEnded) throw new Error('client left');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#pending.subarray(0, count);
    this.#pending = this.#pending.subarray(count);
    return taken;
  }

  async next(): Promise<string> {
    const length = Number.parseInt((await this.bytes(4)).toString(), 16);
    return (await this.bytes(length)).toString();
  }

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Writes byte by byte, each in a packet of its own as far as the kernel allows. */
  async trickle(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      await new Promise((resolve) => this.socket.write(Buffer.of(byte), resolve));
    }
  }
}

/** An adb server made of bytes: every connection goes to the present `behaviour`. */
export class FakeAdbServer {
  behaviour: (wire: Wire) => Promise<void> | void;
  readonly wires = new Set<Wire>();
  connections = 0;
  readonly #server = createServer((socket) => {
    const wire = new Wire(socket);
    this.connections += 1;
    this.wires.add(wire);
    socket.once('close', () => this.wires.delete(wire));
    // A client that leaves in the middle of a behaviour is what many tests are about.
    Promise.resolve(this.behaviour(wire)).catch(() => socket.destroy());
  });

  constructor(behaviour: (wire: Wire) => Promise<void> | void) {
    this.behaviour = behaviour;
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get endpoint(): AdbEndpoint {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  async close(): Promise<void> {
    for (const wire of this.wires) wire.socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
