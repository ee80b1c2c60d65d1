import { execFile } from 'node:child_process';
import { SarachiError } from '../../../errors.js';
import type { UsbPath } from '../../../handset.js';
import { cleanField } from '../../../text.js';
import { sleep, type WaitOptions, withDeadline } from '../../../wait.js';
import type { PortPower } from '../rack-hub.js';
import { type PortSwitch, portSwitch } from './port-switches.js';
import { readStatus } from './read-status.js';

const LONGEST_OUTPUT = 1 << 20;
const RESTORE_MS = 20_000;

export interface UhubctlOptions {
  /** Name or path of the program. */
  readonly binary: string;
  /** The usb paths of each port of the rack. */
  readonly ports: ReadonlyMap<string, readonly UsbPath[]>;
}

/**
 * Per-port power by uhubctl, for hubs that really switch it: many only cut the data, and the handset goes on charging; whoever
 * asks for a cycle must look whether the handset left the bus. Both halves of a USB 3 opening are switched.
 */
export class UhubctlPower implements PortPower {
  readonly #options: UhubctlOptions;

  constructor(options: UhubctlOptions) {
    this.#options = options;
  }

  can(port: string): boolean {
    return this.#options.ports.has(port);
  }

  async cycle(port: string, offMs: number, wait: WaitOptions): Promise<void> {
    const switches = (this.#options.ports.get(port) ?? []).map(portSwitch);
    if (switches.length === 0)
      throw new SarachiError('not-possible-now', { port, why: 'no power switch' });
    const exact = switches.length > 1;
    try {
      for (const one of switches) await this.#turn(one, { on: false, exact }, wait);
      await sleep(offMs, wait.signal);
    } finally {
      const limit = { signal: new AbortController().signal, timeoutMs: RESTORE_MS };
      for (const one of switches) await this.#turn(one, { on: true, exact }, limit);
    }
  }

  async look(wait: WaitOptions): Promise<string> {
    const said = await this.#run(['-v'], wait);
    return `uhubctl ${cleanField(said, 40) ?? 'of no version'}`;
  }

  async close(): Promise<void> {}

  async #turn(
    { location, port }: PortSwitch,
    { on, exact }: { on: boolean; exact: boolean },
    wait: WaitOptions,
  ): Promise<void> {
    const where = ['-l', location, '-p', String(port)];
    // With both halves known each is named exactly; with one, uhubctl finds the other half itself.
    const half = exact ? ['-e'] : [];
    await this.#run([...half, ...where, '-a', on ? 'on' : 'off'], wait);
    const power = readStatus(await this.#run(['-e', ...where], wait), location, port);
    if (power !== on)
      throw new SarachiError('hub-not-obeyed', {
        ...{ hub: location, port, value: on ? 'on' : 'off' },
        says: power === null ? 'nothing' : power ? 'on' : 'off',
      });
  }

  #run(args: readonly string[], wait: WaitOptions): Promise<string> {
    const { binary } = this.#options;
    return withDeadline(wait, 'hub-gone', (signal) => {
      const options = { signal, killSignal: 'SIGKILL', maxBuffer: LONGEST_OUTPUT } as const;
      return new Promise<string>((resolve, reject) => {
        execFile(binary, args, options, (cause, stdout, stderr) => {
          if (!cause) return resolve(stdout);
          const missing = cause.code === 'ENOENT' || cause.code === 'EACCES';
          const said = cleanField(`${stderr} ${stdout}`, 200);
          const detail = { program: cleanField(binary), said };
          reject(new SarachiError(missing ? 'hub-gone' : 'hub-refused', detail, { cause }));
        });
      });
    });
  }
}
