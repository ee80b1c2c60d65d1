import { hasCode, SarachiError } from '../../errors.js';
import type { FelicaBitRate } from '../felica/felica-reader.js';
import { drain, READ_BYTES } from './drain.js';
import * as port100 from './port100-commands.js';
import { ACK, encodeFrame, Port100Decoder, type Port100Frame } from './port100-frames.js';
import { type Pause, type ReaderProtocol, replyTimeoutMs } from './reader-protocol.js';
import { untilEnded } from './until-ended.js';
import type { UsbTransfers } from './usb-transfers.js';

const { PORT100 } = port100;
/** Source: felica-rs, the Port-100 driver. */
const ACK_MS = 1_000;
const WRITE_MS = 1_000;
/** After this the start of a frame is an error frame. */
const QUIET_MS = 50;
/** Off for at least this long, so that the chip loses its power. */
const FIELD_OFF_MS = 20;
/** A frame cut at every byte needs no more. */
const MAX_READS = 2_048;
const NONE = new Uint8Array(0);

/** Sony RC-S380, the Port-100. Source: nfcpy clf/rcs380.py; Linux drivers/nfc/port100.c; felica-rs. */
export class RcS380 implements ReaderProtocol {
  readonly #transfers: UsbTransfers;
  readonly #pause: Pause;
  #decoder = new Port100Decoder();
  #frames: Port100Frame[] = [];

  constructor(transfers: UsbTransfers, pause: Pause) {
    this.#transfers = transfers;
    this.#pause = pause;
  }

  async start(signal: AbortSignal): Promise<string> {
    await this.#resynchronise(signal);
    await this.#setCommandType(signal);
    const version = await this.#ask(PORT100.getFirmwareVersion, NONE, signal);
    const firmware = port100.parseVersion(PORT100.getFirmwareVersion, version);
    const data = await this.#ask(PORT100.getPdDataVersion, NONE, signal);
    port100.parseVersion(PORT100.getPdDataVersion, data);
    await this.lower(signal);
    return firmware;
  }

  /** The settings themselves raise the field; the reader is never told to by SwitchRF. */
  async raise(kbps: FelicaBitRate, signal: AbortSignal): Promise<void> {
    await this.#order(PORT100.inSetRf, port100.rfSettings(kbps), signal);
    await this.#order(PORT100.inSetProtocol, port100.INITIATOR_DEFAULTS, signal);
    await this.#order(PORT100.inSetProtocol, port100.FELICA_GUARD_TIME, signal);
  }

  tune(kbps: FelicaBitRate, signal: AbortSignal): Promise<void> {
    return this.raise(kbps, signal);
  }

  async lower(signal: AbortSignal): Promise<void> {
    await this.#order(PORT100.switchRf, Uint8Array.of(0x00), signal);
    await this.#pause(FIELD_OFF_MS, signal);
  }

  async exchange(
    frame: Uint8Array,
    cardTimeoutMs: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    const parameters = port100.encodeInCommRf(frame, cardTimeoutMs);
    const command = port100.encodeCommand(PORT100.inCommRf, parameters);
    const answer = await this.#command(command, replyTimeoutMs(cardTimeoutMs), signal);
    return port100.parseInCommRf(port100.parametersOf(PORT100.inCommRf, answer));
  }

  async recover(signal: AbortSignal): Promise<void> {
    await this.#resynchronise(signal);
    try {
      await this.lower(signal);
    } catch (error) {
      if (!hasCode(error, 'reader-protocol')) throw error;
      // The answer of the cancelled command came late, in front of the one to this.
      await this.#resynchronise(signal);
      await this.lower(signal);
    }
  }

  stop(signal: AbortSignal): Promise<void> {
    return this.#cancel(signal);
  }

  /** An acknowledgement from the host cancels whatever the reader was doing. */
  async #resynchronise(signal: AbortSignal): Promise<void> {
    this.#decoder = new Port100Decoder();
    this.#frames = [];
    await this.#cancel(signal);
    await drain(this.#transfers, signal);
  }

  #cancel(signal: AbortSignal): Promise<void> {
    return this.#transfers.write(ACK, { signal, timeoutMs: WRITE_MS });
  }

  /** Type 1 has the commands used here; readers that do not know it are asked for type 0. */
  async #setCommandType(signal: AbortSignal): Promise<void> {
    try {
      await this.#order(PORT100.setCommandType, Uint8Array.of(0x01), signal);
    } catch (error) {
      if (!hasCode(error, 'reader-refused')) throw error;
      await this.#order(PORT100.setCommandType, Uint8Array.of(0x00), signal);
    }
  }

  async #order(code: number, parameters: Uint8Array, signal: AbortSignal): Promise<void> {
    port100.checkStatus(code, await this.#ask(code, parameters, signal));
  }

  async #ask(code: number, parameters: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const command = port100.encodeCommand(code, parameters);
    return port100.parametersOf(code, await this.#command(command, replyTimeoutMs(), signal));
  }

  async #command(data: Uint8Array, replyMs: number, signal: AbortSignal): Promise<Uint8Array> {
    await this.#transfers.write(encodeFrame(data), { signal, timeoutMs: WRITE_MS });
    const ack = await this.#receive(ACK_MS, signal);
    if (ack.type === 'error' || ack.type === 'nak') throw refused(ack.type);
    if (ack.type !== 'ack') throw broken('an answer before its acknowledgement');
    const reply = await this.#receive(replyMs, signal);
    if (reply.type === 'error' || reply.type === 'nak') throw refused(reply.type);
    if (reply.type !== 'data') throw broken('a second acknowledgement');
    if (this.#frames.length > 0) throw broken('more than one answer');
    return reply.data;
  }

  #receive(timeoutMs: number, signal: AbortSignal): Promise<Port100Frame> {
    return untilEnded({ signal, timeoutMs }, 'reader-timeout', async (own) => {
      for (let reads = 0; reads < MAX_READS; reads += 1) {
        const frame = this.#frames.shift();
        if (frame) return frame;
        const piece = await this.#read(timeoutMs, own);
        if (piece === null) return { type: 'error' };
        this.#frames.push(...this.#decoder.push(piece));
      }
      throw broken('a frame without an end');
    });
  }

  /** null: nothing followed what then is an error frame. */
  async #read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array | null> {
    if (!this.#decoder.endsInError) return this.#transfers.read(READ_BYTES, { signal, timeoutMs });
    try {
      return await this.#transfers.read(READ_BYTES, { signal, timeoutMs: QUIET_MS });
    } catch (error) {
      if (!hasCode(error, 'reader-timeout')) throw error;
      this.#decoder = new Port100Decoder();
      return null;
    }
  }
}

function refused(frame: 'error' | 'nak'): SarachiError {
  return new SarachiError('reader-refused', { reader: 'RC-S380', frame });
}

function broken(reason: string): SarachiError {
  return new SarachiError('reader-protocol', { reader: 'RC-S380', reason });
}
