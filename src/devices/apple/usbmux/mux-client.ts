import type { Socket } from 'node:net';
import { SarachiError } from '../../../errors.js';
import { type WaitOptions, withDeadline } from '../../../wait.js';
import { ByteStream } from '../byte-stream.js';
import {
  dictOf,
  entryOf,
  integerOf,
  isData,
  isDict,
  type PlistDict,
  textOf,
} from '../plist/plist-value.js';
import { connectMux, type MuxEndpoint } from './endpoint.js';
import { type MuxDevice, parseDevice } from './mux-device.js';
import { encodePacket, readPacket } from './packets.js';

const TAG = 1;
/** Results of usbmuxd. Source: usbmuxd src/usbmuxd-proto.h; ENOENT for a record that is not there. */
const RESULT = { ok: 0, badDevice: 2, refused: 3 } as const;

/**
 * Questions to usbmuxd. One connection answers one question and is destroyed after it, so a late reply never answers
 * the next one. Every question rejects with usbmuxd-gone (also when it is late), usbmuxd-protocol, usbmuxd-refused or
 * aborted.
 */
export class MuxClient {
  readonly endpoint: MuxEndpoint;

  constructor(endpoint: MuxEndpoint) {
    this.endpoint = endpoint;
  }

  /** The handsets on cables; ones that are reached by Wi-Fi are in no port and left out. */
  async listDevices(options: WaitOptions): Promise<MuxDevice[]> {
    const reply = await this.#ask({ MessageType: 'ListDevices' }, options);
    const list = entryOf(reply, 'DeviceList');
    if (!Array.isArray(list)) throw refusal(reply, 'ListDevices');
    return list.flatMap((item) => (isDict(item) ? (parseDevice(item) ?? []) : []));
  }

  /** What this host calls itself to handsets. */
  async readBuid(options: WaitOptions): Promise<string> {
    const reply = await this.#ask({ MessageType: 'ReadBUID' }, options);
    const buid = textOf(reply, 'BUID');
    if (buid === null || !/^[0-9A-Za-z-]{1,64}$/.test(buid)) throw refusal(reply, 'ReadBUID');
    return buid;
  }

  /** The bytes of the pair record, null when there is none. */
  async readPairRecord(udid: string, options: WaitOptions): Promise<Uint8Array | null> {
    const request = { MessageType: 'ReadPairRecord', PairRecordID: udid };
    const reply = await this.#ask(request, options);
    const data = entryOf(reply, 'PairRecordData');
    if (isData(data)) return data;
    if (integerOf(reply, 'Number') === RESULT.badDevice) return null;
    throw refusal(reply, 'ReadPairRecord');
  }

  async savePairRecord(
    { udid, deviceId }: { readonly udid: string; readonly deviceId: number },
    record: Uint8Array,
    options: WaitOptions,
  ): Promise<void> {
    const request = { PairRecordID: udid, PairRecordData: record, DeviceID: deviceId };
    await this.#command({ MessageType: 'SavePairRecord', ...request }, options);
  }

  /** A record that is not there is deleted already. */
  async deletePairRecord(udid: string, options: WaitOptions): Promise<void> {
    const request = { MessageType: 'DeletePairRecord', PairRecordID: udid };
    const reply = await this.#ask(request, options);
    const number = integerOf(reply, 'Number');
    if (number !== RESULT.ok && number !== RESULT.badDevice)
      throw refusal(reply, 'DeletePairRecord');
  }

  /**
   * Opens a TCP port of a handset; the socket is the raw stream and belongs to the caller.
   * Errors: handset-gone (no such device any more), iphone-closed (nothing listens there), and those of every question.
   */
  async connect(
    { deviceId, port }: { readonly deviceId: number; readonly port: number },
    options: WaitOptions,
  ): Promise<Socket> {
    // The port stands in network byte order in a field that is a plain number.
    const swapped = ((port & 0xff) << 8) | (port >> 8);
    const request = { MessageType: 'Connect', DeviceID: deviceId, PortNumber: swapped };
    return withDeadline(options, 'usbmuxd-gone', async (signal) => {
      // The socket outlives this wait, so it must not hang on the signal of the wait.
      const opening = new AbortController();
      const drop = () => opening.abort(signal.reason);
      signal.addEventListener('abort', drop, { once: true });
      const { reply, socket } = await this.#exchange(request, opening.signal, true);
      signal.removeEventListener('abort', drop);
      const number = integerOf(reply, 'Number');
      if (number === RESULT.ok && socket) return socket;
      socket?.destroy();
      if (number === RESULT.badDevice) throw new SarachiError('handset-gone', { deviceId });
      if (number === RESULT.refused) throw new SarachiError('iphone-closed', { port });
      throw refusal(reply, 'Connect');
    });
  }

  async #command(request: PlistDict, options: WaitOptions): Promise<void> {
    const reply = await this.#ask(request, options);
    if (integerOf(reply, 'Number') !== RESULT.ok)
      throw refusal(reply, textOf(request, 'MessageType'));
  }

  #ask(request: PlistDict, options: WaitOptions): Promise<PlistDict> {
    return withDeadline(options, 'usbmuxd-gone', async (signal) => {
      const { reply } = await this.#exchange(request, signal, false);
      return reply;
    });
  }

  async #exchange(
    request: PlistDict,
    signal: AbortSignal,
    keep: boolean,
  ): Promise<{ readonly reply: PlistDict; readonly socket: Socket | null }> {
    const socket = await connectMux(this.endpoint, signal);
    const stream = new ByteStream(socket, { whenEnded: 'usbmuxd-gone' });
    let kept = false;
    try {
      await stream.write(encodePacket(TAG, muxRequest(request)));
      const { tag, body } = await readPacket(stream);
      if (tag !== TAG) throw new SarachiError('usbmuxd-protocol', { tag });
      kept = keep && integerOf(body, 'Number') === RESULT.ok;
      return { reply: body, socket: kept ? releaseSocket(stream, socket) : null };
    } finally {
      if (!kept) stream.destroy();
    }
  }
}

/** A request with what usbmuxd wants to know of every client. */
export function muxRequest(request: PlistDict): PlistDict {
  return {
    ...request,
    ProgName: 'sarachi',
    ClientVersionString: 'sarachi',
    kLibUSBMuxVersion: 3,
  };
}

/** What an answer that is not the wanted one means; a Result of 0 in place of an answer is broken too. */
export function refusal(reply: PlistDict, request: string | null): SarachiError {
  const number = integerOf(reply, 'Number');
  return number === null || number === RESULT.ok || dictOf(reply, 'Properties') !== null
    ? new SarachiError('usbmuxd-protocol', { request, reason: 'another answer' })
    : new SarachiError('usbmuxd-refused', { request, number });
}

function releaseSocket(stream: ByteStream, socket: Socket): Socket {
  stream.release();
  return socket;
}
