import { hasCode, SarachiError } from '../../errors.js';
import type { FelicaBitRate } from '../felica/felica-reader.js';
import { drain, READ_BYTES } from './drain.js';
import { checkDone, dataOf, parseExchange, parseFirmware } from './port400-answers.js';
import * as apdus from './port400-apdus.js';
import { encodeEscape, Port400Decoder, type Port400Reply, SLOT_BUSY } from './port400-envelope.js';
import { type Pause, type ReaderProtocol, replyTimeoutMs } from './reader-protocol.js';
import { untilEnded } from './until-ended.js';
import type { UsbTransfers } from './usb-transfers.js';

/* Source of all: felica-rs, the Port-400 driver. */
const WRITE_MS = 1_000;
const SLOT_BUSY_PAUSE_MS = 50;
const TIME_EXTENSION_PAUSE_MS = 20;
const SLOT_BUSY_RETRIES = 1;
const SLOT_BUSY_RETRIES_AT_END = 4;
const STALE_REPLIES = 2;
const RF_OFF_MS = 30;
const RF_ON_MS = 21;
const SWITCH_MS = 20;
/** The session is lost when nothing is said for longer. */
const KEEP_ALIVE_MS = 2_000;
/** A reply cut at every byte, with every time extension that fits its deadline, needs no more. */
const MAX_READS = 2_048;

/** Sony RC-S300, the Port-400, by its vendor interface: escape messages that carry a transparent session. */
export class RcS300 implements ReaderProtocol {
  readonly #transfers: UsbTransfers;
  readonly #pause: Pause;
  #decoder = new Port400Decoder();
  #replies: Port400Reply[] = [];
  #sequence = 0;

  readonly keepAlive = {
    everyMs: KEEP_ALIVE_MS,
    beat: async (signal: AbortSignal) => {
      parseFirmware(await this.#ask(apdus.FIRMWARE_VERSION, signal));
    },
  };

  constructor(transfers: UsbTransfers, pause: Pause) {
    this.#transfers = transfers;
    this.#pause = pause;
  }

  async start(signal: AbortSignal): Promise<string> {
    await this.#resynchronise(signal);
    await this.#endSession(signal);
    return parseFirmware(await this.#ask(apdus.FIRMWARE_VERSION, signal));
  }

  /** A session of its own for each raising: one that is kept open for hours stops finding cards. */
  async raise(kbps: FelicaBitRate, signal: AbortSignal): Promise<void> {
    await this.#beginSession(signal);
    checkDone(await this.#ask(apdus.RF_ON, signal));
    await this.#pause(RF_ON_MS, signal);
    await this.tune(kbps, signal);
  }

  async tune(kbps: FelicaBitRate, signal: AbortSignal): Promise<void> {
    checkDone(await this.#ask(apdus.switchToFelica(kbps), signal));
    await this.#pause(SWITCH_MS, signal);
  }

  async lower(signal: AbortSignal): Promise<void> {
    checkDone(await this.#ask(apdus.RF_OFF, signal));
    await this.#pause(RF_OFF_MS, signal);
    await this.#endSession(signal);
  }

  async exchange(
    frame: Uint8Array,
    cardTimeoutMs: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    const apdu = apdus.transparentExchange(frame, cardTimeoutMs);
    return parseExchange(await this.#ask(apdu, signal, { replyMs: replyTimeoutMs(cardTimeoutMs) }));
  }

  async recover(signal: AbortSignal): Promise<void> {
    await this.#resynchronise(signal);
    await this.#beginSession(signal);
    await this.#endSession(signal);
  }

  /** Without a session there is nothing to let go of. */
  async stop(): Promise<void> {}

  async #resynchronise(signal: AbortSignal): Promise<void> {
    await drain(this.#transfers, signal);
    this.#decoder = new Port400Decoder();
    this.#replies = [];
  }

  /** The field is off then. The session that may be there is ended first: it may be somebody else's. */
  async #beginSession(signal: AbortSignal): Promise<void> {
    await this.#endSession(signal);
    checkDone(await this.#ask(apdus.BEGIN_SESSION, signal));
    checkDone(await this.#ask(apdus.RF_OFF, signal));
    await this.#pause(RF_OFF_MS, signal);
  }

  /** Also frees the reader from whoever left without doing so. That there is no session to end is no fault. */
  async #endSession(signal: AbortSignal): Promise<void> {
    try {
      const limits = { busyRetries: SLOT_BUSY_RETRIES_AT_END };
      checkDone(await this.#ask(apdus.END_SESSION, signal, limits));
    } catch (error) {
      if (!hasCode(error, 'reader-refused')) throw error;
    }
  }

  async #ask(
    apdu: Uint8Array,
    signal: AbortSignal,
    { busyRetries = SLOT_BUSY_RETRIES, replyMs = replyTimeoutMs() } = {},
  ): Promise<Uint8Array> {
    for (let busy = 0; ; busy += 1) {
      const reply = await this.#send(apdu, replyMs, signal);
      if (reply.status === 'done') return dataOf(reply.data);
      if (reply.error !== SLOT_BUSY || busy >= busyRetries)
        throw new SarachiError('reader-refused', {
          reader: 'RC-S300',
          error: `0x${reply.error.toString(16)}`,
        });
      await this.#pause(SLOT_BUSY_PAUSE_MS, signal);
    }
  }

  async #send(apdu: Uint8Array, replyMs: number, signal: AbortSignal): Promise<Port400Reply> {
    this.#sequence = (this.#sequence + 1) & 0xff;
    const message = encodeEscape(this.#sequence, apdu);
    await this.#transfers.write(message, { signal, timeoutMs: WRITE_MS });
    return untilEnded({ signal, timeoutMs: replyMs }, 'reader-timeout', (own) =>
      this.#receive(replyMs, own),
    );
  }

  /** The reply to the last command. Those of earlier ones are thrown away whole, within reason. */
  async #receive(timeoutMs: number, signal: AbortSignal): Promise<Port400Reply> {
    let stale = 0;
    for (let reads = 0; reads < MAX_READS; ) {
      const reply = this.#replies.shift();
      if (!reply) {
        reads += 1;
        const piece = await this.#transfers.read(READ_BYTES, { signal, timeoutMs });
        this.#replies.push(...this.#decoder.push(piece));
      } else if (reply.sequence !== this.#sequence) {
        stale += 1;
        if (stale > STALE_REPLIES) throw broken('replies to other commands');
      } else if (reply.status === 'wait') {
        await this.#pause(TIME_EXTENSION_PAUSE_MS, signal);
      } else {
        return reply;
      }
    }
    throw broken('a reply without an end');
  }
}

function broken(reason: string): SarachiError {
  return new SarachiError('reader-protocol', { reader: 'RC-S300', reason });
}
