import type { Config } from '../config.js';
import type { PortPower } from '../devices/hub/rack-hub.js';
import type { UsbTree } from '../devices/usb/sysfs-tree.js';
import { asSarachiError } from '../errors.js';
import type { HealthCheck } from '../http/rack-api.js';
import type { LedgerEntry, NewEntry } from '../ledger/entry.js';
import type { Log } from '../log.js';
import { diagnose, type Finding } from '../ports/doctor/doctor.js';
import {
  type DoctorHistory,
  forget,
  NO_HISTORY,
  remember,
} from '../ports/doctor/doctor-history.js';
import { powerCycleDue } from '../ports/doctor/power-cycle.js';
import { usbBudget } from '../ports/doctor/usb-budget.js';
import { DOCTOR, workOrder } from '../ports/doctor/work-order.js';
import type { MappedPort } from '../ports/rack-map.js';
import type { PortView, PortWorkOrder } from '../ports/view.js';
import { type Clock, sleep } from '../wait.js';

export interface PortDoctorParts {
  readonly config: Pick<Config, 'doctor' | 'hub'>;
  readonly ports: readonly MappedPort[];
  readonly view: (port: string) => PortView;
  /** Puts a port on hold; what it is for is in the ledger by then. */
  readonly hold: (port: string, workOrder: PortWorkOrder) => void;
  readonly append: (entry: NewEntry) => Promise<LedgerEntry>;
  /** Entries after a seq and not before an ISO time, oldest first. */
  readonly recent: (after: number, at: string) => readonly LedgerEntry[];
  readonly power: PortPower;
  readonly usbTree: () => Promise<UsbTree>;
  readonly clock: Clock;
  readonly log: Log;
}

const EVERY_MS = 5_000;
const BURST_MS = 60_000;
const CYCLE_MS = 60_000;
const TOO_MANY = 3;
const HOUR_MS = 3_600_000;

/** Reads the ledger for trouble, says whose it is, quarantines openings and cycles their power as the policy says. */
export class PortDoctor {
  readonly #parts: PortDoctorParts;
  readonly #ended = new AbortController();
  readonly #cycles = new Map<string, number[]>();
  readonly #cycling = new Set<Promise<void>>();
  #history: DoctorHistory = NO_HISTORY;
  #findings: readonly Finding[] = [];
  #seq = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: PortDoctorParts) {
    this.#parts = parts;
  }

  /** What is found now. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  start(): void {
    this.#running = this.#run(this.#ended.signal);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
    await Promise.all(this.#cycling);
    await this.#parts.power.close();
  }

  /** One look: reads what is new, finds, and does what the policy says. */
  async look(): Promise<void> {
    const { recent, clock, config, ports } = this.#parts;
    const since = clock() - config.doctor.windowHours * HOUR_MS;
    for (const entry of recent(this.#seq, new Date(since).toISOString())) {
      this.#seq = entry.seq;
      this.#history = remember(this.#history, entry);
    }
    this.#history = forget(this.#history, since);
    const controllers = new Map(ports.map(({ port, controller }) => [port, controller]));
    const rules = { after: config.doctor.after, burstMs: BURST_MS, controllers };
    this.#findings = diagnose(this.#history.events, rules);
    for (const found of this.#findings) await this.#quarantine(found);
    this.#cycleWhereDue();
  }

  /** What stands in `/readyz`: information. One bad opening does not keep a rack from working, and no host shows how many
   * endpoints its controllers really have. */
  async health(): Promise<readonly HealthCheck[]> {
    const { config, ports, usbTree } = this.#parts;
    const { endpointsPerController: endpoints, endpointsPerHandset: perHandset } = config.doctor;
    const budgets = usbBudget(ports, await usbTree(), { endpoints, perHandset });
    const said = budgets.flatMap(({ faults }) => faults.map((fault) => fault.said));
    const loads = budgets.map(({ controller, used, limit }) => `${controller} ${used}/${limit}`);
    return [
      {
        name: 'ports',
        ok: true,
        detail: this.#findings.map((found) => workOrder(found).en).join(' ') || 'no trouble',
      },
      {
        name: 'usb-budget',
        ok: true,
        detail: [`endpoints ${loads.join(', ')}`, ...said].join('; '),
      },
    ];
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((error: unknown) =>
        this.#parts.log.error({ err: error }, 'the port doctor could not look'),
      );
      await sleep(EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #quarantine(found: Finding): Promise<void> {
    const { config, view, append, hold, log } = this.#parts;
    const { whose, name: port } = found;
    if (!config.doctor.quarantine || (whose !== 'cable' && whose !== 'port')) return;
    if (view(port).held) return;
    const order = workOrder(found);
    const statement = { quarantine: whose, ja: order.ja, en: order.en };
    // On disk before it has an effect, like a hold by a person; so it also stays after a restart.
    await append({
      type: 'operator-acted',
      run: null,
      port,
      body: { action: 'hold', by: DOCTOR, statement },
    });
    hold(port, { whose, ...order });
    log.warn({ port, whose, class: whose, order: order.en }, 'port is quarantined');
  }

  #cycleWhereDue(): void {
    const { ports, clock } = this.#parts;
    const due = ports.map(({ port }) => port).filter((port) => this.#isDue(port));
    // So many at once are not stuck by themselves: the adb server may be away, and power would mend nothing.
    if (due.length >= TOO_MANY) return;
    for (const port of due) {
      const cycles = this.#cycles.get(port) ?? [];
      this.#cycles.set(port, [...cycles.filter((at) => clock() - at < HOUR_MS), clock()]);
      const cycling = this.#cycle(port).finally(() => this.#cycling.delete(cycling));
      this.#cycling.add(cycling);
    }
  }

  #isDue(port: string): boolean {
    const { config, power, view, clock } = this.#parts;
    const { powerCycle: policy, stuckSeconds, powerCyclesPerHour: perHour } = config.doctor;
    const rules = { policy, stuckMs: stuckSeconds * 1000, perHour };
    const cycles = this.#cycles.get(port) ?? [];
    return power.can(port) && powerCycleDue(view(port), cycles, clock(), rules);
  }

  async #cycle(port: string): Promise<void> {
    const { config, power, view, log, append } = this.#parts;
    const { condition } = view(port);
    const wait = { signal: this.#ended.signal, timeoutMs: CYCLE_MS };
    try {
      const statement = { condition };
      const body = { action: 'power-cycle', by: DOCTOR, statement };
      await append({ type: 'operator-acted', run: null, port, body });
      await power.cycle(port, config.hub.powerOffSeconds * 1000, wait);
      log.warn({ port, cause: condition }, 'power of the opening was cycled');
    } catch (thrown) {
      const error = asSarachiError(thrown);
      log.error(
        { port, code: error.code, class: error.blame, err: error },
        'power of the opening could not be cycled',
      );
    }
  }
}
