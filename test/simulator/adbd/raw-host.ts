import { type Duplex, duplexPair } from 'node:stream';
import { SarachiError } from '../../../src/errors.js';
import type { AdbDaemon } from '../../../src/simulator/android/adbd/adb-daemon.js';
import {
  COMMAND,
  encodePacket,
  type Packet,
  PacketParser,
  packet,
} from '../../../src/simulator/android/adbd/packet.js';
import { withDeadline } from '../../../src/wait.js';

export function within<T>(work: () => Promise<T>, timeoutMs = 10_000): Promise<T> {
  return withDeadline({ signal: new AbortController().signal, timeoutMs }, 'internal', work);
}

/** A host that says exactly the packets a test wants, and hands back what came, one by one. */
export class RawHost {
  readonly wire: Duplex;
  /** The daemon's end of the same wire. */
  readonly farEnd: Duplex;
  /** Settles as the daemon's `serve` does. */
  readonly served: Promise<void>;
  version = 0x01000001;
  readonly #packets: AsyncGenerator<Packet>;

  constructor(daemon: AdbDaemon) {
    const [near, far] = duplexPair();
    this.wire = near;
    this.farEnd = far;
    near.on('error', () => undefined);
    // A pair in memory does not pass a destroyed end on; a cable does.
    far.once('close', () => near.push(null));
    this.served = daemon.serve(far);
    this.served.catch(() => undefined);
    this.#packets = this.#parse();
  }

  say(command: number, arg0: number, arg1: number, payload: Buffer | string = ''): void {
    const message = packet(command, arg0, arg1, Buffer.from(payload));
    this.wire.write(encodePacket(message, this.version));
  }

  connect(maxdata = 0x100000, version = 0x01000001): void {
    this.say(COMMAND.CNXN, version, maxdata, 'host::features=shell_v2');
  }

  /** The next packet, or null at the end of the connection. */
  async next(): Promise<Packet | null> {
    const { value, done } = await within(() => this.#packets.next());
    return done === true ? null : value;
  }

  /** The next packet as text: `OKAY 1 7 "payload"`. */
  async heard(): Promise<string> {
    const got = await this.next();
    if (got === null) return 'end';
    const name = Buffer.alloc(4);
    name.writeUInt32LE(got.command);
    return `${name} ${got.arg0} ${got.arg1} ${JSON.stringify(got.payload.toString('latin1'))}`;
  }

  /** Reads a stream's bytes to its CLSE, acknowledging each WRTE. */
  async drain(localId: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let got = await this.next(); got !== null; got = await this.next()) {
      if (got.arg1 !== localId) continue;
      if (got.command === COMMAND.CLSE) break;
      if (got.command !== COMMAND.WRTE) continue;
      parts.push(got.payload);
      this.say(COMMAND.OKAY, localId, got.arg0);
    }
    return Buffer.concat(parts);
  }

  async *#parse(): AsyncGenerator<Packet> {
    const parser = new PacketParser({ maxPayload: 0x100000, version: this.version });
    parser.agree(this.version);
    try {
      for await (const chunk of this.wire) {
        for (const message of parser.push(chunk)) yield message;
      }
    } catch (error) {
      if (error instanceof SarachiError) throw error;
    }
  }
}
