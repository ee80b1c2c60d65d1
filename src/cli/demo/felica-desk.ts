import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import type { ExternalToolConfig } from '../../config-felica.js';
import type { ChipState } from '../../simulator/felica/chip/chip-state.js';
import { cleanPhone, PIXEL, RESIDUE, withResidue } from '../../simulator/felica/chip/phones.js';
import { LicensedTool } from '../../simulator/felica/clearing/licensed-tool.js';
import { FelicaHandset } from '../../simulator/felica/felica-handset.js';
import { BenchPerson } from '../../simulator/felica/person.js';
import { SimulatedReader } from '../../simulator/felica/reader/simulated-reader.js';
import { SimulatedPasoriBus } from '../../simulator/pasori-desk.js';
import type { DemoFelica } from './demo-handset.js';
import { SharedReaders } from './shared-readers.js';

/** Where the demo's reader is plugged in: a bus of its own, beside those of the rack. */
export const DEMO_READER = '9-1';

/** The desk beside the demo's rack: a reader, a licensed tool, and the chips of the handsets that have one. */
export class FelicaDesk {
  readonly readers: SharedReaders;
  readonly #person: BenchPerson;
  readonly #chips = new Map<string, { handset: FelicaHandset; tool: LicensedTool }>();
  readonly #door: Server;
  readonly #socket: string;

  constructor(state: string) {
    const reader = new SimulatedReader({
      model: 'RC-S380/P',
      serialNumber: '0123456',
      usbPath: DEMO_READER,
    });
    this.readers = new SharedReaders(new SimulatedPasoriBus([reader]));
    this.#person = new BenchPerson([reader]);
    this.#socket = licensedToolSocket(state);
    this.#door = createServer((socket) => this.#serve(socket));
  }

  async open(): Promise<void> {
    await rm(this.#socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#door.once('error', reject);
      this.#door.listen(this.#socket, resolve);
    });
  }

  async close(): Promise<void> {
    await this.readers.dropAll();
    await new Promise<void>((resolve) => {
      this.#door.close(() => resolve());
    });
  }

  /** A handset with a chip stands in this port. */
  brings(port: string, { clears }: DemoFelica): void {
    const tool = new LicensedTool('initialised');
    tool.faults.chip = clears === 'truly' ? 'none' : 'nothing-happens';
    this.#chips.set(port, { handset: new FelicaHandset(port, soldChip(port)), tool });
  }

  /** Lays the handset of this port on the reader, and nothing else. */
  places(port: string): void {
    const chip = this.#chips.get(port);
    if (chip) this.#person.swapsFor(chip.handset, 1);
  }

  /** The tool works on what it was told to, as a person at its own screen would have chosen. */
  #serve(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.once('data', (port) => {
      const chip = this.#chips.get(port.toString('utf8').trim());
      const outcome = chip ? chip.tool.clear(chip.handset) : 'FAILED';
      socket.end(JSON.stringify({ outcome: outcome.toLowerCase().replaceAll('_', '-') }));
    });
  }
}

/** A chip as its owner left it, with ids of its own. */
function soldChip(port: string): ChipState {
  const number = port.slice(1).padStart(4, '0');
  const identity = {
    ...PIXEL,
    model: 'SH53C',
    container: `f1401111${number}b660`,
    common: `01401111${number}b660`,
  };
  return withResidue(cleanPhone('mobile-4.1', identity), RESIDUE.nanaco);
}

function licensedToolSocket(state: string): string {
  return path.join(path.resolve(state), 'licensed-tool.sock');
}

/** How the daemon of the demo starts the licensed tool. */
export function licensedToolConfig(state: string): ExternalToolConfig {
  const file = path.join(
    import.meta.dirname,
    `licensed-tool-main${path.extname(import.meta.filename)}`,
  );
  return {
    method: 'external-tool',
    command: process.execPath,
    arguments: [...process.execArgv, file, licensedToolSocket(state), '{port}'],
    answer: 'json',
    exitCodes: {},
    timeoutSeconds: 30,
  };
}
