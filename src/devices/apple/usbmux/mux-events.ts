import { SarachiError } from '../../../errors.js';
import { type WaitOptions, withDeadline } from '../../../wait.js';
import { ByteStream } from '../byte-stream.js';
import { integerOf, type PlistDict, textOf } from '../plist/plist-value.js';
import { connectMux, type MuxEndpoint } from './endpoint.js';
import { muxRequest, refusal } from './mux-client.js';
import { type MuxDevice, parseDevice } from './mux-device.js';
import { encodePacket, readPacket } from './packets.js';

export type MuxEvent =
  | { readonly type: 'attached'; readonly device: MuxDevice }
  | { readonly type: 'detached' | 'paired'; readonly deviceId: number };

const TAG = 1;

/** What a pushed message tells; null for one that tells nothing of a handset in a port. Pure. */
export function eventOf(message: PlistDict): MuxEvent | null {
  const deviceId = integerOf(message, 'DeviceID');
  switch (textOf(message, 'MessageType')) {
    case 'Attached': {
      const device = parseDevice(message);
      return device && { type: 'attached', device };
    }
    case 'Detached':
      return deviceId === null ? null : { type: 'detached', deviceId };
    case 'Paired':
      return deviceId === null ? null : { type: 'paired', deviceId };
    default:
      return null;
  }
}

/** Subscribes; the connection lives as long as the signal. Errors: usbmuxd-gone, usbmuxd-protocol, usbmuxd-refused. */
export function listen(endpoint: MuxEndpoint, options: WaitOptions): Promise<ByteStream> {
  return withDeadline(options, 'usbmuxd-gone', async (deadline) => {
    // The connection outlives this wait, so the deadline reaches it only as long as the wait lasts.
    const opening = new AbortController();
    const drop = () => opening.abort(deadline.reason);
    deadline.addEventListener('abort', drop, { once: true });
    const socket = await connectMux(endpoint, AbortSignal.any([options.signal, opening.signal]));
    const stream = new ByteStream(socket, { whenEnded: 'usbmuxd-gone' });
    try {
      await stream.write(encodePacket(TAG, muxRequest({ MessageType: 'Listen' })));
      const { tag, body } = await readPacket(stream);
      if (tag !== TAG) throw new SarachiError('usbmuxd-protocol', { tag });
      if (integerOf(body, 'Number') !== 0) throw refusal(body, 'Listen');
    } catch (error) {
      stream.destroy();
      throw error;
    }
    deadline.removeEventListener('abort', drop);
    return stream;
  });
}

/** The next event. Errors: usbmuxd-gone, usbmuxd-protocol. */
export async function nextEvent(stream: ByteStream): Promise<MuxEvent> {
  for (;;) {
    const { tag, body } = await readPacket(stream);
    if (tag !== 0) throw new SarachiError('usbmuxd-protocol', { tag });
    const event = eventOf(body);
    if (event) return event;
  }
}
