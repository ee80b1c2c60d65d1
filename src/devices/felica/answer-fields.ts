import { SarachiError } from '../../errors.js';
import { type Idm, toHex } from './card-values.js';

/** What is wrong with an answer of a card. The bytes themselves stay out: they may identify a person's chip. */
export function cardProtocol(command: number, reason: string): SarachiError {
  return new SarachiError('card-protocol', {
    command: `0x${command.toString(16).padStart(2, '0')}`,
    reason,
  });
}

/** Takes the fields of an answer from the front. Running out, or leaving something over, is `card-protocol`. */
export class AnswerFields {
  readonly #command: number;
  #rest: Uint8Array;

  /** The answer's code must be the command's plus one. */
  constructor(command: number, answer: Uint8Array) {
    this.#command = command;
    this.#rest = answer;
    if (this.byte() !== command + 1) throw this.fault('code of another answer');
  }

  fault(reason: string): SarachiError {
    return cardProtocol(this.#command, reason);
  }

  get left(): number {
    return this.#rest.length;
  }

  bytes(count: number): Uint8Array {
    if (this.#rest.length < count) throw this.fault('too short');
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0;
  }

  littleEndian(): number {
    return this.byte() | (this.byte() << 8);
  }

  bigEndian(): number {
    return (this.byte() << 8) | this.byte();
  }

  id(): Idm {
    return toHex(this.bytes(8));
  }

  /** The answer of another chip or system is no answer to this question. */
  from(idm: Idm): this {
    if (this.id() !== idm) throw this.fault('IDm of another card');
    return this;
  }

  /** `count` values, one after the other. */
  list<T>(count: number, one: () => T): T[] {
    return Array.from({ length: count }, one);
  }

  end<T>(value: T): T {
    if (this.#rest.length > 0) throw this.fault('too long');
    return value;
  }
}
