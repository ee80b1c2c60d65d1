import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config.js';
import { LibusbPasori } from '../devices/pasori/libusb-pasori.js';
import { openReader } from '../devices/pasori/open-reader.js';
import type { PasoriBus } from '../devices/pasori/usb-transfers.js';
import { loadLibusb } from '../devices/usb/load-libusb.js';
import type { StageContext, StageOutcome } from '../erasure-engines/engine.js';
import type { Bench } from '../erasure-engines/felica/bench/bench.js';
import { felicaStage } from '../erasure-engines/felica/bench/felica-stage.js';
import { transitStage } from '../erasure-engines/felica/bench/transit-stage.js';
import { makeClearingMethod } from '../erasure-engines/felica/clearing/make-clearing-method.js';
import { type HashId, hashIdWith } from '../erasure-engines/felica/hash-id.js';
import { SarachiError } from '../errors.js';
import type { HealthCheck } from '../http/rack-api.js';
import { writeDurably } from '../ledger/durable-file.js';
import { meetsReader, readerOf } from '../pipeline/resources.js';
import type { RunBook } from '../pipeline/run-book.js';
import type { RunRecord } from '../pipeline/run-record.js';
import { wordOnFelicaCounts } from '../pipeline/verdict.js';
import type { Clock } from '../wait.js';
import { ChipOwners } from './chip-owners.js';
import { ReaderHealth } from './reader-health.js';

const KEY_BYTES = 32;

export interface FelicaWiringParts {
  readonly config: Config;
  readonly state: string;
  readonly book: RunBook;
  readonly clock: Clock;
  /** Where the readers are; left out: the USB of this host. */
  readonly readers?: PasoriBus | undefined;
}

/** The FeliCa bench: its readers, whoever clears chips, and which chip is bound to which run. */
export class FelicaWiring {
  readonly #parts: FelicaWiringParts;
  readonly #bus: PasoriBus;
  readonly #hashId: HashId;
  readonly #owners: ChipOwners;
  readonly #readers: ReaderHealth;

  private constructor(parts: FelicaWiringParts, hashId: HashId) {
    this.#parts = parts;
    this.#bus = parts.readers ?? new LibusbPasori({ load: loadLibusb });
    this.#hashId = hashId;
    this.#owners = new ChipOwners(parts.clock);
    const { felica, policy } = parts.config;
    this.#readers = new ReaderHealth({
      ...{ bus: this.#bus, readers: felica.readers, clock: parts.clock },
      demanded: !wordOnFelicaCounts(policy),
    });
  }

  /** The key for ids is made at the first start and stays in the state folder. Errors: those of its file. */
  static async open(parts: FelicaWiringParts): Promise<FelicaWiring> {
    const wiring = new FelicaWiring(parts, hashIdWith(await siteKey(parts.state)));
    wiring.#owners.readFrom(parts.book);
    return wiring;
  }

  /** What becomes of the chip of this run's handset at its reader; null where it meets none. */
  atReader(record: RunRecord): ((context: StageContext) => Promise<StageOutcome>) | null {
    if (!meetsReader(record.identity, this.#parts.config.felica)) return null;
    const bench = this.#bench(record);
    if (record.identity?.platform === 'apple') return (context) => transitStage(context, bench);
    return async (context) => {
      for (const other of this.#parts.book.unfinished()) this.#owners.learn(other);
      try {
        return await felicaStage(context, bench);
      } finally {
        const now = this.#parts.book.record(record.run);
        if (now) this.#owners.learn(now);
      }
    };
  }

  /** Each configured reader by name. Never rejects. */
  health(): Promise<readonly HealthCheck[]> {
    return this.#readers.checks();
  }

  #bench(record: RunRecord): Bench {
    const { port } = record;
    const { config } = this.#parts;
    const { clear } = config.felica;
    const reader = readerOf(port, config) ?? 1;
    return {
      port,
      reader,
      config: config.felica,
      hashId: this.#hashId,
      method: clear && makeClearingMethod(clear),
      boundElsewhere: (digest) => this.#owners.isAnothers(digest, record),
      open: (options) =>
        this.#readers.watch(reader, async () =>
          openReader(this.#bus, await this.#pathOf(reader), options),
        ),
    };
  }

  /** Errors: reader-gone where none is there, reader-unusable where `auto` finds several. */
  async #pathOf(reader: number): Promise<string> {
    const { readers } = this.#parts.config.felica;
    if (readers !== 'auto') return readers[reader - 1] ?? '';
    const [first, second] = await this.#bus.list();
    if (!first) throw new SarachiError('reader-gone', { reason: 'not on the bus' });
    if (second) throw new SarachiError('reader-unusable', { reason: 'several readers: list them' });
    return first.usbPath;
  }
}

async function siteKey(state: string): Promise<Uint8Array> {
  const folder = path.join(state, 'keys');
  const file = path.join(folder, 'felica-id.key');
  const known = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  if (known) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = randomBytes(KEY_BYTES);
  await writeDurably(file, made, { mode: 0o600, replace: false });
  return made;
}
