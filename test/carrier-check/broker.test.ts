import t from 'tap';
import { CarrierBroker } from '../../src/carrier-check/broker/carrier-broker.js';
import { untilNextDay } from '../../src/carrier-check/broker/pace.js';
import { startRack, TableCarrier } from './helpers/broker-rack.js';
import {
  connect,
  imeiOf,
  okAnswer,
  ownRedis,
  paceOf,
  silent,
  until,
} from './helpers/broker-world.js';

const redis = await ownRedis(t);
const { socket } = redis;
const [one, two, three, four] = [imeiOf(1), imeiOf(2), imeiOf(3), imeiOf(4)];
const HOUR = 3_600_000;

t.test('an answer is kept, and asked anew only for who wants a newer one', async (t) => {
  const carrier = new TableCarrier();
  const rack = await startRack(t, carrier, { socket, prefix: 'kept' });
  t.match(await rack.ask(one), { mark: 'circle', outcome: 'ok', cached: false, held: null });
  carrier.says = 'cross';
  t.match(await rack.ask(one), { mark: 'circle', cached: true });
  rack.aheadMs = HOUR;
  t.match(await rack.ask(one, { maxAgeMs: HOUR + 60_000 }), { mark: 'circle', cached: true });
  t.match(await rack.ask(one, { maxAgeMs: HOUR - 1 }), { mark: 'cross', cached: false });
  t.match(await rack.ask(one, { maxAgeMs: 60_000 }), { mark: 'cross', cached: true });
  for (let n = 0; n < 5; n += 1)
    t.match(await rack.ask(one, { maxAgeMs: 0 }), { mark: 'cross', cached: false });
  t.equal(carrier.asked.length, 7);
  await rack.redis.set(`kept:docomo:answer:${two}`, `${Date.now()} {"mark":"circle"}`);
  t.match(
    await rack.ask(two),
    { mark: 'cross', cached: false },
    'what cannot be read is no answer',
  );
});

t.test('the same question of all racks is one look-up', async (t) => {
  const carrier = new TableCarrier();
  const parts = { socket, prefix: 'flight' };
  const a = await startRack(t, carrier, parts);
  const b = await startRack(t, carrier, parts);
  const open = carrier.shut();
  const asks = [a, b, a, b].map((rack, n) => rack.ask(one, { background: n > 1 }));
  await until('the carrier is asked', () => carrier.asked.length > 0);
  const late = [a.ask(one), b.ask(one)];
  open();
  for (const answer of await Promise.all([...asks, ...late]))
    t.match(answer, { imei: one, mark: 'circle', outcome: 'ok' });
  await until('nothing is left to do', async () => {
    const [state] = await a.broker.state();
    return state?.waiting === 0 && state.active === 0;
  });
  t.same(carrier.asked, [one]);
});

t.test('questions that nobody waits for come last', async (t) => {
  const carrier = new TableCarrier();
  const rack = await startRack(t, carrier, { socket, prefix: 'last' });
  const open = carrier.shut();
  const asks = [rack.ask(one)];
  await until('the carrier is busy', () => carrier.asked.length > 0);
  asks.push(rack.ask(two, { background: true }), rack.ask(three, { background: true }));
  await until('they are queued', async () => (await rack.broker.state())[0]?.waiting === 2);
  asks.push(rack.ask(four));
  await until('it is queued', async () => (await rack.broker.state())[0]?.waiting === 3);
  open();
  await Promise.all(asks);
  t.same(carrier.asked, [one, four, two, three]);
});

t.test('a caller who gives up loses nothing', async (t) => {
  const carrier = new TableCarrier();
  const rack = await startRack(t, carrier, { socket, prefix: 'late' });
  const open = carrier.shut();
  await t.rejects(rack.ask(one, { timeoutMs: 300 }), { code: 'deadline-passed' });
  const stop = new AbortController();
  const stopped = rack.ask(two, { signal: stop.signal });
  await until('it is queued', async () => (await rack.broker.state())[0]?.waiting === 1);
  stop.abort();
  await t.rejects(stopped, { code: 'aborted' });
  open();
  await until('both were asked', () => carrier.asked.length === 2);
  t.match(await rack.ask(two), { mark: 'circle' });
  t.match(await rack.ask(one), { mark: 'circle', cached: true });
  t.same(carrier.asked, [one, two]);
});

t.test('a captcha parks the carrier until a person resumes it', async (t) => {
  const carrier = new TableCarrier();
  const parts = { socket, prefix: 'captcha' };
  const a = await startRack(t, carrier, parts);
  const b = await startRack(t, carrier, parts);
  t.match(await a.ask(four), { mark: 'circle' });
  carrier.table.set(one, 'captcha');
  const open = carrier.shut();
  const first = a.ask(one);
  await until('the carrier is asked', () => carrier.asked.includes(one));
  const waiting = b.ask(two);
  await until('it is queued', async () => (await b.broker.state())[0]?.waiting === 1);
  open();
  t.match(await first, { mark: 'unknown', outcome: 'captcha' });
  t.match(await waiting, { mark: 'unknown', outcome: 'captcha', held: 'captcha-parked' });
  const later = await b.ask(three);
  t.match(later, { mark: 'unknown', outcome: 'captcha', held: 'captcha-parked', cached: false });
  t.match(await b.ask(four), { mark: 'circle', cached: true }, 'what is known is still said');
  a.aheadMs = 48 * HOUR;
  t.match(await a.ask(three), { held: 'captcha-parked' }, 'time does not end it');
  a.aheadMs = 0;
  t.same(carrier.asked, [four, one]);
  await until('all are parked', async () => {
    const [state] = await b.broker.state();
    return state?.waiting === 3 && state.active === 0 && state.breaker.state === 'parked';
  });

  carrier.table.delete(one);
  t.match(await b.broker.resume('docomo', 'sato'), { breaker: { state: 'closed' } });
  await until('the parked questions were asked', () => carrier.asked.length === 5);
  t.same(carrier.asked.slice(2).sort(), [one, two, three].sort());
  for (const imei of [one, two, three]) t.match(await a.ask(imei), { mark: 'circle' });
  t.equal(carrier.asked.length, 5);
});

t.test('the breaker opens, says so at once, and tries again after its pause', async (t) => {
  const carrier = new TableCarrier();
  const breaker = { failures: 2, coolDownMs: 1_000, longestCoolDownMs: 1_000 };
  const rack = await startRack(t, carrier, { socket, prefix: 'open', pace: { breaker } });
  carrier.says = 'http-error';
  t.match(await rack.ask(one), { outcome: 'http-error', held: null });
  t.match(await rack.ask(one), { outcome: 'http-error', cached: true }, 'not asked in a circle');
  t.match(await rack.ask(two), { outcome: 'http-error' });
  await until('it is open', async () => (await rack.broker.state())[0]?.breaker.state === 'open');
  t.match(await rack.ask(three), { outcome: 'http-error', held: 'breaker-open' });
  t.same(carrier.asked, [one, two]);
  carrier.says = 'dash';
  await until('the question that stayed was asked', () => carrier.asked.length === 3);
  t.match(await rack.ask(three), { mark: 'dash', outcome: 'ok' });
  t.match((await rack.broker.state())[0], { breaker: { state: 'closed', outcome: null } });
});

t.test('the cap of the day', async (t) => {
  const carrier = new TableCarrier();
  const rack = await startRack(t, carrier, { socket, prefix: 'cap', pace: { perDay: 2 } });
  await Promise.all([rack.ask(one), rack.ask(two)]);
  const held = { mark: 'unknown', outcome: 'skipped', held: 'day-used-up' };
  t.match(await rack.ask(three), held);
  t.match(await rack.ask(one), { mark: 'circle', cached: true });
  t.match((await rack.broker.state())[0], { rate: { usedToday: 2, perDay: 2 } });
  t.equal(carrier.asked.length, 2);
  rack.aheadMs = untilNextDay(Date.now());
  await rack.broker.resume('docomo', 'sato');
  await until('it was asked the next day', () => carrier.asked.length === 3);
  t.match(await rack.ask(three), { mark: 'circle' });
  t.match((await rack.broker.state())[0], { rate: { usedToday: 1 } });
});

t.test('canaries', async (t) => {
  const canary = imeiOf(900);
  const other = imeiOf(901);
  const pace = {
    canary: {
      imeis: [
        { imei: canary, mark: 'cross' },
        { imei: other, mark: 'circle' },
      ],
      every: 3,
    },
  } as const;
  const carrier = new TableCarrier();
  carrier.table.set(canary, 'cross');
  const rack = await startRack(t, carrier, { socket, prefix: 'canary', pace });
  const other2 = await startRack(t, carrier, { socket, prefix: 'canary', pace });

  await t.test('are read before the first answer and after every few', async (t) => {
    for (const imei of [one, two, three]) await rack.ask(imei);
    t.match((await rack.broker.state())[0]?.canary, { due: true, answersSince: 3 });
    await rack.ask(four);
    t.same(carrier.asked, [canary, other, one, two, three, canary, other, four]);
    t.match((await rack.broker.state())[0], {
      canary: { configured: 2, due: false, last: { right: true }, answersSince: 1 },
      rate: { usedToday: 8 },
    });
  });

  await t.test('are read again on a new day', async (t) => {
    rack.aheadMs = untilNextDay(Date.now());
    other2.aheadMs = rack.aheadMs;
    carrier.asked.length = 0;
    await rack.ask(imeiOf(5));
    t.same(carrier.asked, [canary, other, imeiOf(5)]);
  });

  await t.test('read wrong, they take back the answers since they were right', async (t) => {
    await rack.ask(imeiOf(6));
    t.match(await rack.ask(imeiOf(6)), { cached: true });
    await rack.ask(imeiOf(7));
    carrier.table.set(canary, 'circle');
    const held = await rack.ask(imeiOf(8));
    t.match(held, { mark: 'unknown', outcome: 'parser-drift', held: 'breaker-open' });
    await until('both racks know', () => rack.revoked.length > 0 && other2.revoked.length > 0);
    t.same(rack.revoked, [imeiOf(5), imeiOf(6), imeiOf(7)]);
    t.same(other2.revoked, rack.revoked);
    t.same(
      (await rack.broker.revocations('docomo')).map(({ imei }) => imei),
      rack.revoked,
    );
    t.match(await rack.ask(imeiOf(6)), { mark: 'unknown', held: 'breaker-open' }, 'not kept');
    const older = await rack.ask(four, { maxAgeMs: 72 * HOUR });
    t.match(older, { mark: 'circle', cached: true }, 'an older one is');
    t.notOk(carrier.asked.includes(imeiOf(8)), 'the question itself was not asked');
    t.match((await rack.broker.state())[0], {
      breaker: { state: 'open', outcome: 'parser-drift' },
      canary: { due: true, last: { right: false } },
    });
  });

  await t.test('and must be right again before anything is asked', async (t) => {
    carrier.table.set(canary, 'cross');
    carrier.asked.length = 0;
    await rack.broker.resume('docomo', 'sato');
    t.match(await rack.ask(imeiOf(8)), { mark: 'circle' });
    t.same(carrier.asked.slice(0, 2), [canary, other]);
  });
});

t.test('a source that breaks its word gives no mark', async (t) => {
  const other = imeiOf(9);
  const words: Record<string, [outcome: string, said: () => Promise<unknown>]> = {
    throws: ['parser-drift', () => Promise.reject(new TypeError('no such element'))],
    garbled: ['parser-drift', () => Promise.resolve({ mark: 'circle' })],
    elsewhere: ['parser-drift', () => Promise.resolve(okAnswer(other, 'circle'))],
    silent: ['http-error', () => new Promise(() => undefined)],
  };
  for (const [prefix, [outcome, said]] of Object.entries(words)) {
    const connection = connect(socket);
    const lookUp = () => said() as Promise<never>;
    const broker = new CarrierBroker({
      ...{ connection, prefix, log: silent, random: Math.random, clock: Date.now },
      lines: [
        {
          source: { carrier: 'docomo', source: 'web', lookUp },
          pace: paceOf({ requestMs: 200 }),
        },
      ],
    });
    await broker.start();
    const options = { signal: new AbortController().signal, timeoutMs: 10_000 };
    const answer = await broker.ask({ carrier: 'docomo', imei: one, maxAgeMs: 1 }, options);
    t.match(answer, { imei: one, mark: 'unknown', outcome, source: 'web', held: null }, prefix);
    await broker.stop();
    connection.disconnect();
  }
});

t.test('what is not asked here', async (t) => {
  const rack = await startRack(t, new TableCarrier(), { socket, prefix: 'not' });
  const options = { signal: new AbortController().signal, timeoutMs: 1_000 };
  const question = { carrier: 'kddi', imei: one, maxAgeMs: 1 } as const;
  t.match(await rack.broker.ask(question, options), { mark: 'unknown', outcome: 'skipped' });
  await t.rejects(rack.ask('12'), { code: 'bad-request' });
  await t.rejects(rack.broker.resume('kddi', 'sato'), { code: 'not-found' });
});

t.test('a rack that stops lets its look-up end, and its questions stay', async (t) => {
  const carrier = new TableCarrier();
  const parts = { socket, prefix: 'stop' };
  const rack = await startRack(t, carrier, parts);
  const open = carrier.shut();
  const asks = [rack.ask(one), rack.ask(two)].map((ask) => t.rejects(ask, { code: 'aborted' }));
  await until('the carrier is asked', () => carrier.asked.length === 1);
  await until('the other is queued', async () => (await rack.broker.state())[0]?.waiting === 1);
  const stopped = rack.broker.stop();
  await Promise.all(asks);
  open();
  await stopped;
  const next = await startRack(t, carrier, parts);
  t.match(await next.ask(one), { mark: 'circle', cached: true });
  t.match(await next.ask(two), { mark: 'circle' });
  t.same(carrier.asked, [one, two]);
});

t.test('Redis killed while callers wait: all get their answers, none is asked twice', async (t) => {
  const carrier = new TableCarrier();
  const rack = await startRack(t, carrier, { socket, prefix: 'killed', pace: { spacingMs: 20 } });
  const imeis = Array.from({ length: 40 }, (_, n) => imeiOf(100 + n));
  const asks = Promise.all(imeis.map((imei) => rack.ask(imei)));
  await until('the carrier is busy', () => carrier.asked.length > 10);
  if (redis.pid) process.kill(redis.pid, 'SIGKILL');
  for (const answer of await asks) t.match(answer, { outcome: 'ok' });
  t.same([...carrier.asked].sort(), [...imeis].sort());
});
