import type { Sighting } from '../devices/sighting.js';
import { asSarachiError, type ErrorCode } from '../errors.js';
import type { JsonObject, Stage } from '../evidence.js';
import type { HandsetKey } from '../handset.js';
import type { Lane, Verdict } from '../ledger/entry.js';
import type { Log } from '../log.js';
import type { Clock } from '../wait.js';
import { next } from './port-machine.js';
import type { PortEffect, PortEvent, PortRules, PortState, VoidReason } from './port-state.js';
import type { MappedPort } from './rack-map.js';
import type { PortWorkOrder } from './view.js';

/** What a port asks of the pipeline; the composition root hands it in, so that neither imports the other. */
export interface RunControl {
  /** Writes a new run to the ledger and returns its id. */
  open(port: MappedPort, usbPath: string, handset: HandsetKey | null): Promise<string>;
  enqueue(job: { run: string; port: string; stage: Stage; fence: number }): Promise<void>;
  /** The job's outcome event still comes; this only makes it come soon. */
  abort(
    job: { run: string; port: string; stage: Stage; fence: number },
    reason: VoidReason,
  ): Promise<void>;
  settle(run: string, voided: VoidReason | null): Promise<{ verdict: Verdict; lane: Lane }>;
  /** Writes to the ledger what a person did. */
  acted(
    run: string | null,
    port: string,
    act: { action: string; by: string; statement: JsonObject },
  ): Promise<void>;
}

export interface RunnerParts {
  readonly port: MappedPort;
  readonly control: RunControl;
  readonly rules: Omit<PortRules, 'held'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What stands in this opening now. */
  readonly present: () => Sighting | null;
  readonly changed: () => void;
}

/** The shell around one port machine: world in as events, effects out, one after the other. */
export class PortRunner {
  readonly port: MappedPort;
  readonly #parts: RunnerParts;
  #state: PortState = { at: 'empty' };
  #since: number;
  #held = false;
  #workOrder: PortWorkOrder | null = null;
  #trouble: ErrorCode | null = null;
  #effects: Promise<void> = Promise.resolve();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.port = parts.port;
    this.#since = parts.clock();
  }

  get state(): PortState {
    return this.#state;
  }

  get held(): boolean {
    return this.#held;
  }

  /** What has to be mended before the hold may end; null where a person holds the port for reasons of their own. */
  get workOrder(): PortWorkOrder | null {
    return this.#workOrder;
  }

  /** When the present state was entered, milliseconds since the epoch. */
  get since(): number {
    return this.#since;
  }

  /** The last effect that failed in the present state. */
  get trouble(): ErrorCode | null {
    return this.#trouble;
  }

  hold(held: boolean, workOrder: PortWorkOrder | null = null): void {
    this.#held = held;
    this.#workOrder = held ? workOrder : null;
    this.#parts.changed();
    if (!held && this.#state.at === 'unready') this.#meet();
  }

  /** Takes one event: the state changes at once, the effects follow in order. */
  post(event: PortEvent): void {
    const before = this.#state;
    const { state, effects } = next(before, event, { ...this.#parts.rules, held: this.#held });
    const moved = state.at !== before.at || stageOf(state) !== stageOf(before);
    this.#state = state;
    if (moved) {
      const { clock, log } = this.#parts;
      const durMs = clock() - this.#since;
      this.#since = clock();
      this.#trouble = null;
      log.info(
        { from: before.at, to: state.at, cause: causeOf(event), durMs, ...factsOf(state) },
        'port transition',
      );
    }
    for (const effect of effects) this.#effects = this.#effects.then(() => this.#carryOut(effect));
    if (JSON.stringify(state) !== JSON.stringify(before)) this.#parts.changed();
    if (moved && (state.at === 'empty' || (state.at === 'settled' && event.type === 'settled')))
      this.#meet();
  }

  /** Waits until every effect asked for so far was carried out. */
  async idle(): Promise<void> {
    await this.#effects;
  }

  /** A device may have come while the port was busy with another one. */
  #meet(): void {
    const sighting = this.#parts.present();
    if (!sighting) return;
    const { handset, condition } = sighting;
    this.post({ type: 'seen', handset, condition, now: this.#parts.clock() });
  }

  async #carryOut(effect: PortEffect): Promise<void> {
    const { control, clock, log, port } = this.#parts;
    try {
      switch (effect.do) {
        case 'open-run': {
          const usbPath = this.#parts.present()?.usbPath ?? port.usbPaths[0] ?? '';
          const run = await control.open(port, usbPath, effect.handset);
          this.post({ type: 'opened', run, now: clock() });
          return;
        }
        case 'enqueue':
          await control.enqueue({
            run: effect.run,
            port: port.port,
            stage: effect.stage,
            fence: effect.fence,
          });
          return;
        case 'abort-job':
          await control.abort(
            { run: effect.run, port: port.port, stage: effect.stage, fence: effect.fence },
            effect.reason,
          );
          return;
        case 'settle-run': {
          const { verdict, lane } = await control.settle(effect.run, effect.voided);
          this.post({ type: 'settled', run: effect.run, verdict, lane, now: clock() });
          return;
        }
      }
    } catch (thrown) {
      const error = asSarachiError(thrown);
      log.error(
        { effect: effect.do, code: error.code, class: error.blame, err: error },
        'port effect failed',
      );
      this.post({ type: 'effect-failed', effect: effect.do, code: error.code, now: clock() });
      this.#trouble = error.code;
      this.#parts.changed();
    }
  }
}

function stageOf(state: PortState): Stage | null {
  return 'stage' in state ? state.stage : null;
}

function causeOf(event: PortEvent): string {
  switch (event.type) {
    case 'seen':
      return `seen ${event.condition}`;
    case 'outcome':
      return `outcome ${event.next.do}`;
    case 'command':
      return `command ${event.action}`;
    case 'effect-failed':
      return `effect-failed ${event.code}`;
    case 'gone':
    case 'tick':
    case 'opened':
    case 'recovered':
    case 'standing':
    case 'settled':
      return event.type;
  }
}

function factsOf(state: PortState): object {
  return {
    ...('handset' in state && state.handset ? { handset: state.handset } : {}),
    ...('run' in state ? { run: state.run } : {}),
    ...('stage' in state ? { stage: state.stage, attempt: state.fence } : {}),
    ...(state.at === 'attention' ? { attention: state.code } : {}),
    ...(state.at === 'settled' ? { verdict: state.verdict, lane: state.lane } : {}),
    ...('voided' in state && state.voided ? { voided: state.voided } : {}),
  };
}
