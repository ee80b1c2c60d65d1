import { joined, sameBytes } from '../bytes.js';
import { happens } from '../faults.js';
import { type Firmware, type Hardware, ReplyPort } from './firmware.js';
import { Port100Commands, type Result } from './port100-commands.js';
import { ACK, ERROR_FRAME, encodeFrame, type HostFrame, takeFrames } from './port100-frame.js';

const TO_READER = 0xd6;
const TO_HOST = 0xd7;

/** A Sony RC-S380 (Port-100): each command is acknowledged, then answered; an acknowledgement of the host cancels it. */
export class RcS380 implements Firmware {
  readonly #hardware: Hardware;
  readonly #commands: Port100Commands;
  readonly #port: ReplyPort;
  #received: Uint8Array = new Uint8Array();
  #boots = 0;
  #waiting: Uint8Array[] = [];
  #running: { readonly reply: Uint8Array; stop(): void } | null = null;

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
    this.#commands = new Port100Commands(hardware);
    this.#port = new ReplyPort(hardware);
  }

  receive(bytes: Uint8Array): void {
    // A host that gave up half way through a frame starts anew with an acknowledgement of its own.
    const isCancel = sameBytes(bytes, ACK);
    const { frames, rest } = takeFrames(isCancel ? bytes : joined(this.#received, bytes));
    this.#received = rest;
    for (const frame of frames) this.#take(frame);
  }

  opened(): void {
    this.#received = new Uint8Array();
    this.#hardware.faults.stopsDetecting = false;
  }

  reset(): void {
    this.#boots += 1;
    this.#running?.stop();
    this.#running = null;
    this.#waiting = [];
    this.#received = new Uint8Array();
    this.#port.reset();
    this.#commands.reset();
  }

  #take(frame: HostFrame): void {
    if (frame.kind === 'ack') this.#cancel();
    else if (frame.kind === 'damaged') this.#hardware.pipe.push(ERROR_FRAME);
    else {
      this.#waiting.push(frame.data);
      this.#next();
    }
  }

  #cancel(): void {
    const running = this.#running;
    this.#waiting = [];
    this.#running = null;
    running?.stop();
    if (running && this.#hardware.faults.staleAfterCancel) this.#port.keepBack(running.reply);
    this.#hardware.pipe.flush();
  }

  #next(): void {
    if (this.#running) return;
    const data = this.#waiting.shift();
    if (data) this.#start(data);
  }

  #start(data: Uint8Array): void {
    const { faults, pipe } = this.#hardware;
    this.#port.commandCame();
    const isRefused = data[0] !== TO_READER || happens(faults, 'errorFrames');
    const boots = this.#boots;
    const outcome = isRefused ? null : this.#run(data);
    // What happens on the air may have taken the reader's power away.
    if (boots !== this.#boots) return;
    if (outcome) {
      if (!happens(faults, 'missingAcks')) pipe.push(ACK, true);
      this.#wait(this.#framed(data[1] ?? 0, outcome.data), outcome.afterMs);
    } else {
      pipe.push(ERROR_FRAME);
      this.#next();
    }
  }

  #wait(reply: Uint8Array, ms: number): void {
    // Without any pace the end comes before the beginning has returned, so it must not look for what runs.
    let isOver = false;
    const stop = this.#hardware.pace.after(ms, () => {
      isOver = true;
      this.#running = null;
      this.#port.reply(reply);
      this.#next();
    });
    if (!isOver) this.#running = { reply, stop };
  }

  #run(data: Uint8Array): Result | null {
    const command = data[1] ?? -1;
    if (happens(this.#hardware.faults, 'refusals')) return this.#commands.refuse(command);
    return this.#commands.run(command, data.subarray(2));
  }

  #framed(command: number, data: Uint8Array): Uint8Array {
    const frame = encodeFrame(joined([TO_HOST, command + 1], data));
    if (!happens(this.#hardware.faults, 'wrongChecksums')) return frame;
    const at = frame.length - 2;
    return frame.with(at, (frame[at] ?? 0) ^ 0xf0);
  }
}
