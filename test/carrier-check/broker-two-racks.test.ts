import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { CarrierBroker } from '../../src/carrier-check/broker/carrier-broker.js';
import type { CarrierPace } from '../../src/carrier-check/broker/pace.js';
import {
  connect,
  imeiOf,
  markOf,
  ownRedis,
  paceOf,
  silent,
  until,
} from './helpers/broker-world.js';
import { PartnerCarrier } from './helpers/partner-carrier.js';
import type { FromRack, RackOrders } from './helpers/rack-child.js';

const LOCK_MS = 3_000;
const CANARY = imeiOf(999_999);
const PACE: CarrierPace = paceOf({
  ...{ spacingMs: 20, jitterMs: 10, requestMs: 2_500 },
  canary: { imeis: [{ imei: CANARY, mark: markOf(CANARY) }], every: 60 },
});

class RackProcess {
  readonly answers: Extract<FromRack, { type: 'answered' }>[] = [];
  readonly complaints: string[] = [];
  readonly child: ChildProcess;

  constructor(orders: RackOrders) {
    const here = import.meta.dirname;
    const file = path.join(here, 'helpers', `rack-child${path.extname(import.meta.filename)}`);
    this.child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child.on('message', (message: FromRack) => {
      if (message.type === 'answered') this.answers.push(message);
      else this.complaints.push(message.message);
    });
    this.child.send(orders);
  }

  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

t.test('two racks keep one pace, and a killed one loses nothing', async (t) => {
  const redis = await ownRedis(t);
  const carrier = new PartnerCarrier();
  const url = await carrier.listen();
  t.teardown(() => carrier.close());
  const rack = (name: string, imeis: readonly string[]) => {
    const orders = { name, socket: redis.socket, url, pace: PACE, lockMs: LOCK_MS, imeis };
    const started = new RackProcess(orders);
    t.teardown(() => started.kill());
    return started;
  };
  // Twenty handsets are asked about by both.
  const first = Array.from({ length: 130 }, (_, n) => imeiOf(n));
  const second = Array.from({ length: 130 }, (_, n) => imeiOf(110 + n));
  const all = [...new Set([...first, ...second])];
  t.ok(all.length >= 200);

  // The first real question of rack A behind the eightieth look-up gets no answer: A dies over it.
  let swallowed = '';
  carrier.swallow = ({ imei, rack }) => {
    if (swallowed || carrier.log.length < 80 || rack !== 'A' || imei === CANARY) return false;
    swallowed = imei;
    return true;
  };
  const a = rack('A', first);
  const b = rack('B', second);
  await until('A is in the middle of a request', () => swallowed !== '', 30_000);
  await a.kill();
  const before = carrier.log.length;
  const restarted = rack('A', first);
  await until(
    'everybody has every answer',
    () => restarted.answers.length >= first.length && b.answers.length >= second.length,
    50_000,
  );

  await t.test('the pace, by the log of the carrier', async (t) => {
    const gaps = carrier.log
      .slice(1)
      .map(({ at }, place) => at - (carrier.log[place]?.at ?? Number.NaN));
    t.ok(carrier.log.length >= 200, `${carrier.log.length} look-ups`);
    t.ok(
      gaps.every((gap) => gap >= PACE.spacingMs),
      `shortest gap ${Math.min(...gaps)} ms`,
    );
    t.equal(carrier.mostAtOnce, 1, 'one request at a time');
    t.same([...new Set(carrier.log.map(({ rack }) => rack))].sort(), ['A', 'B']);
  });

  await t.test('nothing was lost, and nothing answered twice', async (t) => {
    t.same([...b.complaints, ...restarted.complaints], []);
    for (const [imeis, { answers }] of [
      [first, restarted],
      [second, b],
    ] as const) {
      t.same(answers.map(({ imei }) => imei).sort(), [...imeis].sort());
      t.ok(answers.every(({ imei, mark }) => mark === markOf(imei)));
    }
    const early = new Set(a.answers.map(({ imei }) => imei));
    t.ok(early.size > 0 && early.size === a.answers.length);
    const kept = restarted.answers.filter(({ cached }) => cached).map(({ imei }) => imei);
    t.ok([...early].every((imei) => kept.includes(imei)));
  });

  await t.test('asked once, but for the one whose worker died', async (t) => {
    const asked = carrier.log.filter(({ imei }) => imei !== CANARY).map(({ imei }) => imei);
    t.same([...asked].sort(), [...all, swallowed].sort());
    const [once, again] = carrier.log.filter(({ imei }) => imei === swallowed);
    t.ok((again?.at ?? 0) - (once?.at ?? 0) > LOCK_MS / 2, 'only when its lock had run out');
    t.equal(carrier.log[before]?.imei, swallowed, 'and before any other');
  });

  await t.test('the books agree, and later questions cost nothing', async (t) => {
    const connection = connect(redis.socket);
    const lookUp = async () => t.fail('asked') as never;
    const late = new CarrierBroker({
      lines: [{ source: { carrier: 'docomo', source: 'api', lookUp }, pace: PACE }],
      ...{ connection, clock: Date.now, random: Math.random, log: silent },
    });
    await late.start();
    const options = { signal: AbortSignal.timeout(20_000), timeoutMs: 20_000 };
    const ask = { carrier: 'docomo', maxAgeMs: PACE.ttlMs } as const;
    const given = await Promise.all(
      all.slice(0, 9).map((imei) => late.ask({ ...ask, imei }, options)),
    );
    t.ok(given.every(({ cached }) => cached));
    const [state] = await late.state();
    t.match(state, {
      waiting: 0,
      active: 0,
      askedAgain: 1,
      rate: { usedToday: carrier.log.length },
    });
    t.match(state, { canary: { last: { right: true } }, breaker: { state: 'closed' } });
    await late.stop();
    connection.disconnect();
  });
});
