import { setTimeout as delay } from 'node:timers/promises';
import { ANDROIDS } from '../../../../src/cli/demo/android-fleet.js';
import type { DemoAndroid } from '../../../../src/cli/demo/demo-handset.js';
import type { UsbPath } from '../../../../src/handset.js';
import type { LedgerEntry } from '../../../../src/ledger/entry.js';
import type { PortView } from '../../../../src/ports/view.js';
import type { AnyHandset } from '../../../../src/simulator/rack.js';
import { pick, seeded } from '../../../support/random.js';
import type { Usage } from '../agent-words.js';
import { HUBS, type Opening, openings } from '../layout.js';
import type { Rig } from '../rig.js';
import type { PlayWith, Scenario } from '../scenario.js';

/** What must be true of the panel so long after the last operation. */
const SETTLE_MS = 5_000;
const LOOK_MS = 250;
const SAMPLE_MS = 20_000;
const MOST_PAUSE_MS = 2_500;
/** Put back at once, the kernel takes the old hub's silence for a slow new one. */
const LEAST_DARK_MS = 1_500;
const MOST_DARK_MS = 4_000;
/** Growth from the second to the last third of the samples that is still called flat; in the first one it warms up. */
const FLAT = { rss: 1.15, handles: 12 } as const;

type Work = 'plug' | 'unplug' | 'hub' | 'power';
/** Plugging is what people do most. */
const WORKS: readonly Work[] = ['plug', 'plug', 'plug', 'plug', 'unplug', 'unplug', 'hub', 'power'];

/** One soak: random hands, and what was found wrong. */
class Soak {
  readonly faults: string[] = [];
  readonly #rig: Rig;
  readonly #random: () => number;
  readonly #free: AnyHandset[];
  readonly #samples: Usage[] = [];
  readonly #counts = new Map<Work, number>();

  constructor(rig: Rig, seed: number) {
    this.#rig = rig;
    this.#random = seeded(seed);
    this.#free = rig.standing.map(({ handset }) => handset);
  }

  async run(minutes: number): Promise<void> {
    const end = Date.now() + minutes * 60_000;
    let sampleAt = Date.now();
    while (Date.now() < end) {
      await this.#work();
      if (Date.now() >= sampleAt) {
        sampleAt = Date.now() + SAMPLE_MS;
        this.#samples.push(await this.#rig.guest.usage());
      }
      await delay(this.#random() * MOST_PAUSE_MS);
    }
    await this.#compare();
    this.#judgeGrowth();
  }

  told(): string {
    const done = [...this.#counts].map(([work, count]) => `${work} ${count}`).join(', ');
    const series = (of: (usage: Usage) => number) => this.#samples.map(of).join(' ');
    const mebibytes = series(({ rssBytes }) => Math.round(rssBytes / 1024 ** 2));
    return `${done}\nMiB of the daemon: ${mebibytes}\nits handles: ${series((usage) => usage.handles)}`;
  }

  async #work(): Promise<void> {
    const work = pick(this.#random, WORKS) ?? 'plug';
    const all = openings();
    const inside = all.filter(({ usbPath }) => this.#rig.rack.at(usbPath));
    const opening = pick(this.#random, inside);
    if (work === 'plug') this.#plug(all.filter((one) => !inside.includes(one)));
    else if (work === 'unplug' && opening) this.#unplug(opening.usbPath);
    else if (work === 'hub') await this.#pullHub(1 + Math.floor(this.#random() * HUBS));
    else if (work === 'power' && opening) await this.#cutPower(opening);
    else return;
    this.#counts.set(work, (this.#counts.get(work) ?? 0) + 1);
  }

  #plug(empty: readonly Opening[]): void {
    const opening = pick(this.#random, empty);
    const handset = this.#free.shift();
    if (opening && handset) this.#rig.rack.plug(opening.usbPath, handset);
  }

  #unplug(usbPath: UsbPath): void {
    const handset = this.#rig.rack.unplug(usbPath);
    if (handset) this.#free.push(handset);
  }

  async #pullHub(hub: number): Promise<void> {
    await this.#rig.guest.pullHub(hub);
    await this.#dark();
    await this.#rig.guest.putHubBack(hub);
  }

  async #cutPower({ port }: Opening): Promise<void> {
    await this.#rig.power(port, false);
    await this.#dark();
    await this.#rig.power(port, true);
  }

  async #dark(): Promise<void> {
    await delay(LEAST_DARK_MS + this.#random() * (MOST_DARK_MS - LEAST_DARK_MS));
  }

  /** Each port must have been seen as it is at some look within the time; handsets go on rebooting meanwhile. */
  async #compare(): Promise<void> {
    const end = Date.now() + SETTLE_MS;
    const wrong = new Map(openings().map((one) => [one.port, 'not seen']));
    while (wrong.size > 0 && Date.now() < end) {
      const view = await this.#rig.look();
      for (const shown of view?.ports ?? []) {
        const fault = this.#faultOf(shown);
        if (fault === null) wrong.delete(shown.port);
        else if (wrong.has(shown.port)) wrong.set(shown.port, fault);
      }
      await delay(LOOK_MS);
    }
    for (const [port, fault] of wrong) this.faults.push(`${port}: ${fault}`);
  }

  #faultOf(shown: PortView): string | null {
    const face = this.#rig.rack.at(this.#rig.opening(shown.port).usbPath)?.face() ?? null;
    const is = face === null ? 'nothing' : 'adb' in face && face.adb ? 'adb' : 'usb';
    const says = shown.condition?.split(':')[0] ?? 'nothing';
    return is === says ? null : `there is ${is}, the panel says ${shown.condition}`;
  }

  #judgeGrowth(): void {
    const third = Math.floor(this.#samples.length / 3);
    if (third === 0) return;
    const middle = (samples: readonly Usage[], of: (usage: Usage) => number) =>
      samples.map(of).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
    const judge = (of: (usage: Usage) => number) => ({
      before: middle(this.#samples.slice(third, -third), of),
      last: middle(this.#samples.slice(-third), of),
    });
    const rss = judge(({ rssBytes }) => rssBytes);
    const handles = judge((usage) => usage.handles);
    if (rss.last > rss.before * FLAT.rss)
      this.faults.push(`memory grew from ${rss.before} to ${rss.last} bytes`);
    if (handles.last > handles.before + FLAT.handles)
      this.faults.push(`handles grew from ${handles.before} to ${handles.last}`);
  }
}

/** Small handsets of every kind, so that runs get to their end between two hands. */
function small(index: number): DemoAndroid {
  const plan = ANDROIDS[index % ANDROIDS.length];
  if (!plan) throw new Error('an empty fleet');
  return { ...plan, spec: { ...plan.spec, storageBytes: 32 * 1024 * 1024 } };
}

/** Runs that neither ended nor are what their port is at. */
function strayRuns(ledger: readonly LedgerEntry[], shown: readonly PortView[]): string[] {
  const settled = new Set(
    ledger.filter(({ type }) => type === 'run-settled').map(({ run }) => run),
  );
  const current = new Set(shown.map(({ run }) => run));
  return ledger
    .filter(({ type, run }) => type === 'run-opened' && !settled.has(run) && !current.has(run))
    .map(({ run, port }) => `${run} is open in the ledger and not what ${port} is at`);
}

export function soakScenario(): Scenario {
  let soak: Soak | null = null;
  let shown: readonly PortView[] = [];
  return {
    name: 'soak',
    about: 'handsets, hubs and port power come and go at random for --minutes, by --seed',
    settles: false,
    plan: small,
    play: async (rig: Rig, { seed, minutes, say }: PlayWith) => {
      soak = new Soak(rig, seed);
      await soak.run(minutes);
      shown = (await rig.look())?.ports ?? [];
      say(`soak of ${minutes} minutes with seed ${seed}: ${soak.told()}`);
    },
    check: (_rig, ledger) => [...(soak?.faults ?? ['it did not run']), ...strayRuns(ledger, shown)],
  };
}
