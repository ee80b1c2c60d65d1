import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AdbEndpoint } from '../../src/devices/adb/adb-socket.js';
import { SarachiError } from '../../src/errors.js';

/** Stands in the cable of one handset and counts every byte that passes either way, packet headers included. */
export class WireMeter {
  readonly #handset: AdbEndpoint;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #bytes = 0;

  constructor(handset: AdbEndpoint) {
    this.#handset = handset;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Where the adb server is to connect to instead of the handset. */
  async start(): Promise<AdbEndpoint> {
    const server = createServer({ noDelay: true }, (outer) => this.#join(outer));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address !== 'object' || !address)
      throw new SarachiError('internal', { tag: 'wire-meter-address' });
    return { host: '127.0.0.1', port: address.port };
  }

  stop(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(outer: Socket): void {
    const { host, port } = this.#handset;
    const inner = connect({ host, port, noDelay: true });
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        this.#bytes += bytes.length;
      });
      // A broken end is the handset's or the server's way to go; the other end is told by closing.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
