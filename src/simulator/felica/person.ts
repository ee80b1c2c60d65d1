import type { SimulatedReader } from './reader/simulated-reader.js';
import type { RfTarget } from './target.js';

/** The person at the desk with the readers, which are numbered from 1. */
export class BenchPerson {
  readonly #readers: readonly SimulatedReader[];

  constructor(readers: readonly SimulatedReader[]) {
    this.#readers = readers;
  }

  /** Takes a thing from wherever it lies and puts it on a reader, beside what lies there. */
  places(target: RfTarget, reader: number): void {
    this.lifts(target);
    this.#reader(reader).put(target);
  }

  /** Takes a thing off the reader that it lies on. */
  lifts(target: RfTarget): void {
    for (const reader of this.#readers) reader.take(target);
  }

  /** Takes everything off a reader and puts this on it. */
  swapsFor(target: RfTarget, reader: number): void {
    this.clears(reader);
    this.places(target, reader);
  }

  clears(reader: number): void {
    const from = this.#reader(reader);
    for (const target of from.targets) from.take(target);
  }

  unplugs(reader: number): void {
    this.#reader(reader).unplug();
  }

  plugs(reader: number): void {
    this.#reader(reader).plug();
  }

  #reader(number: number): SimulatedReader {
    const reader = this.#readers[number - 1];
    if (!reader) throw new RangeError(`there is no reader ${number}`);
    return reader;
  }
}
