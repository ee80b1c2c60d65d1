import {
  COMMAND,
  encodeHeader,
  HEADER_LENGTH,
  type Packet,
  packet,
} from '../../../../src/simulator/android/adbd/packet.js';
import type { HostEnd } from './host-end.js';

const VERSION = 0x01000001;
const MAX_PACKET = 64;
/** What adb asks of usbfs at a time. */
const CHUNK = 16 * 1024;

/** An adb host that moves its packets as the adb server does: head and payload are transfers of their own. */
export class AdbOverBulk {
  readonly #host: HostEnd;
  readonly #in: number;
  readonly #out: number;
  #lastId = 0;

  constructor(host: HostEnd, endpoints: { readonly in: number; readonly out: number }) {
    this.#host = host;
    this.#in = endpoints.in;
    this.#out = endpoints.out;
  }

  /** Logs in; returns what the handset says of itself. */
  async connect(): Promise<string> {
    await this.say(
      packet(COMMAND.CNXN, VERSION, 0x100000, Buffer.from('host::features=shell_v2\0')),
    );
    return (await this.next()).payload.toString();
  }

  async say(message: Packet): Promise<void> {
    const sent = [this.#host.write(this.#out, encodeHeader(message, VERSION))];
    for (let at = 0; at < message.payload.length; at += CHUNK)
      sent.push(this.#host.write(this.#out, message.payload.subarray(at, at + CHUNK)));
    await Promise.all(sent);
  }

  async next(): Promise<Packet> {
    const head = await this.#host.read(this.#in, MAX_PACKET);
    if (head.length !== HEADER_LENGTH) throw new Error(`a head of ${head.length} bytes`);
    const [command = 0, arg0 = 0, arg1 = 0, length = 0] = [0, 4, 8, 12].map((at) =>
      head.readUInt32LE(at),
    );
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const whole = Math.ceil(missing / MAX_PACKET) * MAX_PACKET;
      const part = await this.#host.read(this.#in, Math.min(CHUNK, whole));
      parts.push(part);
      missing -= part.length;
    }
    return packet(command, arg0, arg1, Buffer.concat(parts));
  }

  /** Runs a service, gives it `input` and returns what it says until it closes. */
  async run(service: string, input: Buffer = Buffer.alloc(0)): Promise<Buffer> {
    this.#lastId += 1;
    const id = this.#lastId;
    await this.say(packet(COMMAND.OPEN, id, 0, Buffer.from(`${service}\0`)));
    const said: Buffer[] = [];
    let rest = input;
    for (;;) {
      const { command, arg0, payload } = await this.next();
      if (command === COMMAND.CLSE) return Buffer.concat(said);
      if (command === COMMAND.WRTE) {
        said.push(payload);
        await this.say(packet(COMMAND.OKAY, id, arg0));
      } else if (command === COMMAND.OKAY && rest.length > 0) {
        const part = rest.subarray(0, 0x40000);
        rest = rest.subarray(part.length);
        await this.say(packet(COMMAND.WRTE, id, arg0, part));
      }
    }
  }
}
