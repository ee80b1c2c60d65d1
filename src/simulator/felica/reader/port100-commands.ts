import { fromHex, joined, le32, readLe16, toHex } from '../bytes.js';
import type { Kbps } from '../chip/air-time.js';
import type { AirOutcome } from '../rf-field.js';
import type { Hardware } from './firmware.js';

/** One-byte status of the commands that set something. */
const STATUS = { ok: 0x00, parameter: 0x01, commandType: 0x07 } as const;
/** Status of an exchange with a card, 32 bits. */
const RF_STATUS = {
  protocol: 0x01,
  crc: 0x04,
  collision: 0x08,
  silence: 0x80,
  fieldLost: 0x400,
} as const;

const SETTINGS: ReadonlyMap<string, Kbps | null> = new Map([
  ['01010f01', 212],
  ['01020f02', 424],
  ['02030f03', null],
  ['03070f07', null],
]);
const FIRMWARE = fromHex('1101');
const PD_DATA = fromHex('0001');
const PROPERTY = fromHex('0000000000000000');
const COMMAND_TYPES = fromHex('0000000000000003');
const WHOLE_LAST_BYTE = 0x08;
const MOST_CARD_DATA = 290;

export interface Result {
  readonly data: Uint8Array;
  readonly afterMs: number;
}

function result(data: Iterable<number>, afterMs = 0): Result {
  return { data: Uint8Array.from(data), afterMs };
}

function rfResult(status: number, afterMs = 0): Result {
  return result(le32(status), afterMs);
}

/** What an RC-S380 knows since its power came, and its commands. Answers are without the two bytes that name them. */
export class Port100Commands {
  readonly #hardware: Hardware;
  #commandType: number | null = null;
  #rf: { readonly kbps: Kbps | null } | null = null;
  #protocol = new Map<number, number>();
  #needsGuard = true;

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
  }

  reset(): void {
    this.#commandType = null;
    this.#rf = null;
    this.#protocol.clear();
    this.#needsGuard = true;
    this.#hardware.field.switchOff();
  }

  /** The answer of one command that the reader refuses for no reason that it tells. */
  refuse(command: number): Result {
    return command === 0x04 ? rfResult(RF_STATUS.protocol) : result([STATUS.parameter]);
  }

  /** Null for a command that this reader does not know. */
  run(command: number, params: Uint8Array): Result | null {
    switch (command) {
      case 0x00:
        return this.#typed(() => this.#setRf(params));
      case 0x02:
        return this.#typed(() => this.#setProtocol(params));
      case 0x04:
        return this.#communicate(params);
      case 0x06:
        return this.#typed(() => this.#switchRf(params));
      case 0x12:
        return this.#resetDevice(params);
      case 0x20:
        return result(FIRMWARE);
      case 0x22:
        return result(PD_DATA);
      case 0x24:
        return result(PROPERTY);
      case 0x28:
        return result(COMMAND_TYPES);
      case 0x2a:
        return this.#setCommandType(params);
      default:
        return null;
    }
  }

  #typed(run: () => number): Result {
    return result([this.#commandType === null ? STATUS.commandType : run()]);
  }

  #setCommandType(params: Uint8Array): Result {
    const type = params[0] ?? -1;
    if (params.length !== 1 || (type !== 0 && type !== 1)) return result([STATUS.parameter]);
    this.#commandType = type;
    return result([STATUS.ok]);
  }

  #resetDevice(params: Uint8Array): Result {
    if (params.length !== 2) return result([STATUS.parameter]);
    this.reset();
    this.#hardware.faults.stopsDetecting = false;
    return result([STATUS.ok]);
  }

  #setRf(params: Uint8Array): number {
    const kbps = SETTINGS.get(toHex(params));
    if (kbps === undefined) return STATUS.parameter;
    this.#rf = { kbps };
    if (!this.#hardware.field.isOn) this.#needsGuard = true;
    this.#hardware.field.switchOn();
    return STATUS.ok;
  }

  #setProtocol(params: Uint8Array): number {
    if (params.length === 0 || params.length % 2 !== 0) return STATUS.parameter;
    for (let at = 0; at < params.length; at += 2)
      this.#protocol.set(params[at] ?? 0, params[at + 1] ?? 0);
    return STATUS.ok;
  }

  #switchRf(params: Uint8Array): number {
    if (params.length !== 1 || (params[0] ?? 2) > 1) return STATUS.parameter;
    if (params[0] === 1) this.#hardware.field.switchOn();
    else this.#hardware.field.switchOff();
    this.#needsGuard = true;
    return STATUS.ok;
  }

  #communicate(params: Uint8Array): Result {
    const frame = params.subarray(2);
    const isReady = this.#commandType !== null && this.#rf && this.#protocol.size > 0;
    if (!isReady || !this.#rf || params.length < 3 || frame.length > MOST_CARD_DATA)
      return rfResult(RF_STATUS.protocol);
    if (!this.#hardware.field.isOn) return rfResult(RF_STATUS.fieldLost);
    const tenths = readLe16(params, 0);
    const timeoutMs = tenths === 0 ? Number.POSITIVE_INFINITY : tenths / 10;
    const guardMs = this.#guardMs();
    const { kbps } = this.#rf;
    if (kbps === null) return rfResult(RF_STATUS.silence, guardMs + timeoutMs);
    return this.#told(this.#hardware.air.exchange(frame, kbps, timeoutMs), guardMs);
  }

  /** The first frame after the field came waits until a chip has had time to wake up. */
  #guardMs(): number {
    if (!this.#needsGuard) return 0;
    this.#needsGuard = false;
    return this.#protocol.get(0x00) ?? 0;
  }

  #told(outcome: AirOutcome, guardMs: number): Result {
    const ms = outcome.ms + guardMs;
    switch (outcome.kind) {
      case 'answer':
        return result(joined(le32(0), [WHOLE_LAST_BYTE], outcome.frame), ms);
      case 'silence':
        return rfResult(RF_STATUS.silence, ms);
      case 'crc':
        return rfResult(RF_STATUS.crc, ms);
      case 'collision':
        return rfResult(RF_STATUS.collision, ms);
      case 'field-lost':
        return rfResult(RF_STATUS.fieldLost, ms);
    }
  }
}
