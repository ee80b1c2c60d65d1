import { cleanPhone, OTHER_PIXEL } from '../chip/phones.js';
import { BENCH_CONDITION, FelicaHandset } from '../felica-handset.js';
import { FelicaIphone } from '../felica-iphone.js';
import { PlasticCard } from '../plastic-card.js';
import type { SimulatedReader } from '../reader/simulated-reader.js';
import type { FelicaScenario, ScenarioEvent } from './scenario.js';

type Thing = FelicaHandset | FelicaIphone | PlasticCard;

function thingOf(scenario: FelicaScenario): Thing {
  const { name, what, before } = scenario;
  if (what === 'card') return new PlasticCard(name, before);
  if (what === 'iphone') return new FelicaIphone(name, before, { express: true });
  return new FelicaHandset(name, before);
}

/** Plays one scenario on a reader that it has for itself. Faults of the reader's air go on beside it. */
export class StagedScenario {
  readonly thing: Thing;
  readonly #scenario: FelicaScenario;
  readonly #reader: SimulatedReader;
  #unwatch: () => void = () => undefined;

  constructor(scenario: FelicaScenario, reader: SimulatedReader) {
    this.#scenario = scenario;
    this.#reader = reader;
    this.thing = thingOf(scenario);
  }

  /** Everything as at the survey before the clear. */
  before(): void {
    this.end();
    this.thing.chip.state = this.#scenario.before;
    if (this.thing instanceof FelicaHandset) this.thing.set(BENCH_CONDITION);
    this.#reader.put(this.thing);
  }

  /** Everything as at the survey after the clear; what happens during it counts from here. */
  after(): void {
    const { after, condition, expressAfter, beside, event } = this.#scenario;
    this.end();
    this.thing.chip.state = after;
    if (this.thing instanceof FelicaHandset) this.thing.set({ ...BENCH_CONDITION, ...condition });
    if (this.thing instanceof FelicaIphone) this.thing.erase(expressAfter);
    this.#reader.put(this.thing);
    if (beside) this.#reader.put(new FelicaHandset('beside', beside));
    if (event) this.#await(event);
  }

  /** The desk is empty, the reader plugged in. */
  end(): void {
    this.#unwatch();
    for (const target of this.#reader.targets) this.#reader.take(target);
    this.#reader.plug();
  }

  #await(event: ScenarioEvent): void {
    const { faults } = this.#reader;
    const beneath = faults.onAir;
    const at = this.#reader.exchanges + event.exchange;
    const watched = (exchange: number) => {
      if (exchange === at) this.#play(event);
      return beneath(exchange);
    };
    faults.onAir = watched;
    this.#unwatch = () => {
      if (faults.onAir === watched) faults.onAir = beneath;
    };
  }

  #play({ does }: ScenarioEvent): void {
    if (does === 'reader-unplugged') {
      this.#reader.unplug();
      return;
    }
    this.#reader.take(this.thing);
    if (does === 'swapped-for-other')
      this.#reader.put(new FelicaHandset('other', cleanPhone('mobile-4.1', OTHER_PIXEL)));
  }
}
