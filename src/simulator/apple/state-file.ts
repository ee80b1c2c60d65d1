import { readFile, rename, writeFile } from 'node:fs/promises';
import type { IphoneState } from './iphone-state.js';

/** The saved state of a phone. Many changes in a row are written once. */
export class StateFile {
  readonly #path: string;
  #wanted: IphoneState | null = null;
  #writing: Promise<void> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Null: there is none. */
  async read(): Promise<IphoneState | null> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    // Nobody but this class writes the file, and it is put in place whole.
    return text === null ? null : (JSON.parse(text) as IphoneState);
  }

  /** Resolves when this state or a later one is in the file. */
  save(state: IphoneState): Promise<void> {
    this.#wanted = state;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    for (let state = this.#wanted; state !== null; state = this.#wanted) {
      this.#wanted = null;
      await writeFile(`${this.#path}.new`, JSON.stringify(state));
      await rename(`${this.#path}.new`, this.#path);
    }
  }
}
