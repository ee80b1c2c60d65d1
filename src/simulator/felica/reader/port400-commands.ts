import { be16, fromHex, joined, toHex } from '../bytes.js';
import type { Hardware } from './firmware.js';
import {
  apduData,
  cardElements,
  delayOf,
  type ExchangeFields,
  exchangeFields,
  statusElement,
} from './port400-fields.js';

/** Status words that end an answer. */
const SW = {
  ok: 0x9000,
  wrongLength: 0x6700,
  conditions: 0x6985,
  wrongData: 0x6a80,
  wrongParameters: 0x6a86,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
} as const;
const NO_CARD_ANSWER = 0x6401;
const PROTOCOL_ERROR = 0x6301;

/** Flag of an exchange: the host adds the checksum itself. */
const HOST_ADDS_CRC = 0x0001;
const FIRMWARE = fromHex('01000006 00000000000000000000 ffff');
const UNKNOWN_ELEMENT = fromHex('df7f0100');
const DEFAULT_TIMEOUT_US = 100_000;
const KBPS_212 = 0x02;
const MODEL = 2;
const SERIAL = 3;

export interface Answer {
  readonly body: Uint8Array;
  readonly afterMs: number;
}

interface Lasting {
  readonly flags: number;
  readonly bits: number;
  readonly timeoutUs: number;
}

const AT_POWER: Lasting = { flags: 0, bits: 0, timeoutUs: DEFAULT_TIMEOUT_US };

/** What an RC-S300 knows since its power came, and its commands. */
export class Port400Commands {
  readonly #hardware: Hardware;
  #inSession = false;
  #isFelica = false;
  #lasting = AT_POWER;
  #lastCommand = Number.NEGATIVE_INFINITY;

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
  }

  reset(): void {
    this.#endSession();
    this.#lasting = AT_POWER;
  }

  /** The answer of one command that the reader refuses for no reason that it tells. */
  refuse(): Answer {
    return this.#word(SW.conditions);
  }

  run(apdu: Uint8Array): Answer {
    this.#dropIdleSession();
    const [cla = 0, ins = 0, p1 = 0, p2 = 0] = apdu;
    const data = apduData(apdu.subarray(4));
    if (apdu.length < 4 || !data) return this.#word(SW.wrongLength);
    if (cla !== 0xff) return this.#word(SW.unknownClass);
    switch (ins) {
      case 0x50:
        return this.#session(p2, data);
      case 0x55:
        return this.#reset(data);
      case 0x56:
        return this.#word(SW.ok, FIRMWARE);
      case 0x5c:
      case 0x5d:
        return this.#speed(ins === 0x5c);
      case 0x5f:
        return this.#property(p1);
      case 0xca:
        return p1 === 0xf2 && p2 === 0 ? this.#speed(true) : this.#word(SW.wrongParameters);
      default:
        return this.#word(SW.unknownInstruction);
    }
  }

  #word(word: number, data: Uint8Array = new Uint8Array(), afterMs = 0): Answer {
    return { body: joined(data, be16(word)), afterMs };
  }

  #status(code: number, elements: Uint8Array = new Uint8Array(), afterMs = 0): Answer {
    const unknown = this.#hardware.faults.unknownElements ? UNKNOWN_ELEMENT : new Uint8Array();
    return this.#word(SW.ok, joined(statusElement(code), elements, unknown), afterMs);
  }

  #session(p2: number, data: Uint8Array): Answer {
    if (p2 === 0x00) return this.#manage(toHex(data));
    if (!this.#inSession) return this.#word(SW.conditions);
    if (p2 === 0x01) return this.#exchange(exchangeFields(data));
    if (p2 === 0x02) return this.#switchProtocol(toHex(data));
    return this.#word(SW.wrongParameters);
  }

  #manage(what: string): Answer {
    if (what === '8200') this.#endSession();
    else if (what === '8100' && !this.#inSession) this.#inSession = true;
    else if (what === '8300' && this.#inSession) this.#hardware.field.switchOff();
    else if (what === '8400' && this.#inSession) this.#hardware.field.switchOn();
    else return this.#word(SW.conditions);
    return this.#status(SW.ok);
  }

  #switchProtocol(what: string): Answer {
    if (what !== '8f020300' && what !== '8f020301') return this.#word(SW.wrongData);
    this.#isFelica = true;
    return this.#status(SW.ok);
  }

  #exchange(fields: ExchangeFields | null): Answer {
    if (!fields?.frame) return this.#word(SW.wrongData);
    const { frame, ...said } = fields;
    this.#lasting = { ...this.#lasting, ...said };
    const { flags, bits, timeoutUs } = this.#lasting;
    if (!this.#isFelica) return this.#status(PROTOCOL_ERROR);
    // A chip does not understand a frame whose checksum or last bits the reader leaves out.
    const isGarbled = (flags & HOST_ADDS_CRC) !== 0 || bits !== 0;
    if (isGarbled) return this.#status(NO_CARD_ANSWER, undefined, timeoutUs / 1000);
    return this.#onAir(frame, timeoutUs / 1000);
  }

  #onAir(frame: Uint8Array, timeoutMs: number): Answer {
    const outcome = this.#hardware.air.exchange(frame, 212, timeoutMs);
    switch (outcome.kind) {
      case 'answer':
        return this.#status(SW.ok, cardElements(outcome.frame), outcome.ms);
      case 'silence':
        return this.#status(NO_CARD_ANSWER, undefined, outcome.ms);
      case 'field-lost':
        // The reader does not notice that there is no field: to it this looks like a card that keeps silent.
        return this.#status(NO_CARD_ANSWER, undefined, timeoutMs);
      case 'crc':
      case 'collision':
        return this.#status(PROTOCOL_ERROR, undefined, outcome.ms);
    }
  }

  #reset(data: Uint8Array): Answer {
    if (delayOf(data) === null) return this.#word(SW.wrongLength);
    this.reset();
    this.#hardware.faults.stopsDetecting = false;
    return this.#word(SW.ok);
  }

  #speed(isAsked: boolean): Answer {
    if (this.#inSession && !isAsked) return this.#word(SW.conditions);
    return this.#word(SW.ok, isAsked ? Uint8Array.of(KBPS_212) : undefined);
  }

  #property(selector: number): Answer {
    const { product, serialNumber } = this.#hardware;
    const texts = new Map([
      [1, '1.00'],
      [MODEL, product],
      [SERIAL, serialNumber],
      [8, '0'],
    ]);
    const text = texts.get(selector);
    return text === undefined
      ? this.#word(SW.wrongParameters)
      : this.#word(SW.ok, new Uint8Array(Buffer.from(text, 'ascii')));
  }

  #endSession(): void {
    this.#inSession = false;
    this.#isFelica = false;
    this.#hardware.field.switchOff();
  }

  #dropIdleSession(): void {
    const { faults, time } = this.#hardware;
    const now = time.now();
    const idleMs = now - this.#lastCommand;
    this.#lastCommand = now;
    if (faults.sessionIdleMs !== null && idleMs > faults.sessionIdleMs) this.#endSession();
  }
}
