import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SarachiError } from '../../errors.js';
import { applyEffect } from './apply-effect.js';
import type { Faults } from './faults.js';
import type { Effect } from './framework/command.js';
import { answerCommand } from './framework.js';
import { armHashHook, FrameworkSocket } from './framework-socket.js';
import {
  DEFAULT_MEMORY_BYTES,
  DEFAULT_PLANTED_SHARE,
  DEFAULT_STORAGE_BYTES,
  type HandsetSpec,
  inUseState,
} from './handset-spec.js';
import { Machine } from './machine.js';
import { type DataAtHost, layOutData, plantSellersData } from './sellers-data.js';
import { ShellFiles } from './shell-files.js';
import { spoilFillFile, takeRemainingStorage } from './spoil.js';
import type { SystemRoots } from './system-root.js';
import type { SystemState } from './system-state.js';

interface SystemParts {
  readonly spec: HandsetSpec;
  readonly serial: string;
  /** This handset's own folder. */
  readonly folder: string;
  readonly systems: SystemRoots;
  readonly privileged: boolean;
  readonly faults: Faults;
  /** Carries out what takes the system down. */
  restart(effect: Effect): void;
  /** Something that the bus can see may have changed. */
  changed(): void;
}

/** What runs inside a handset: the machine, the framework that its commands ask, and the state behind both. */
export class AndroidSystem {
  readonly #parts: SystemParts;
  readonly #socket: FrameworkSocket;
  readonly files: ShellFiles;
  #machine: Machine | null = null;
  #empty = false;
  #saved: Promise<void> = Promise.resolve();
  #state: SystemState;

  constructor(parts: SystemParts) {
    this.#parts = parts;
    this.#state = inUseState(parts.spec, parts.serial);
    this.files = new ShellFiles((words) => this.machine.start(words));
    this.#socket = new FrameworkSocket((words) =>
      answerCommand(
        {
          faults: parts.faults,
          state: () => this.#state,
          perform: (effect) => this.#perform(effect),
          beforeHash: (hashed) => this.#beforeHash(hashed),
        },
        words,
      ),
    );
  }

  get state(): SystemState {
    return this.#state;
  }

  get machine(): Machine {
    if (!this.#machine) throw new SarachiError('handset-gone');
    return this.#machine;
  }

  update(change: (state: SystemState) => SystemState): void {
    this.#state = change(this.#state);
    this.#parts.changed();
  }

  /**
   * Puts the system onto the handset and the seller's data into it, or takes up what an earlier process left in the
   * folder. Leaves the machine up in the first case, down in the second; tells which as true and false.
   */
  async install(): Promise<boolean> {
    const { spec, folder, systems, privileged } = this.#parts;
    await mkdir(folder, { recursive: true });
    this.#machine = new Machine({
      systemRoot: await systems.of(this.#state.profile),
      folder,
      storageBytes: spec.storageBytes ?? DEFAULT_STORAGE_BYTES,
      memoryBytes: spec.memoryBytes ?? DEFAULT_MEMORY_BYTES,
      privileged,
    });
    const left = privileged ? await readState(join(folder, 'state.json')) : null;
    if (left) {
      this.#state = left;
      return false;
    }
    await this.format();
    await this.boot();
    const share = spec.plantedShare ?? DEFAULT_PLANTED_SHARE;
    const markers = await plantSellersData(this.#data, share);
    await writeFile(join(folder, 'planted.json'), `${JSON.stringify({ markers })}\n`);
    return true;
  }

  /** A new empty /data, to be laid out at the next boot. */
  async format(): Promise<void> {
    await this.machine.format();
    this.#empty = true;
  }

  async boot(): Promise<void> {
    await this.machine.boot(this.#state.bootId);
    const { socketFolder } = this.machine;
    await this.#socket.listen(socketFolder);
    if (this.#empty) await layOutData(this.#data);
    this.#empty = false;
  }

  async halt(keepData: boolean): Promise<void> {
    await this.#socket.close();
    await this.#machine?.halt(keepData);
    await this.save();
  }

  /** Puts the state as it is now where a later process finds it; several at once go one after the other. */
  save(): Promise<void> {
    const saved = this.#saved.then(() => this.#write());
    this.#saved = saved.catch(() => undefined);
    return saved;
  }

  async #write(): Promise<void> {
    const file = join(this.#parts.folder, 'state.json');
    await writeFile(`${file}.new`, JSON.stringify(this.#state));
    await rename(`${file}.new`, file);
  }

  /** Has the hashing commands ask first while there is a fault that waits for them. */
  hookHashes(): void {
    armHashHook(this.machine.socketFolder, this.#parts.faults.flipsFillByte);
  }

  async takeStorage(): Promise<void> {
    await takeRemainingStorage(this.machine);
  }

  get #data(): DataAtHost {
    return { path: this.machine.hostPath('/data'), owners: this.#parts.privileged };
  }

  async #perform(effect: Effect): Promise<void> {
    if (effect.type === 'write-file') {
      const text = Buffer.from(effect.text);
      const once = async function* () {
        yield text;
      };
      await this.files.write(effect.path, 0o644, once());
      return;
    }
    this.update((state) => applyEffect(state, effect));
    if (effect.type === 'reset' || effect.type === 'reboot' || effect.type === 'evaluate')
      this.#parts.restart(effect);
  }

  async #beforeHash(words: readonly string[]): Promise<void> {
    const { faults } = this.#parts;
    if (!faults.flipsFillByte) return;
    // Set back first: the commands that spoil must not be hooked themselves.
    faults.flipsFillByte = false;
    faults.flipsFillByte = !(await spoilFillFile(this.machine, words));
  }
}

async function readState(file: string): Promise<SystemState | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : (JSON.parse(text) as SystemState);
}
