import { mkdtemp, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { demoConfig } from '../../src/cli/demo/demo-config.js';
import {
  type DemoAndroid,
  type DemoHandset,
  type DemoIphone,
  PASSED,
} from '../../src/cli/demo/demo-handset.js';
import { DemoRack, type Standing } from '../../src/cli/demo/demo-rack.js';
import { act } from '../../src/cli/demo/person.js';
import type { Config } from '../../src/config.js';
import type { LedgerEntry } from '../../src/ledger/entry.js';
import type { PortView, RackView } from '../../src/ports/view.js';
import { SimulatedHandset } from '../../src/simulator/android/handset.js';
import type { SimulatedIphone } from '../../src/simulator/apple/iphone.js';

export type Story = Pick<DemoAndroid, 'spec'> &
  Partial<Pick<DemoAndroid, 'faults' | 'personDoes' | 'felica'>>;
export type IphoneStory = Pick<DemoIphone, 'iphone'> &
  Partial<Pick<DemoIphone, 'faults' | 'personDoes' | 'trusted'>>;

/** Storage that takes seconds to fill, so that something can happen meanwhile. */
export const SLOW_TO_FILL = {
  profile: 'google-pixel-7',
  condition: 'in-use',
  storageBytes: 768 * 1024 * 1024,
  plantedShare: 0.02,
} as const;

const PLAN: Pick<DemoHandset, 'story' | 'personDoes' | 'expected'> = {
  story: '',
  personDoes: [],
  expected: PASSED,
};
const SMALL_IPHONE = { storageBytes: 24 * 1024 * 1024, plantedShare: 0.3 } as const;

interface Test {
  teardown(fn: () => Promise<void>): void;
}

export interface WorldOptions {
  /** Changes to the demo's configuration, by section. */
  /** Prepares the state folder. */
  readonly beforeStart?: (state: string) => Promise<void>;
  readonly config?: { readonly [Section in keyof Config]?: Partial<Config[Section]> };
}

/** A simulated rack with the real daemon in its own process, its own Redis and its own adb server. */
export class World {
  readonly demo: DemoRack;
  readonly state: string;
  readonly config: Config;
  readonly #people = new Map<string, readonly string[]>();
  readonly #standing: Standing[] = [];
  readonly said: string[] = [];

  private constructor(state: string, config: Config) {
    this.state = state;
    this.config = config;
    const log = pino({ level: 'debug' }, pino.destination(path.join(state, 'simulator.log')));
    this.demo = new DemoRack({ state, config, log, say: (line) => this.said.push(line) });
  }

  static async start(test: Test, options: WorldOptions = {}): Promise<World> {
    const state = await mkdtemp(path.join(tmpdir(), 'sarachi-world-'));
    const base = demoConfig({ state, httpPort: 0 });
    // Simulated handsets show their true condition at once.
    const config = { ...options.config, timing: { settleSeconds: 0.3, ...options.config?.timing } };
    const sections = Object.entries(config).map(([section, change]) => [
      section,
      { ...(base[section as keyof Config] as object), ...(change as object) },
    ]);
    const world = new World(state, { ...base, ...Object.fromEntries(sections) });
    test.teardown(async () => {
      await world.demo.stop();
      if (process.env['SARACHI_KEEP']) return;
      await rm(state, { recursive: true, force: true });
    });
    await options.beforeStart?.(state);
    await world.demo.start();
    return world;
  }

  usbPath(port: string): string {
    return this.config.rack.ports[port]?.usb[0] ?? '';
  }

  async plug(port: string, story: Story): Promise<Standing<SimulatedHandset>> {
    return this.#stands(await this.demo.plugIn(port, this.usbPath(port), { ...PLAN, ...story }));
  }

  /** As `plug`; one that is `trusted` was made to trust this rack before. */
  async plugIphone(port: string, story: IphoneStory): Promise<Standing<SimulatedIphone>> {
    const iphone = { ...SMALL_IPHONE, ...story.iphone };
    const plan = { ...PLAN, ...story, iphone };
    return this.#stands(await this.demo.plugIn(port, this.usbPath(port), plan));
  }

  async get<T>(route: string): Promise<T> {
    return (await (await this.fetch(route)).json()) as T;
  }

  fetch(route: string): Promise<Response> {
    return fetch(`${this.#url()}${route}`);
  }

  async act(port: string, action: string, statement: object = {}): Promise<number> {
    const answer = await fetch(`${this.#url()}/api/v1/ports/${port}/actions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action, by: 'test', statement }),
    });
    return answer.status;
  }

  /** Looks at the port, as a panel does, until `test` holds; the person acts meanwhile. */
  async until(port: string, test: (view: PortView) => boolean, seconds = 60): Promise<PortView> {
    const deadline = Date.now() + seconds * 1000;
    let last: PortView | undefined;
    while (Date.now() < deadline) {
      const view = await this.#look();
      last = view?.ports.find((one) => one.port === port);
      if (last && test(last)) return last;
      await delay(100);
    }
    throw new Error(
      `${port} not within ${seconds} s; last seen: ${JSON.stringify(last)}\n${await this.logTail()}`,
    );
  }

  /** When the overwrite of the handset at this port has written so much, seen from inside the handset. */
  async filled(port: string, bytes: number): Promise<PortView> {
    const view = await this.until(port, ({ stage }) => stage === 'overwrite-erase');
    const handset = this.#standing.find((one) => one.port === port)?.handset;
    if (!(handset instanceof SimulatedHandset)) throw new Error(`${port}: no Android handset`);
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const { blocks, bfree, bsize } = await statfs(handset.hostPath('/data'));
      if ((blocks - bfree) * bsize > bytes) return view;
      await delay(5);
    }
    throw new Error(`${port}: the overwrite did not get to ${bytes} bytes`);
  }

  /** The port when its run has a verdict. */
  settled(port: string, seconds = 60): Promise<PortView> {
    return this.until(port, ({ state }) => state === 'settled', seconds);
  }

  /** The port when nothing more happens by itself. */
  atRest(port: string, seconds = 60): Promise<PortView> {
    const does = this.#people.get(port) ?? [];
    return this.until(
      port,
      ({ state, attention }) =>
        state === 'settled' ||
        (state !== 'empty' && attention !== null && !does.includes(attention.code)),
      seconds,
    );
  }

  async ledger(): Promise<LedgerEntry[]> {
    const folder = path.join(this.state, 'ledger');
    const segments = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    const texts = await Promise.all(
      segments.map((name) => readFile(path.join(folder, name), 'utf8')),
    );
    return texts
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => JSON.parse(line) as LedgerEntry);
  }

  /** The ends of what the daemon and the simulated handsets logged. */
  async logTail(lines = 15): Promise<string> {
    const logs = ['daemon.log', 'simulator.log'].map(async (name) => {
      const text = await readFile(path.join(this.state, name), 'utf8').catch(() => '');
      return text
        .trim()
        .split('\n')
        .slice(-lines)
        .map((line) => line.slice(0, 400));
    });
    return (await Promise.all(logs)).flat().join('\n');
  }

  async #look(): Promise<RackView | null> {
    const view = await this.get<RackView>('/api/v1/ports').catch(() => null);
    for (const one of this.#standing) {
      const code = view?.ports.find(({ port }) => port === one.port)?.attention?.code;
      if (code && one.plan.personDoes.includes(code)) act(one, code);
    }
    return view;
  }

  #stands<S extends Standing>(standing: S): S {
    this.#people.set(standing.port, standing.plan.personDoes);
    this.#standing.push(standing);
    return standing;
  }

  #url(): string {
    const { up } = this.demo;
    if (!up) throw new Error('the daemon is not up');
    return up.url;
  }
}
