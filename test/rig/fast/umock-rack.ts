import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { UsbDescription } from '../../../src/devices/sighting.js';
import type { UsbPath } from '../../../src/handset.js';

const SAID_KEPT = 4_000;

/** A device that the rack is to show; `socket` is where its bulk transfers go. */
export interface EmulatedDevice extends Omit<UsbDescription, 'usbPath'> {
  readonly socket: string | null;
}

/** The program that owns the emulated bus. Commands are carried out one after the other, in the order given. */
export class UmockRack {
  /** For UMOCKDEV_DIR of the programs that are to see the bus. */
  readonly root: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #work: Promise<unknown> = Promise.resolve();
  #said = '';

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, root: string) {
    this.#child = child;
    this.#lines = lines;
    this.root = root;
    // Not shown as it comes: umockdev complains about every program that is killed.
    child.stderr?.on('data', (text: Buffer) => {
      this.#said = `${this.#said}${text}`.slice(-SAID_KEPT);
    });
  }

  /** `folder` holds the files of the emulated bus. */
  static async start(program: string, folder: string): Promise<UmockRack> {
    // The rack looks its own devices up when it tells of them, so it must see its own bus as well.
    const child = spawn(program, {
      env: { ...process.env, TMPDIR: folder, LD_PRELOAD: 'libumockdev-preload.so.0' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    const root = /^root (.+)$/.exec(first.done ? '' : first.value)?.[1];
    if (root === undefined) throw new Error(`umock-rack did not start: ${first.value}`);
    return new UmockRack(child, lines, root);
  }

  hub(usbPath: UsbPath): Promise<void> {
    return this.#say(`hub ${usbPath}`);
  }

  add(usbPath: UsbPath, device: EmulatedDevice): Promise<void> {
    const { vendorId, productId, serial, interfaces, socket } = device;
    const faces = interfaces.map((face) =>
      [face.classCode, face.subclass, face.protocol].map((code) => hex(code, 2)).join(''),
    );
    const ids = `${hex(vendorId, 4)} ${hex(productId, 4)} ${serial ?? '-'}`;
    return this.#say(`add ${usbPath} ${ids} ${faces.join(',')} ${socket ?? '-'}`);
  }

  remove(usbPath: UsbPath): Promise<void> {
    return this.#say(`remove ${usbPath}`);
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode, stdin } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    stdin?.end();
    await gone;
  }

  #say(line: string): Promise<void> {
    const done = this.#work.then(async () => {
      this.#child.stdin?.write(`${line}\n`);
      const answer = await this.#lines.next();
      if (answer.value !== 'ok')
        throw new Error(`umock-rack: ${line}: ${answer.value}\n${this.#said}`);
    });
    this.#work = done.catch(() => undefined);
    return done;
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
