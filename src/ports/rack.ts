import type { Config } from '../config.js';
import type { Sighting, SightingBoard } from '../devices/sighting.js';
import { SarachiError } from '../errors.js';
import type { JsonObject } from '../evidence.js';
import type { UsbPath } from '../handset.js';
import type { Log } from '../log.js';
import { type Clock, withDeadline } from '../wait.js';
import { PortRunner, type RunControl } from './port-runner.js';
import type { PortEvent } from './port-state.js';
import { type RunFacts, viewOf } from './port-view.js';
import { makeRackMap, type RackMap } from './rack-map.js';
import type { PortAction, PortView, PortWorkOrder, RackView } from './view.js';

/** How often waiting ports look at the clock. */
const TICK_MS = 500;
/** How long effects under way may still take at the end. */
const STOP_MS = 5_000;
/** How long a port blinks after it was asked to. */
const BLINK_MS = 15_000;

export interface RackParts {
  readonly config: Config;
  readonly board: SightingBoard;
  readonly control: RunControl;
  readonly clock: Clock;
  readonly log: Log;
  /** What the pipeline knows of a run, for showing. */
  readonly factsOf: (run: string) => RunFacts | null;
}

/** The runners of all ports, fed by sightings, and their one snapshot. */
export class Rack {
  readonly map: RackMap;
  readonly #parts: RackParts;
  readonly #runners: ReadonlyMap<string, PortRunner>;
  readonly #blinkUntil = new Map<string, number>();
  /** Devices at paths that are no port. */
  readonly #nowhere = new Set<UsbPath>();
  #seq = 1;
  #shown = '';
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(parts: RackParts) {
    this.#parts = parts;
    this.map = makeRackMap(parts.config.rack);
    const { goneGraceSeconds, removedSeconds } = parts.config.timing;
    this.#runners = new Map(
      this.map.ports.map((port) => [
        port.port,
        new PortRunner({
          port,
          control: parts.control,
          rules: { goneGraceMs: goneGraceSeconds * 1000, removedMs: removedSeconds * 1000 },
          clock: parts.clock,
          log: parts.log.child({ port: port.port, usbPath: port.usbPaths[0] }),
          present: () => this.#presentAt(port.usbPaths),
          changed: () => this.#touch(),
        }),
      ]),
    );
  }

  /** Begins to listen. Runs that were open when the daemon stopped are posted before this is called. */
  start(): void {
    const { board, clock } = this.#parts;
    this.#unsubscribe = board.subscribe((change) => {
      if (change.type === 'seen') this.#saw(change.sighting.usbPath, change.sighting);
      else this.#saw(change.usbPath, null);
    });
    for (const sighting of board.list()) this.#saw(sighting.usbPath, sighting);
    this.#timer = setInterval(() => {
      const now = clock();
      for (const runner of this.#runners.values()) runner.post({ type: 'tick', now });
    }, TICK_MS);
  }

  /** What now stands at a usb path; where that is no port, it is said once for each device. */
  #saw(usbPath: UsbPath, sighting: Sighting | null): void {
    const mapped = this.map.portAt(usbPath);
    if (mapped) this.#observe(mapped.port, sighting);
    else if (!sighting) this.#nowhere.delete(usbPath);
    else if (!this.#nowhere.has(usbPath)) {
      this.#nowhere.add(usbPath);
      this.#parts.log.warn({ usbPath }, 'a device is at a usb path that is no port of this rack');
    }
  }

  /** Puts a port on hold: for the port doctor, with its work order, or as it was before the daemon stopped. */
  hold(port: string, workOrder: PortWorkOrder | null = null): void {
    this.#runner(port).hold(true, workOrder);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    // An effect may wait for a Redis that is away; the ledger tells the next start what is left to do.
    const idle = () => Promise.all([...this.#runners.values()].map((runner) => runner.idle()));
    const limit = { signal: new AbortController().signal, timeoutMs: STOP_MS };
    await withDeadline(limit, 'deadline-passed', idle);
  }

  /** Hands an event to a port. Events for unknown ports are a bug of the caller. */
  post(port: string, event: PortEvent): void {
    this.#runner(port).post(event);
  }

  /** Takes a person's action; rejects with not-found or not-possible-now. */
  async act(
    port: string,
    act: { action: PortAction; by: string; statement: JsonObject },
  ): Promise<void> {
    const runner = this.#runner(port);
    const view = this.viewPort(port);
    if (!view.actions.includes(act.action)) {
      throw new SarachiError('not-possible-now', { action: act.action, state: view.state, port });
    }
    const wasHeld = runner.held;
    // A hold is the port's, not its run's; so is a release that ends one.
    const ofRun =
      act.action !== 'hold' && act.action !== 'blink' && !(act.action === 'release' && wasHeld);
    // What a person did is on disk before it has an effect.
    await this.#parts.control.acted(ofRun ? view.run : null, port, act);
    const now = this.viewPort(port);
    const asksAgain = act.action === 'retry' || act.action === 'confirm';
    // What was asked for may have been overtaken while the disk wrote: nothing begins that nobody looked at.
    if (asksAgain && (now.run !== view.run || !now.actions.includes(act.action))) {
      throw new SarachiError('not-possible-now', { action: act.action, state: now.state, port });
    }
    switch (act.action) {
      case 'blink':
        this.#blinkUntil.set(port, this.#parts.clock() + BLINK_MS);
        break;
      case 'hold':
        runner.hold(true);
        break;
      case 'release':
        if (wasHeld) runner.hold(false);
        else this.#end(runner);
        break;
      case 'abort':
        this.#end(runner);
        break;
      case 'retry':
      case 'confirm':
        runner.post({ type: 'command', action: act.action, now: this.#parts.clock() });
        break;
    }
    this.#touch();
  }

  /** The run is over on disk by now, whatever its port has come to meanwhile. */
  #end(runner: PortRunner): void {
    runner.post({ type: 'command', action: 'abort', now: this.#parts.clock() });
  }

  viewPort(port: string): PortView {
    const runner = this.#runner(port);
    const { clock, config, factsOf } = this.#parts;
    const { state } = runner;
    const now = clock();
    return viewOf({
      port: runner.port,
      state,
      held: runner.held,
      workOrder: runner.workOrder,
      condition: this.#presentAt(runner.port.usbPaths)?.condition ?? null,
      since: runner.since,
      trouble: runner.trouble,
      blinking: (this.#blinkUntil.get(port) ?? 0) > now,
      facts: 'run' in state ? factsOf(state.run) : null,
      now,
      settleMs: config.timing.settleSeconds * 1000,
    });
  }

  /** All ports at one moment. `seq` grows exactly when anything in it differs from what was shown before. */
  view(): RackView {
    const ports = this.map.ports.map(({ port }) => this.viewPort(port));
    const shown = JSON.stringify(ports);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#seq += 1;
    }
    const { config, clock } = this.#parts;
    return {
      rack: config.rack.id,
      seq: this.#seq,
      serverTime: new Date(clock()).toISOString(),
      staleAfter: config.timing.staleAfterSeconds,
      ports,
    };
  }

  /** Calls `listener` after each change of a port; returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly #listeners = new Set<() => void>();

  #touch(): void {
    for (const listener of this.#listeners) listener();
  }

  #runner(port: string): PortRunner {
    const runner = this.#runners.get(port);
    if (!runner) throw new SarachiError('not-found', { port });
    return runner;
  }

  /** A USB 3 opening has two paths; what stands in the port is whichever of them is there. */
  #presentAt(usbPaths: readonly string[]): Sighting | null {
    for (const path of usbPaths) {
      const sighting = this.#parts.board.at(path);
      if (sighting) return sighting;
    }
    return null;
  }

  #observe(port: string, sighting: Sighting | null): void {
    const now = this.#parts.clock();
    const runner = this.#runner(port);
    // The other half of the same opening may hold the handset when this half says gone.
    const present = sighting ?? this.#presentAt(runner.port.usbPaths);
    if (present)
      runner.post({ type: 'seen', handset: present.handset, condition: present.condition, now });
    else runner.post({ type: 'gone', now });
    this.#touch();
  }
}
