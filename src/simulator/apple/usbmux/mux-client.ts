import type { Socket } from 'node:net';
import { ByteSource, send } from '../wire/byte-source.js';
import { countOf, dataOf, type PlistDict, type PlistValue, textOf } from '../wire/plist.js';
import { type MuxPacket, muxBytes, RESULT, readMux, result } from './packet.js';
import { PairRecords } from './pair-records.js';

/** What a client's requests are about. */
export interface MuxHost {
  readonly records: PairRecords;
  /** One Attached message for each phone that is there. */
  attached(): readonly PlistDict[];
  /** What Connect results in for this phone and port. */
  accepts(deviceId: number, port: number): number;
  /** The socket belongs to the phone from its next byte on. */
  handOver(deviceId: number, port: number, socket: Socket): void;
  /** Events go to this client from now on. */
  listen(client: MuxClient): void;
  listeners(): readonly PlistDict[];
  recordSaved(deviceId: number | null): void;
}

type Done = 'closes' | 'handed-over' | undefined;

/** One connection to usbmuxd (public source: usbmuxd, src/client.c). */
export class MuxClient {
  readonly #host: MuxHost;
  readonly #socket: Socket;
  readonly #source: ByteSource;
  #listening = false;
  /** A slow listener hears everything in turn. */
  #telling: Promise<unknown> = Promise.resolve();
  programme = '';

  constructor(host: MuxHost, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
    this.#source = new ByteSource(socket);
  }

  /** Serves requests until the client leaves, misbehaves or is handed over to a phone. */
  async serve(): Promise<void> {
    for (;;) {
      const packet = await readMux(this.#source);
      const done = packet ? await this.#answer(packet) : 'closes';
      if (done === 'handed-over') return;
      if (done !== 'closes') continue;
      this.#socket.end();
      return;
    }
  }

  /** An event for a client that listens. */
  event(message: PlistDict): void {
    this.#telling = this.#telling.then(() => send(this.#socket, muxBytes(0, message)));
  }

  async #answer(packet: MuxPacket): Promise<Done> {
    const { request, tag } = packet;
    if (!packet.isPlist || this.#listening) {
      await this.#say(tag, result(packet.isPlist ? RESULT.badCommand : RESULT.badVersion));
      return 'closes';
    }
    if (!request) return 'closes';
    this.programme = textOf(request, 'ProgName') ?? '';
    if (request['MessageType'] === 'Connect') return this.#connect(tag, request);
    if (request['MessageType'] === 'Listen') {
      this.#listening = true;
      await this.#say(tag, result(RESULT.ok));
      this.#host.listen(this);
      return undefined;
    }
    return this.#say(tag, await this.#reply(request));
  }

  async #say(tag: number, value: PlistValue): Promise<Done> {
    return (await send(this.#socket, muxBytes(tag, value))) ? undefined : 'closes';
  }

  async #reply(request: PlistDict): Promise<PlistDict> {
    const { records } = this.#host;
    switch (request['MessageType']) {
      case 'ListDevices':
        return { DeviceList: this.#host.attached() };
      case 'ListListeners':
        return { ListenerList: this.#host.listeners() };
      case 'ReadBUID':
        return { BUID: await records.systemBuid() };
      case 'ReadPairRecord':
      case 'SavePairRecord':
      case 'DeletePairRecord':
        return this.#record(request);
      default:
        return result(RESULT.badCommand);
    }
  }

  async #record(request: PlistDict): Promise<PlistDict> {
    const { records } = this.#host;
    const id = textOf(request, 'PairRecordID');
    if (!PairRecords.isId(id)) return result(RESULT.invalid);
    if (request['MessageType'] === 'ReadPairRecord') {
      const record = await records.read(id);
      return record ? { PairRecordData: record } : result(RESULT.noEntry);
    }
    if (request['MessageType'] === 'DeletePairRecord') {
      await records.remove(id);
      return result(RESULT.ok);
    }
    const record = dataOf(request, 'PairRecordData');
    if (!record) return result(RESULT.invalid);
    await records.save(id, record);
    this.#host.recordSaved(countOf(request, 'DeviceID'));
    return result(RESULT.ok);
  }

  async #connect(tag: number, request: PlistDict): Promise<Done> {
    const deviceId = countOf(request, 'DeviceID');
    const swapped = countOf(request, 'PortNumber');
    if (deviceId === null || swapped === null || swapped > 0xffff)
      return this.#say(tag, result(RESULT.badCommand));
    // The number is in network order, as it came from htons on a little-endian host.
    const port = ((swapped & 0xff) << 8) | (swapped >> 8);
    const number = this.#host.accepts(deviceId, port);
    if (number !== RESULT.ok) return this.#say(tag, result(number));
    this.#source.release();
    this.#socket.write(muxBytes(tag, result(RESULT.ok)));
    this.#host.handOver(deviceId, port, this.#socket);
    return 'handed-over';
  }
}
