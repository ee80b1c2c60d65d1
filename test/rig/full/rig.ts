import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { DemoAndroid } from '../../../src/cli/demo/demo-handset.js';
import type { Standing } from '../../../src/cli/demo/demo-rack.js';
import type { PortView, RackView } from '../../../src/ports/view.js';
import { noFaults } from '../../../src/simulator/android/faults.js';
import type { SimulatedHandset } from '../../../src/simulator/android/handset.js';
import type { HandsetSpec } from '../../../src/simulator/android/handset-spec.js';
import { SimulatedRack } from '../../../src/simulator/rack.js';
import { Guest } from './guest.js';
import { type Opening, openings, powerFile, socketOf } from './layout.js';
import { UsbredirCable } from './usbredir/usbredir-cable.js';

const execute = promisify(execFile);
const LOOK_MS = 500;

export interface RigOptions {
  /** The guest's kernel and the rest, as make-guest.sh leaves them. */
  readonly made: string;
  /** Kept: logs, the virtual disk and what was on it. */
  readonly out: string;
  readonly say: (line: string) => void;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
}

/** Simulated handsets outside, the daemon in a virtual machine inside, a real USB stack between them. */
export class Rig {
  readonly guest: Guest;
  readonly rack: SimulatedRack;
  readonly standing: Standing<SimulatedHandset>[] = [];
  /** When each port got its handset, in milliseconds of the host's clock. */
  readonly pluggedAt = new Map<string, number>();
  /** Ends of the daemon that nobody asked for. */
  readonly deaths: string[] = [];
  readonly out: string;
  /** Sockets and the storage of the handsets; gone at the end. */
  readonly #folder: string;
  readonly #key: string;
  readonly #openings = new Map(openings().map((one) => [one.port, one]));

  private constructor(options: RigOptions, { folder, key }: { folder: string; key: string }) {
    this.out = options.out;
    this.#folder = folder;
    this.#key = key;
    const log = pino({ level: 'debug' }, pino.destination(path.join(options.out, 'handsets.log')));
    this.guest = new Guest({
      made: options.made,
      out: options.out,
      sockets: folder,
      onDeath: (how) => {
        this.deaths.push(how);
        options.say(`the daemon ended: ${how}`);
      },
    });
    const byPath = new Map(openings().map((one) => [one.usbPath, one]));
    this.rack = new SimulatedRack({
      stateDir: folder,
      onTrouble: (error) => log.warn({ code: error.code, err: error }, 'simulator'),
      cable: (handset, usbPath) => {
        const opening = byPath.get(usbPath);
        if (!opening) throw new Error(`no opening at ${usbPath}`);
        const socket = socketOf(folder, opening);
        const { port } = opening;
        return new UsbredirCable(handset, { socket, log: (line) => log.debug({ port }, line) });
      },
    });
  }

  /** Makes disk and sockets and switches the guest on; resolves when its daemon is ready. */
  static async start(options: RigOptions): Promise<Rig> {
    await mkdir(options.out, { recursive: true });
    const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-rig-'));
    const keys = path.join(folder, 'keys');
    await mkdir(path.join(keys, '.android'), { recursive: true });
    // On an emulated processor this would take many seconds.
    await execute('adb', ['keygen', path.join(keys, '.android/adbkey')]);
    const text = await readFile(path.join(keys, '.android/adbkey.pub'), 'utf8');
    const rig = new Rig(options, { folder, key: text.split(' ')[0] ?? '' });
    const cut = () => void rig.guest.cutPower();
    options.signal.addEventListener('abort', cut, { once: true });
    try {
      options.signal.throwIfAborted();
      await rig.guest.makeDisk(keys);
      await rig.guest.boot();
      await rig.guest.startDaemon();
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    } finally {
      options.signal.removeEventListener('abort', cut);
    }
  }

  opening(port: string): Opening {
    const opening = this.#openings.get(port);
    if (!opening) throw new Error(`no port ${port}`);
    return opening;
  }

  /** A handset that is switched on and trusts the daemon's key, without a cable. */
  async make(spec: HandsetSpec, plan?: DemoAndroid): Promise<SimulatedHandset> {
    const faults = { ...noFaults(), ...plan?.faults };
    return this.rack.handset({ authorisedKeys: [this.#key], ...spec }, faults);
  }

  /** Makes the handset of a plan for this port. */
  async prepare(port: string, plan: DemoAndroid): Promise<Standing<SimulatedHandset>> {
    const handset = await this.make({ serial: `RIG${port}`, ...plan.spec }, plan);
    const standing = { port, usbPath: this.opening(port).usbPath, plan, handset };
    this.standing.push(standing);
    return standing;
  }

  plug({ port, usbPath, handset }: Standing<SimulatedHandset>): void {
    this.pluggedAt.set(port, Date.now());
    this.rack.plug(usbPath, handset);
  }

  /** Cuts or gives back the power of the port by the hub's driver, as `uhubctl` does. */
  async power(port: string, on: boolean): Promise<void> {
    await this.guest.writeSysfs(powerFile(this.opening(port)), on ? '0' : '1');
  }

  /** Null while the daemon does not answer. */
  async look(): Promise<RackView | null> {
    try {
      const { status, body } = await this.guest.http('GET', '/api/v1/ports');
      return status === 200 ? (body as RackView) : null;
    } catch {
      return null;
    }
  }

  async port(port: string): Promise<PortView | null> {
    return (await this.look())?.ports.find((one) => one.port === port) ?? null;
  }

  /** Looks until `test` holds for the rack. Rejects after so many seconds. */
  async until(what: string, test: (view: RackView) => boolean, seconds = 300): Promise<RackView> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const view = await this.look();
      if (view && test(view)) return view;
      if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
      await delay(LOOK_MS);
    }
  }

  async stop(): Promise<void> {
    await this.guest.shutDown();
    await this.guest.cutPower();
    await this.rack.close();
    await rm(this.#folder, { recursive: true, force: true });
    await rm(path.join(this.out, 'disk'), { recursive: true, force: true });
  }
}
