import { checkConfig } from '../../src/config.js';
import type { Sighting, SightingBoard } from '../../src/devices/sighting.js';
import { SarachiError } from '../../src/errors.js';
import type { HandsetIdentity } from '../../src/handset.js';
import { createLog } from '../../src/log.js';
import { ProgressBoard } from '../../src/pipeline/progress.js';
import { Rack } from '../../src/ports/rack.js';
import { ViewFeed } from '../../src/ports/view-feed.js';

const CONTROLLERS = ['A', 'B', 'C', 'D'] as const;
const PORTS_EACH = 10;
const PORTS = CONTROLLERS.length * PORTS_EACH;
const STORAGE_BYTES = 128_000_000_000;
/** What a fill moves between two words about it. */
const STEP_BYTES = 20_000_000;
/** Each port tells its progress so often; the ports do so one after the other, as in a rack that was filled by hand. */
const PROGRESS_MS = 500;
const TURNS = 10;

export const BUSY_CONFIG = checkConfig({
  rack: {
    id: 'bench',
    controllers: Object.fromEntries(CONTROLLERS.map((name) => [name, {}])),
    ports: Object.fromEntries(
      Array.from({ length: PORTS }, (_, n) => [
        `P${String(n + 1).padStart(2, '0')}`,
        {
          usb: [`${Math.floor(n / PORTS_EACH) + 1}-${(n % PORTS_EACH) + 1}`],
          controller: CONTROLLERS[Math.floor(n / PORTS_EACH)],
        },
      ]),
    ),
  },
});

/**
 * The rack and its feed as the daemon has them, with forty handsets in the middle of their overwrite. What stands in
 * the ports is made up: no device, no queue and no ledger is behind them.
 */
export class BusyRack {
  readonly rack: Rack;
  readonly feed: ViewFeed;
  readonly #progress = new ProgressBoard();
  /** Who stands in the port of each run. */
  readonly #identities: ReadonlyMap<string, HandsetIdentity>;
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.rack = new Rack({
      config: BUSY_CONFIG,
      board: boardOf(sightings()),
      control: {
        open: refuse,
        enqueue: async () => undefined,
        abort: refuse,
        settle: refuse,
        acted: refuse,
      },
      clock: Date.now,
      log: createLog('silent'),
      factsOf: (run) => ({
        identity: this.#identities.get(run) ?? null,
        progress: this.#progress.of(run),
        waiting: null,
        reasons: [],
        ...{ error: null, validation: 'not-needed' },
      }),
    });
    this.#identities = new Map(
      this.rack.map.ports.map(({ port }) => [runAt(port), identityAt(port)]),
    );
    this.feed = new ViewFeed({ rack: this.rack, clock: Date.now });
  }

  /** Begins as the daemon does that finds forty runs in its ledger. Nothing changes until `work`. */
  start(): void {
    const now = Date.now();
    for (const { port } of this.rack.map.ports)
      this.rack.post(port, {
        ...{ type: 'recovered', run: runAt(port), handset: keyAt(port), voided: null, now },
        ...{ stage: 'overwrite-erase', fence: 1, next: { do: 'stage', stage: 'overwrite-erase' } },
      });
    this.rack.start();
    for (let n = 0; n < TURNS; n += 1) this.#advance();
    this.feed.start();
  }

  /** Whether the handsets get on with their work. */
  work(on: boolean): void {
    clearInterval(this.#timer);
    if (on) this.#timer = setInterval(() => this.#advance(), PROGRESS_MS / TURNS);
  }

  async stop(): Promise<void> {
    this.work(false);
    this.feed.stop();
    await this.rack.stop();
  }

  #advance(): void {
    const now = Date.now();
    const turn = [...this.#identities.keys()].filter((_, n) => n % TURNS === this.#turn);
    for (const run of turn) {
      const bytesDone = ((this.#progress.of(run)?.bytesDone ?? 0) + STEP_BYTES) % STORAGE_BYTES;
      const done = bytesDone / STORAGE_BYTES;
      this.#progress.update(run, { done, step: 'fill', bytesDone, bytesTotal: STORAGE_BYTES }, now);
    }
    this.#turn = (this.#turn + 1) % TURNS;
  }
}

function runAt(port: string): string {
  return `20261122T010000Z-bench-${port}`;
}

function keyAt(port: string): `android:${string}` {
  return `android:26061FDH20${port}`;
}

function sightings(): readonly Sighting[] {
  return Object.entries(BUSY_CONFIG.rack.ports).map(([port, { usb }]) => ({
    ...{ usbPath: usb[0] ?? '', handset: keyAt(port), condition: 'adb:device' },
    ...{ usb: null, adb: null },
  }));
}

function boardOf(all: readonly Sighting[]): SightingBoard {
  const byPath = new Map(all.map((sighting) => [sighting.usbPath, sighting]));
  return {
    list: () => all,
    at: (usbPath) => byPath.get(usbPath) ?? null,
    // Nobody plugs or pulls.
    subscribe: () => () => undefined,
  };
}

function identityAt(port: string): HandsetIdentity {
  return {
    ...{ platform: 'android', serial: `26061FDH20${port}`, imeiSource: 'service call' },
    ...{ imeis: ['353644930127905', '353644930127913'], manufacturer: 'Google', brand: 'google' },
    ...{ model: 'Pixel 7', device: 'panther', osVersion: '16', sdk: 36, build: 'BP1A.250505.005' },
    ...{ securityPatch: '2026-10-05', storageBytes: STORAGE_BYTES, encryption: 'file' },
    ...{ batteryPercent: 80, batteryCycles: null, felica: 'unknown', esim: 'present' },
  };
}

async function refuse(): Promise<never> {
  throw new SarachiError('internal', { tag: 'bench-has-no-pipeline' });
}
