import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Owner } from '../../helpers/owner.js';

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** One hub behind the service, as the manual's dictionaries describe it. */
export class FakeHub {
  readonly serial: string;
  readonly leds: number[] = Array.from({ length: 16 }, () => 0xee);
  readonly modes: string[] = Array.from({ length: 16 }, () => 's');
  remoteControl: unknown = false;
  /** Keys listed beside those of the manual. */
  alsoReadable: string[] = [];
  /** Answers `true` to a mode and keeps the old one, as a released service did; so often. */
  ignoresModes = 0;
  /** Shows this instead of what was written. */
  showsLeds: number | null = null;
  readonly written: string[] = [];
  /** Every value that an LED was given, of whatever port. */
  readonly lit: number[] = [];

  constructor(serial: string) {
    this.serial = serial;
  }
}

/** CambrionixApiService by its bytes: JSON objects one after the other over TCP, nothing between them. */
export class FakeHubService {
  readonly hubs: FakeHub[];
  readonly #handles = new Map<number, FakeHub>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly requests: Request[] = [];
  /** Errors for the next requests, before anything is done. */
  readonly errors: { code: number; message: string }[] = [];
  /** Takes requests and says nothing. */
  mute = false;
  /** Written instead of the next answer. */
  garbage: string | null = null;
  #writing: Promise<void> = Promise.resolve();
  #nextHandle = 7654;
  port = 0;

  constructor(...hubs: FakeHub[]) {
    this.hubs = hubs;
  }

  async listen(t: Owner): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
    t.teardown(() => this.close());
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** What half a minute without a call does. */
  expireHandles(): void {
    this.#handles.clear();
  }

  /** A notification: it has no id, and comes when it likes. */
  notify(): void {
    for (const socket of this.#sockets)
      socket.write('{"jsonrpc":"2.0","method":"usb-changed","params":["\\"}{ é"]}');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      text += bytes.toString();
      for (let end = 1; end <= text.length; end += 1) {
        const request = whole(text.slice(0, end));
        if (!request) continue;
        text = text.slice(end);
        end = 0;
        this.requests.push(request);
        if (!this.mute) this.#answer(socket, request);
      }
    });
  }

  #answer(socket: Socket, request: Request): void {
    const { garbage } = this;
    this.garbage = null;
    if (garbage !== null) {
      socket.write(garbage);
      return;
    }
    const answer = Buffer.from(
      JSON.stringify({ jsonrpc: '2.0', id: request.id, ...this.#do(request) }),
    );
    // Cut where it hurts, and one answer after the other: the reader must not depend on where packets end.
    this.#writing = this.#writing.then(async () => {
      socket.write(answer.subarray(0, 5));
      await turn();
      socket.write(answer.subarray(5));
    });
  }

  #do({ method, params }: Request): object {
    const error = this.errors.shift();
    if (error) return { error };
    const [first, key, value] = params;
    if (method === 'cbrx_connection_open') {
      const hub = this.hubs.find(({ serial }) => serial === first);
      if (!hub) return { error: { code: -10001, message: 'ID not found' } };
      this.#nextHandle += 1;
      this.#handles.set(this.#nextHandle, hub);
      return { result: this.#nextHandle };
    }
    const hub = this.#handles.get(Number(first));
    if (!hub) return { error: { code: -10005, message: 'Invalid handle' } };
    if (method === 'cbrx_connection_getdictionary')
      return { result: ['nrOfPorts', 'Port.1.Mode', ...hub.alsoReadable] };
    if (method === 'cbrx_connection_get') return read(hub, String(key));
    if (method === 'cbrx_connection_set') return write(hub, String(key), value);
    return { error: { code: -32601, message: 'Method not found' } };
  }
}

function whole(text: string): Request | null {
  try {
    return JSON.parse(text) as Request;
  } catch {
    return null;
  }
}

const NO_KEY = { error: { code: -10003, message: 'Key not found' } };

function read(hub: FakeHub, key: string): object {
  const [, n = '0', what = ''] = /^Port\.(\d+)\.(Mode|leds)$/.exec(key) ?? [];
  if (key === 'nrOfPorts') return { result: 16 };
  if (what === 'Mode') return { result: hub.modes[Number(n) - 1] };
  if (what === 'leds' && hub.alsoReadable.includes(key))
    return { result: hub.showsLeds ?? hub.leds[Number(n) - 1] };
  return NO_KEY;
}

function write(hub: FakeHub, key: string, value: unknown): object {
  const [, n = '0', what = ''] = /^Port\.(\d+)\.(mode|leds)$/.exec(key) ?? [];
  if (key === 'RemoteControl') hub.remoteControl = value;
  else if (what === 'mode') {
    hub.written.push(`${key}=${String(value)}`);
    if (hub.ignoresModes > 0 && value !== 'o') hub.ignoresModes -= 1;
    else hub.modes[Number(n) - 1] = String(value);
  } else if (what === 'leds') {
    hub.lit.push(Number(value));
    // Without remote control the hub overwrites it at once: no effect.
    if (hub.remoteControl !== false) hub.leds[Number(n) - 1] = Number(value);
  } else return NO_KEY;
  return { result: true };
}
