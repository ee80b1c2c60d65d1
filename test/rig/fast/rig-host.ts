import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ShellResult } from '../../../src/devices/adb/android-link.js';
import type { Sighting } from '../../../src/devices/sighting.js';
import type { UsbPath } from '../../../src/handset.js';
import type { PortView } from '../../../src/ports/view.js';
import type { Openings } from './held-rack.js';
import type { BusEvent, HostAsks, HostTells } from './host-words.js';

const PATIENCE_MS = 30_000;
/** The deadline of a command line. */
const SHELL_MS = 20_000;
const SAID_KEPT = 4_000;

export interface HostPlace {
  /** Lets the process see the emulated bus. */
  readonly env: Readonly<Record<string, string>>;
  /** Of its adb server. */
  readonly folder: string;
  /** Of its rack; without them it has none. */
  readonly openings?: Openings | undefined;
}

/** The process in which bus, adb server and sightings of the product run on the emulated bus. */
export class RigHost {
  /** Everything the bus told, in order. */
  readonly bus: BusEvent[] = [];
  sightings: readonly Sighting[] = [];
  /** Everything the rack's ports showed, in order. */
  readonly ports: PortView[][] = [];
  /** Of the adb server that is up now. */
  adbPid: number | null = null;
  #publicKeyPath: string | null = null;
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (tells: Extract<HostTells, { type: 'answer' }>) => void>();
  readonly #lookers = new Set<() => void>();
  #said = '';
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (tells: HostTells) => this.#hear(tells));
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => {
        this.#said = `${this.#said}${text}`.slice(-SAID_KEPT);
      });
    child.on('exit', () => this.#look());
  }

  static async start({ env, folder, openings }: HostPlace): Promise<RigHost> {
    const main = fileURLToPath(new URL('./host-main.js', import.meta.url));
    const path = import.meta.url.endsWith('.ts') ? main.replace(/js$/, 'ts') : main;
    const child = fork(path, openings ? [folder, JSON.stringify(openings)] : [folder], {
      env: { ...process.env, ...env },
      silent: true,
    });
    const host = new RigHost(child);
    try {
      await host.until(() => host.#publicKeyPath !== null, 'the host to be up');
      return host;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** The end of what it wrote, its log above all. */
  get said(): string {
    return this.#said;
  }

  /** The key that its adb server logs in with, as base64. */
  async publicKey(): Promise<string> {
    const line = await readFile(this.#publicKeyPath ?? '', 'latin1');
    return line.split(' ', 1)[0] ?? '';
  }

  at(usbPath: UsbPath): Sighting | null {
    return this.sightings.find((sighting) => sighting.usbPath === usbPath) ?? null;
  }

  /** What the rack shows of a port now. */
  port(name: string): PortView | null {
    return this.ports.at(-1)?.find(({ port }) => port === name) ?? null;
  }

  /** Looks each time the host tells something; rejects when that does not come in time, or the host ends. */
  async until(test: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (error: Error | null) => {
        clearTimeout(timer);
        this.#lookers.delete(look);
        error ? reject(error) : resolve();
      };
      const look = () => {
        if (test()) settle(null);
        else if (this.#ended) settle(new Error(`the host ended before ${what}\n${this.#said}`));
      };
      const late = () => {
        const seen = this.sightings.map((one) => `${one.usbPath} ${one.condition}`).join(', ');
        settle(new Error(`not in time: ${what}; seen: ${seen}\n${this.#said}`));
      };
      const timer = setTimeout(late, PATIENCE_MS);
      this.#lookers.add(look);
      look();
    });
  }

  /** Runs a command line through the product's own link. Rejects with the code of its error as message. */
  async shell(
    usbPath: UsbPath,
    command: string,
    { stdin = '', timeoutMs = SHELL_MS }: { stdin?: string; timeoutMs?: number } = {},
  ): Promise<ShellResult> {
    this.#asked += 1;
    const id = this.#asked;
    const heard = new Promise<Extract<HostTells, { type: 'answer' }>>((resolve) => {
      this.#answers.set(id, resolve);
    });
    this.#ask({ type: 'shell', id, usbPath, command, stdin, timeoutMs });
    const answer = await heard;
    if ('code' in answer) throw new Error(answer.code);
    return answer.result;
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    const gone = once(this.#child, 'exit');
    this.#ask({ type: 'stop' });
    await gone;
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #ask(words: HostAsks): void {
    this.#child.send(words);
  }

  #hear(tells: HostTells): void {
    if (tells.type === 'up') this.#publicKeyPath = tells.publicKeyPath;
    if (tells.type === 'adb') this.adbPid = tells.pid;
    if (tells.type === 'bus') this.bus.push(tells.event);
    if (tells.type === 'ports') this.ports.push([...tells.ports]);
    if (tells.type === 'sightings') this.sightings = tells.sightings;
    if (tells.type === 'answer') this.#answers.get(tells.id)?.(tells);
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#lookers]) look();
  }
}
