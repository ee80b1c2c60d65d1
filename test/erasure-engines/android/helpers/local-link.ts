import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import type {
  AndroidLink,
  ShellOptions,
  ShellResult,
} from '../../../../src/devices/adb/android-link.js';
import type { Sighting } from '../../../../src/devices/sighting.js';
import { SarachiError } from '../../../../src/errors.js';
import type { UsbPath } from '../../../../src/handset.js';
import { abortError, raceAbort, type WaitOptions, withDeadline } from '../../../../src/wait.js';

export const SHELL_UID = 2000;

export function sightingOf(part: Partial<Sighting> & { transportId?: number } = {}): Sighting {
  const { transportId = 1, ...rest } = part;
  const condition = rest.condition ?? 'adb:device';
  return {
    usbPath: '1-4.2',
    handset: 'android:SERIAL01',
    condition,
    usb: null,
    adb: condition.startsWith('adb:')
      ? {
          serial: 'SERIAL01',
          state: condition.slice(4),
          condition,
          usbPath: '1-4.2',
          product: null,
          model: null,
          device: null,
          transportId,
        }
      : null,
    ...rest,
  };
}

/**
 * A link whose handset is a process on this machine: each command runs in mksh as the shell user, with a `bin` folder
 * in front of its PATH. The presence on the bus is moved by the test.
 */
export class LocalLink implements AndroidLink {
  readonly usbPath: UsbPath = '1-4.2';
  readonly commands: string[] = [];
  /** Looked at before each command; what it returns is answered instead of running it. */
  intercept: (command: string) => Promise<ShellResult | null> | ShellResult | null = () => null;
  onReboot: () => void = () => undefined;
  #sighting: Sighting | null = sightingOf();
  #moved = 0;
  readonly #bin: string;
  readonly #watchers = new Set<(sighting: Sighting | null) => void>();

  constructor(bin: string) {
    this.#bin = bin;
  }

  sighting(): Sighting | null {
    return this.#sighting;
  }

  move(sighting: Sighting | null): void {
    this.#sighting = sighting;
    for (const watcher of [...this.#watchers]) watcher(sighting);
  }

  waitFor(
    test: (sighting: Sighting | null) => boolean,
    options: WaitOptions,
  ): Promise<Sighting | null> {
    return withDeadline(options, 'handset-timeout', async (signal) => {
      let stop: () => void = () => undefined;
      const found = new Promise<Sighting | null>((resolve) => {
        const look = (sighting: Sighting | null) => {
          if (test(sighting)) resolve(sighting);
        };
        this.#watchers.add(look);
        stop = () => this.#watchers.delete(look);
        look(this.#sighting);
      });
      return await raceAbort(found, signal).finally(() => stop());
    });
  }

  async shell(command: string, options: ShellOptions): Promise<ShellResult> {
    const before = this.#sighting;
    if (before?.condition !== 'adb:device') throw new SarachiError('handset-gone');
    this.commands.push(command);
    this.#moved += command.length + 50;
    const instead = await this.intercept(command);
    if (instead) {
      if (instead.stdout) options.onStdout?.(instead.stdout);
      this.#moved += instead.stdout.length;
      return instead;
    }
    return await withDeadline(options, 'handset-timeout', (signal) =>
      this.#run(command, { ...options, signal }),
    );
  }

  #run(command: string, options: ShellOptions): Promise<ShellResult> {
    const child = spawn('mksh', ['-c', command], {
      uid: SHELL_UID,
      gid: SHELL_UID,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${this.#bin}:/usr/bin:/bin` },
      cwd: '/',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => {
      const text = piece.toString('utf8');
      stdout += text;
      this.#moved += piece.length;
      options.onStdout?.(text);
    });
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString('utf8');
    });
    return new Promise((resolve, reject) => {
      const stopWatching = () => this.#watchers.delete(gone);
      const gone = (sighting: Sighting | null) => {
        if (sighting?.condition === 'adb:device') return;
        child.kill('SIGKILL');
        stopWatching();
        reject(new SarachiError('handset-gone'));
      };
      this.#watchers.add(gone);
      options.signal.addEventListener('abort', () => {
        child.kill('SIGKILL');
        stopWatching();
        reject(abortError(options.signal));
      });
      child.once('error', reject);
      child.once('close', (code) => {
        stopWatching();
        resolve({ stdout, stderr, exitCode: code ?? 255 });
      });
    });
  }

  async push(bytes: Uint8Array, remotePath: string): Promise<void> {
    if (this.#sighting?.condition !== 'adb:device') throw new SarachiError('handset-gone');
    this.#moved += bytes.length;
    await writeFile(remotePath, bytes);
    await chown(remotePath, SHELL_UID, SHELL_UID);
  }

  async reboot(): Promise<void> {
    this.onReboot();
  }

  bytesMoved(): number {
    return this.#moved;
  }
}

/** Puts small shell programs into a folder; the key is the name, the value the body. */
export async function writePrograms(
  bin: string,
  programs: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(bin, { recursive: true });
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(`${bin}/${name}`, `#!/usr/bin/mksh\n${body}\n`);
    await chmod(`${bin}/${name}`, 0o755);
  }
}
