import { setMaxListeners } from 'node:events';
import t, { type Test } from 'tap';
import { CarrierBroker } from '../../src/carrier-check/broker/carrier-broker.js';
import type { CarrierPace } from '../../src/carrier-check/broker/pace.js';
import type { Carrier } from '../../src/carrier-check/marks.js';
import {
  RestrictionWatch,
  type WatchSettings,
} from '../../src/carrier-check/watch/restriction-watch.js';
import { webSource } from '../../src/carrier-check/web/web-source.js';
import { startSimulatedCarriers } from '../../src/simulator/carriers/simulated-carriers.js';
import { connect, imeiOf, ownRedis, paceOf, silent, until } from './helpers/broker-world.js';
import { DAY_MS, DeskWorld } from './helpers/desk-world.js';
import { enabledRules } from './helpers/rules.js';

const { socket } = await ownRedis(t);
let shops = 0;

const SETTINGS: WatchSettings = {
  tick: '17 * * * *',
  schedule: [
    { untilDays: 30, everyDays: 7 },
    { untilDays: 180, everyDays: 30 },
  ],
  ...{ stopAfterDays: 365, perTick: 50, dayShare: 1, retryHours: 24, lanes: ['release'] },
};

interface Shop {
  readonly world: DeskWorld;
  readonly carriers: Awaited<ReturnType<typeof startSimulatedCarriers>>;
  readonly broker: CarrierBroker;
  /** A watch as one life of the daemon has it. */
  watch(settings?: Partial<WatchSettings>): RestrictionWatch;
  /** The IMEIs that a carrier was asked about, in this order. */
  asked(carrier: Carrier): string[];
}

/** A rack's ledger, real brokers on a real Redis, and simulated carriers; time is what the test says it is. */
async function openShop(t: Test, names: readonly Carrier[], pace: Partial<CarrierPace> = {}) {
  shops += 1;
  const world = await DeskWorld.open(t);
  const carriers = await startSimulatedCarriers({ table: {} });
  t.teardown(() => carriers.close());
  const redis = connect(socket);
  const clock = () => world.now;
  const rules = enabledRules(carriers.urls);
  const broker = new CarrierBroker({
    ...{ connection: redis, clock, random: () => 0, log: silent, prefix: `watch-${shops}` },
    lines: names.map((name) => ({
      source: webSource(name, rules, { clock, log: silent }),
      pace: paceOf({ spacingMs: 1, ...pace }),
    })),
  });
  await broker.start();
  t.teardown(async () => {
    await broker.stop();
    redis.disconnect();
  });
  const shop: Shop = {
    ...{ world, carriers, broker },
    watch: (settings = {}) => {
      const watch = new RestrictionWatch({
        settings: { ...SETTINGS, ...settings },
        stock: (query) => world.book.index.restrictions.stock(query),
        ...{ broker, clock, log: world.log },
        desk: { note: (answer, why) => world.desk.note(answer, why) },
      });
      t.teardown(() => watch.stop());
      return watch;
    },
    asked: (carrier) =>
      carriers.log().flatMap((line) => (line.carrier === carrier ? (line.imei ?? []) : [])),
  };
  return shop;
}

/** What the stage does when the handset is in the rack. */
async function checkAtTheRack({ world, broker }: Shop, run: string, imei: string) {
  const signal = new AbortController().signal;
  setMaxListeners(0, signal);
  for (const { carrier } of await broker.state()) {
    const question = { carrier, imei, maxAgeMs: 0 };
    await world.note(await broker.ask(question, { signal, timeoutMs: 20_000 }), run);
  }
  await world.settle(run, [imei]);
}

t.test(
  'a handset that turns from ○ to × after its release is found within its schedule',
  async (t) => {
    const shop = await openShop(t, ['docomo', 'softbank']);
    const { world, carriers } = shop;
    const [sold, other] = [imeiOf(11), imeiOf(12)];
    for (const imei of [sold, other]) carriers.set(imei, 'docomo', 'circle');
    await checkAtTheRack(shop, 'run-a', sold);
    await checkAtTheRack(shop, 'run-b', other);
    const watch = shop.watch();
    const released = world.now;
    let turned = 0;
    let found = 0;
    for (let hour = 0; hour < 24 * 60 && found === 0; hour += 6) {
      world.now = released + hour * 60 * 60 * 1000;
      if (hour === 24 * 17) {
        carriers.set(sold, 'docomo', 'cross');
        turned = world.now;
      }
      await watch.look();
      found = world.told.length > 0 ? world.now : 0;
    }
    t.ok(turned > 0 && found - turned <= 7 * DAY_MS, `${(found - turned) / DAY_MS} days later`);
    const certificate = world.book.index.restrictions.runsOf(sold, 1)[0]?.certificate;
    t.match(world.told, [
      {
        ...{ carrier: 'docomo', imei: sold, from: 'circle', to: 'cross' },
        ...{ runs: ['run-a'], certificates: [{ run: 'run-a', sha256: certificate }] },
      },
    ]);
    t.match(await world.entries('restriction-changed'), [
      { body: { imei: sold, runs: ['run-a'] } },
    ]);
    t.equal(shop.asked('docomo').filter((imei) => imei === sold).length, 4, 'days 0, 7, 14 and 21');

    const before = shop.asked('docomo').length;
    for (let day = 22; day < 380; day += 1) {
      world.now = released + day * DAY_MS;
      await watch.look();
    }
    const later = shop.asked('docomo').slice(before);
    t.same([...new Set(later)], [other], 'a cross is final');
    // Days 28, 35, then every 30 until 335, and no more after 365.
    t.equal(later.length, 2 + 11);
    t.equal(shop.asked('softbank').filter((imei) => imei === sold).length, 4 + 2 + 11);
  },
);

t.test(
  'a daemon that was down over several due times catches up once, in its quotas',
  async (t) => {
    const shop = await openShop(t, ['docomo', 'mineo']);
    const { world } = shop;
    const imeis = [21, 22, 23, 24, 25].map(imeiOf);
    for (const [n, imei] of imeis.entries()) {
      world.now += 60_000;
      await checkAtTheRack(shop, `run-${n}`, imei);
    }
    const before = shop.asked('docomo').length;
    await world.restart();
    world.now += 40 * DAY_MS;
    const watch = shop.watch({ perTick: 2 });
    const looks: number[] = [];
    for (let look = 0; look < 4; look += 1) {
      const { asked, left } = await watch.look();
      looks.push(asked, left);
      t.ok(shop.asked('docomo').length - before <= 2 * (look + 1), 'never more than its share');
      world.now += 60 * 60 * 1000;
    }
    t.same(looks, [4, 6, 4, 2, 2, 0, 0, 0]);
    t.same(shop.asked('docomo').slice(before), imeis, 'each once, the longest due first');
    t.same(shop.asked('mineo').slice(before), imeis);
  },
);

t.test('trouble at a carrier changes nothing and is not asked about again at once', async (t) => {
  const shop = await openShop(t, ['docomo'], {
    breaker: { failures: 99, coolDownMs: 1, longestCoolDownMs: 1 },
    troubleTtlMs: 1000,
  });
  const { world, carriers } = shop;
  const imei = imeiOf(31);
  carriers.set(imei, 'docomo', 'circle');
  await checkAtTheRack(shop, 'run-1', imei);
  const watch = shop.watch();
  world.now += 7 * DAY_MS;
  carriers.mode('docomo', '503');
  t.match(await watch.look(), { asked: 1 });
  world.now += 60 * 60 * 1000;
  t.match(await watch.look(), { asked: 0, left: 0 });
  t.same(world.told, []);
  const [docomo] = world.desk.historyOf(imei).carriers;
  t.match(docomo?.newest, { answer: { mark: 'circle' } });
  t.match(docomo?.answers, [
    { answer: { mark: 'unknown', outcome: /http-error|maintenance/ } },
    {},
  ]);
  world.now += DAY_MS;
  carriers.mode('docomo', 'normal');
  t.match(await watch.look(), { asked: 1 });
  t.same(world.told, [], 'it was a circle all the time');

  world.now += 7 * DAY_MS;
  carriers.mode('docomo', 'captcha');
  await watch.look();
  const [view] = await shop.broker.state();
  t.equal(view?.breaker.state, 'parked');
  const before = carriers.log().length;
  world.now += 2 * DAY_MS;
  t.match(await watch.look(), { asked: 0, left: 1 });
  t.equal(carriers.log().length, before, 'a parked carrier is left alone');
  t.same(world.told, []);
});

t.test('it looks at its start and at every tick, and ends promptly', async (t) => {
  const shop = await openShop(t, ['docomo']);
  const { world, carriers, broker } = shop;
  const imei = imeiOf(41);
  carriers.set(imei, 'docomo', 'circle');
  await checkAtTheRack(shop, 'run-1', imei);
  world.now += 8 * DAY_MS;
  carriers.set(imei, 'docomo', 'triangle');
  const watch = shop.watch({ tick: '* * * * * *' });
  watch.start();
  await until('the look at the start has found it', () => world.told.length === 1);
  carriers.set(imei, 'docomo', 'cross');
  world.now += 8 * DAY_MS;
  await until('a tick has found it', () => world.told.length === 2);
  t.match(world.told, [{ to: 'triangle' }, { from: 'triangle', to: 'cross' }]);

  const second = imeiOf(42);
  await world.settle('run-2', [second]);
  carriers.mode('docomo', 'slow');
  await until('it asks', async () => ((await broker.state())[0]?.active ?? 0) > 0);
  const begun = performance.now();
  await watch.stop();
  t.ok(performance.now() - begun < 1000, `${performance.now() - begun} ms`);
  const errors = world.lines.filter((line) => JSON.parse(line).level === 'error');
  t.same(errors, []);
  await carriers.close();
});
