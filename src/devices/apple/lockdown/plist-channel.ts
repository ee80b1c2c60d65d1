import { SarachiError } from '../../../errors.js';
import { type WaitOptions, withDeadline } from '../../../wait.js';
import type { ByteStream } from '../byte-stream.js';
import { parsePlist } from '../plist/plist.js';
import { isDict, type PlistDict, type PlistValue, unreadable } from '../plist/plist-value.js';
import { xmlPlist } from '../plist/xml-writer.js';

/** The longest answer that is read unless told otherwise, in bytes. */
export const MAX_ANSWER = 4 << 20;

/** The length of a frame, 32 bits, big-endian. Error: handset-too-talkative. */
export function decodeLength(header: Buffer, maxBytes = MAX_ANSWER): number {
  const length = header.readUInt32BE(0);
  if (length > maxBytes) throw new SarachiError('handset-too-talkative', { length, maxBytes });
  return length;
}

export function encodeFrame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length, 0);
  return Buffer.concat([header, payload]);
}

/** The next framed property list. Errors: handset-too-talkative, handset-garbage, the stream's. */
export async function readFrame(stream: ByteStream, maxBytes?: number): Promise<PlistValue> {
  return parsePlist(await stream.read(decodeLength(await stream.read(4), maxBytes)));
}

/**
 * Property lists with a length in front, as lockdownd and its services speak. One exchange at a time, and the first one
 * that fails, whatever the reason, ends the connection: a reply that comes late finds nobody to be handed to.
 */
export class PlistChannel {
  readonly #stream: ByteStream;
  #ended: SarachiError | null = null;
  #busy = false;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** One question, one answer. Errors: iphone-closed, handset-timeout, handset-too-talkative, handset-garbage, aborted. */
  async ask(request: PlistDict, options: WaitOptions): Promise<PlistDict> {
    const reply = await this.exchange(options, async ({ send, receive }) => {
      await send(request);
      return receive();
    });
    if (!isDict(reply)) throw this.#end(unreadable('not a dictionary'));
    return reply;
  }

  /** A conversation of any order, within one deadline. Errors as `ask`, and what `talk` throws. */
  async exchange<T>(options: WaitOptions, talk: (turn: Turn) => Promise<T>): Promise<T> {
    if (this.#ended) throw this.#ended;
    if (this.#busy) throw new SarachiError('internal', { reason: 'two questions at a time' });
    this.#busy = true;
    const turn: Turn = {
      send: (message, encode = xmlPlist) => this.#stream.write(encodeFrame(encode(message))),
      receive: () => readFrame(this.#stream),
    };
    try {
      return await withDeadline(options, 'handset-timeout', () => talk(turn));
    } catch (error) {
      throw this.#end(error);
    } finally {
      this.#busy = false;
    }
  }

  /** Gives the connection up for another protocol on the same bytes; the channel is of no use after it. */
  release(): ReturnType<ByteStream['release']> {
    const duplex = this.#stream.release();
    this.#ended = new SarachiError('internal', { reason: 'the connection was given up' });
    return duplex;
  }

  destroy(): void {
    this.#end(new SarachiError('iphone-closed', { reason: 'by us' }));
  }

  #end(error: unknown): unknown {
    this.#ended ??= error instanceof SarachiError ? error : null;
    this.#stream.destroy();
    return error;
  }
}

export interface Turn {
  send(message: PlistValue, encode?: (message: PlistValue) => Buffer): Promise<void>;
  receive(): Promise<PlistValue>;
}
