import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../wait.js';

const ASK_MS = 1_000;
/** The kernel's flag changes rarely, and asking starts a process. */
const KEEP_MS = 60_000;
const run = promisify(execFile);

/** true and false are the kernel's word; null where nobody here can tell. */
export type ClockSync = boolean | null;

/** What `timedatectl show --property=NTPSynchronized --value` printed (systemd timedatectl(1)). Pure. */
export function readSync(printed: string): ClockSync {
  const word = printed.trim();
  return word === 'yes' ? true : word === 'no' ? false : null;
}

/** Asks whether the clock of this host is synchronised, at most once a minute. Never rejects. */
export class HostClock {
  readonly #clock: Clock;
  readonly #program: string;
  #asked: { readonly at: number; readonly answer: Promise<ClockSync> } | null = null;

  constructor(clock: Clock, program = 'timedatectl') {
    this.#clock = clock;
    this.#program = program;
  }

  synchronised(): Promise<ClockSync> {
    const now = this.#clock();
    if (this.#asked && Math.abs(now - this.#asked.at) < KEEP_MS) return this.#asked.answer;
    const answer = this.#ask();
    this.#asked = { at: now, answer };
    return answer;
  }

  async #ask(): Promise<ClockSync> {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    try {
      return readSync((await run(this.#program, args, { timeout: ASK_MS })).stdout);
    } catch {
      // No timedatectl, or no bus to ask over: not known, and shown as such.
      return null;
    }
  }
}
