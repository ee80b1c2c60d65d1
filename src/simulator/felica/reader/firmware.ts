import type { Kbps } from '../chip/air-time.js';
import { type FelicaFaults, happens } from '../faults.js';
import type { AirOutcome, RfField } from '../rf-field.js';
import type { InPipe } from './in-pipe.js';
import type { AirPace, SimulatedTime } from './simulated-time.js';

/** What a reader's firmware works with. */
export interface Hardware {
  readonly field: RfField;
  readonly faults: FelicaFaults;
  readonly pipe: InPipe;
  readonly pace: AirPace;
  readonly time: SimulatedTime;
  readonly air: ReaderAir;
  readonly product: string;
  readonly serialNumber: string;
}

/** The program in a reader. */
export interface Firmware {
  /** One bulk OUT transfer of the host. */
  receive(bytes: Uint8Array): void;
  /** The host claimed the interface. */
  opened(): void;
  /** Back to how the reader is when its power comes. */
  reset(): void;
}

/** The antenna with its faults. */
export class ReaderAir {
  readonly #field: RfField;
  readonly #faults: FelicaFaults;
  #exchanges = 0;

  constructor(field: RfField, faults: FelicaFaults) {
    this.#field = field;
    this.#faults = faults;
  }

  /** Exchanges with a card since the reader was made. */
  get exchanges(): number {
    return this.#exchanges;
  }

  exchange(frame: Uint8Array, kbps: Kbps, timeoutMs: number): AirOutcome {
    this.#exchanges += 1;
    const fault = this.#faults.onAir(this.#exchanges);
    if (fault === 'field-drop') this.#field.switchOff();
    const outcome = this.#field.exchange({ frame, kbps, timeoutMs });
    if (this.#faults.stopsDetecting || (fault === 'lost' && outcome.kind === 'answer'))
      return { kind: 'silence', ms: timeoutMs };
    if (outcome.kind !== 'answer' || fault === null) return outcome;
    if (fault === 'truncated') return { ...outcome, frame: outcome.frame.subarray(0, -1) };
    return fault === 'crc' || fault === 'collision' ? { kind: fault, ms: outcome.ms } : outcome;
  }
}

const CUT_BYTES = 3;

/** The way of answers to the host, with its faults. */
export class ReplyPort {
  readonly #hardware: Hardware;
  #late: Uint8Array[] = [];

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
  }

  /** Another command came: what was kept back goes out first. */
  commandCame(): void {
    const late = this.#late;
    this.#late = [];
    for (const reply of late) this.#hardware.pipe.push(reply);
  }

  reply(bytes: Uint8Array): void {
    const { faults, pipe } = this.#hardware;
    const isCut = happens(faults, 'truncatedReplies');
    const sent = isCut ? bytes.subarray(0, -CUT_BYTES) : bytes;
    if (happens(faults, 'lostReplies')) pipe.flush();
    else if (happens(faults, 'lateReplies')) this.keepBack(sent);
    else pipe.push(sent);
  }

  /** Goes out before the answer to the next command. */
  keepBack(bytes: Uint8Array): void {
    this.#late.push(bytes);
    this.#hardware.pipe.flush();
  }

  reset(): void {
    this.#late = [];
  }
}
