import { joined } from '../bytes.js';
import { happens } from '../faults.js';
import { type Firmware, type Hardware, ReplyPort } from './firmware.js';
import { Port400Commands } from './port400-commands.js';
import {
  DONE,
  encodeReply,
  type HostMessage,
  NO_SUCH_SLOT,
  SLOT_BUSY,
  TIME_EXTENSION,
  takeMessages,
} from './port400-envelope.js';

/** A Sony RC-S300 (Port-400) on its vendor interface: one slot, one command at a time, answers carry its number. */
export class RcS300 implements Firmware {
  readonly #hardware: Hardware;
  readonly #commands: Port400Commands;
  readonly #port: ReplyPort;
  #received: Uint8Array = new Uint8Array();
  #boots = 0;
  #stop: (() => void) | null = null;

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
    this.#commands = new Port400Commands(hardware);
    this.#port = new ReplyPort(hardware);
  }

  receive(bytes: Uint8Array): void {
    const { messages, rest } = takeMessages(joined(this.#received, bytes));
    this.#received = rest;
    for (const message of messages) this.#take(message);
  }

  opened(): void {
    this.#received = new Uint8Array();
    this.#hardware.faults.stopsDetecting = false;
  }

  reset(): void {
    this.#boots += 1;
    this.#stop?.();
    this.#stop = null;
    this.#received = new Uint8Array();
    this.#port.reset();
    this.#commands.reset();
  }

  #take(message: HostMessage): void {
    if (message.kind === 'broken') return;
    const { slot, seq, apdu } = message;
    this.#port.commandCame();
    const { faults, pipe } = this.#hardware;
    if (slot !== 0) pipe.push(encodeReply(seq, NO_SUCH_SLOT));
    else if (this.#stop || happens(faults, 'slotBusy')) pipe.push(encodeReply(seq, SLOT_BUSY));
    else this.#run(seq, apdu);
  }

  #run(seq: number, apdu: Uint8Array): void {
    const { faults, pipe, pace } = this.#hardware;
    const boots = this.#boots;
    const isRefused = happens(faults, 'refusals');
    const answer = isRefused ? this.#commands.refuse() : this.#commands.run(apdu);
    // What happens on the air may have taken the reader's power away.
    if (boots !== this.#boots) return;
    while (happens(faults, 'timeExtensions')) pipe.push(encodeReply(seq, TIME_EXTENSION));
    // Without any pace the end comes before the beginning has returned, so it must not look for what runs.
    let isOver = false;
    const stop = pace.after(answer.afterMs, () => {
      isOver = true;
      this.#stop = null;
      this.#port.reply(encodeReply(seq, DONE, answer.body));
    });
    if (!isOver) this.#stop = stop;
  }
}
