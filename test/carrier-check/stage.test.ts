import t from 'tap';
import { checkRestrictionPolicy } from '../../src/carrier-check/restriction-policy.js';
import { SarachiError } from '../../src/errors.js';
import { imeiOf, okAnswer, ownRedis, until } from './helpers/broker-world.js';
import { checkWorld, confirm, identified, marksOf, PERSON, waysOf } from './helpers/check-world.js';

const redis = await ownRedis(t);
const { socket } = redis;
const [one, two, three] = [imeiOf(1), imeiOf(2), imeiOf(3)];
const DONE = { kind: 'done' };

t.test('every answer is on record, told, and decided by the policy', async (t) => {
  const { carriers, desk } = await checkWorld(t, socket, 'all');
  carriers.kddi.says = 'triangle';
  carriers.softbank.says = 'dash';
  const run = identified([one, two]);
  const { check, noted } = desk();
  t.same(await check(run), DONE);
  t.same(marksOf(run), ['docomo 1 circle ok', 'kddi 1 triangle ok', 'softbank 1 dash ok']);
  const mark = run.evidence.find(({ value }) => value['carrier'] === 'kddi');
  t.match(mark, {
    kind: 'carrier-mark',
    holds: true,
    method: 'asked by api partner-api/1',
    value: { imei: one, source: 'api', scope: 'carrier', cached: false, held: null, by: null },
  });
  t.match(mark?.value, { rawGlyph: 'triangle', glyph: '△' }, 'as told, and as shown');
  t.match(mark, {
    value: { outcome: 'ok', parser: 'partner-api/1' },
  });
  t.match(mark?.value['sha256'], /^[0-9a-f]{64}$/);
  t.match(mark?.value['checkedAt'], /^\d{4}-\d\d-\d\dT/);
  t.same(noted.map(({ answer }) => answer.carrier).sort(), ['docomo', 'kddi', 'softbank']);
  t.same(noted[0]?.about, { run: 'run-0001', port: 'P07', by: null, reason: 'stage' });
  t.match(run.last('restriction-decided')?.value, {
    aggregate: 'triangle',
    beforeErase: 'go-on',
    lane: 'attention',
    reasons: ['restriction:kddi:triangle'],
    holds: ['kddi:triangle'],
    policy: { version: '2026-1', sha256: 'a'.repeat(64) },
  });
  t.equal(run.progress.at(-1)?.done, 1);
  t.same(await check(run), DONE);
  t.equal(run.evidence.length, 5, 'a second time adds nothing');
  t.equal(carriers.docomo.asked.length, 1);
});

t.test('a stage that was cut off asks only what has no answer', async (t) => {
  const { carriers, desk } = await checkWorld(t, socket, 'cut');
  const open = carriers.kddi.shut();
  const run = identified([one]);
  const { check } = desk();
  const cut = new AbortController();
  const first = check(run, cut.signal);
  await until('two have answered', () => marksOf(run).length === 2);
  cut.abort(new SarachiError('aborted'));
  await t.rejects(first, { code: 'aborted' });
  t.equal(run.last('restriction-decided'), undefined);
  open();
  t.same(await check(run), DONE);
  t.same(marksOf(run), ['docomo 1 circle ok', 'kddi 1 circle ok', 'softbank 1 circle ok']);
  for (const carrier of Object.values(carriers)) t.same(carrier.asked, [one]);
});

t.test('a carrier that does not answer in time leaves unknown, and the run goes on', async (t) => {
  const { carriers, desk, broker } = await checkWorld(t, socket, 'late');
  const open = carriers.kddi.shut();
  const run = identified([one]);
  const before = performance.now();
  const { check, noted } = desk({ waitMs: 400 });
  t.same(await check(run), DONE);
  t.equal(noted.length, 2, 'what nobody said is told to nobody');
  t.ok(performance.now() - before < 5_000);
  t.same(marksOf(run), ['docomo 1 circle ok', 'kddi 1 unknown skipped', 'softbank 1 circle ok']);
  const late = run.evidence.find(({ value }) => value['carrier'] === 'kddi');
  t.match(late, { holds: false, value: { held: 'no-answer', rawText: 'no answer within 0.4 s' } });
  t.match(run.last('restriction-decided')?.value, { lane: 'attention', aggregate: 'unknown' });
  open();
  const limit = { signal: new AbortController().signal, timeoutMs: 10_000 };
  const question = { carrier: 'kddi', imei: one, maxAgeMs: 60_000 } as const;
  t.match(
    await broker.ask(question, limit),
    { mark: 'circle' },
    'the question stayed in the queue',
  );
  t.same(carriers.kddi.asked, [one]);
});

t.test('a captcha parks the carrier, not the rack', async (t) => {
  const { carriers, desk } = await checkWorld(t, socket, 'captcha');
  carriers.softbank.says = 'captcha';
  const runs = [identified([one]), identified([two])];
  for (const run of runs) {
    t.same(await desk().check(run), DONE);
    t.match(run.last('restriction-decided')?.value, {
      lane: 'attention',
      reasons: ['restriction:softbank:unknown:captcha'],
    });
  }
  t.same(carriers.softbank.asked, [one], 'nobody knocks twice');
  const second = runs[1]?.evidence.find(({ value }) => value['carrier'] === 'softbank');
  t.match(second?.value, { held: 'captcha-parked' });

  const policy = checkRestrictionPolicy({
    unknownBecause: { captcha: { beforeErase: 'stop', lane: 'attention' } },
  });
  const strict = desk({ policy });
  const run = identified([three]);
  t.match(await strict.check(run), {
    kind: 'attention',
    code: 'carrier-result-needed',
    detail: { missing: ['softbank'] },
  });
  confirm(run, 'carrier-result-needed', { marks: { softbank: 'circle', docomo: 'cross' } });
  t.same(await strict.check(run), DONE);
  t.match(
    run.last('restriction-decided')?.value,
    { lane: 'release', aggregate: 'circle' },
    'what a person said stands in for unknown, and for nothing else',
  );
  t.match(strict.noted.at(-1), {
    answer: { carrier: 'softbank', mark: 'circle', source: 'manual' },
    about: { by: 'hanako' },
  });
});

t.test('what only a person can say is asked at the port, after the carriers', async (t) => {
  const { carriers, desk } = await checkWorld(t, socket, 'person');
  carriers.docomo.says = 'cross';
  const ways = waysOf({ rakuten: PERSON, mineo: PERSON });
  const run = identified([one]);
  const { check } = desk({ ways });
  const missing = { kind: 'attention', code: 'carrier-result-needed' };
  t.match(await check(run), { ...missing, detail: { missing: ['rakuten', 'mineo'] } });
  t.equal(marksOf(run).length, 3);
  confirm(run, 'carrier-result-needed', { marks: { rakuten: 'triangle' } });
  t.match(await check(run), { ...missing, detail: { missing: ['mineo'] } });
  confirm(run, 'carrier-result-needed', { marks: { mineo: 'unknown' } });
  t.same(await check(run), DONE);
  t.same(run.last('restriction-decided')?.value['reasons'], [
    'restriction:docomo:cross',
    'restriction:rakuten:triangle',
    'restriction:mineo:unknown:skipped',
  ]);
  const fact = run.evidence.find(({ value }) => value['carrier'] === 'rakuten');
  t.match(fact, { method: 'stated at the port', value: { by: 'hanako', source: 'manual' } });
});

t.test('imports are taken, and their want is unknown', async (t) => {
  const { desk } = await checkWorld(t, socket, 'csv');
  const ways = new Map([
    ['docomo', { by: 'csv' }],
    ['kddi', { by: 'csv' }],
  ] as const);
  const imported = { ...okAnswer(one, 'circle'), source: 'csv', evidence: null } as const;
  const run = identified([one]);
  const books = desk({
    ways,
    imported: async (carrier) => (carrier === 'docomo' ? imported : null),
  });
  t.same(await books.check(run), DONE);
  t.same(marksOf(run), ['docomo 1 circle ok', 'kddi 1 unknown skipped']);
  t.match(run.last('restriction-decided')?.value, { lane: 'attention' });
});

t.test(
  'no modem is not applicable; no number from a handset that may have one is held',
  async (t) => {
    const { carriers, desk } = await checkWorld(t, socket, 'none');
    const tablet = identified([], false);
    t.same(await desk().check(tablet), DONE);
    t.same(tablet.kinds('carrier-check'), ['carrier-check-skipped:true']);
    t.match(tablet.last('carrier-check-skipped')?.value, { outcome: 'not-applicable' });
    for (const telephony of [true, null]) {
      const silent = identified([], telephony);
      t.same(await desk().check(silent), DONE);
      t.match(silent.last('restriction-decided')?.value, {
        lane: 'attention',
        reasons: ['restriction:no-imei'],
      });
    }
    t.same(carriers.docomo.asked, []);
  },
);

t.test('a test number is shown to a person and to no carrier', async (t) => {
  const { carriers, desk } = await checkWorld(t, socket, 'test-imei');
  for (const [imei, why] of [
    ['001010123456780', 'test-imei'],
    ['490154203237517', 'wrong-check-digit'],
  ] as const) {
    const run = identified([imei]);
    const { check, noted } = desk();
    t.match(await check(run), {
      kind: 'attention',
      code: 'imei-not-usable',
      detail: { slot: 1, why },
    });
    confirm(run, 'imei-not-usable');
    t.same(await check(run), DONE);
    t.same(marksOf(run), [
      'docomo 1 unknown skipped',
      'kddi 1 unknown skipped',
      'softbank 1 unknown skipped',
    ]);
    t.match(run.last('restriction-decided')?.value, { lane: 'attention' });
    t.same(noted, []);
  }
  t.same([carriers.docomo.asked, carriers.kddi.asked], [[], []]);
});

t.test('both numbers are asked about where the policy says so', async (t) => {
  const { carriers, desk } = await checkWorld(t, socket, 'both');
  carriers.kddi.table.set(two, 'cross');
  const run = identified([one, two]);
  t.same(await desk({ policy: checkRestrictionPolicy({ imeis: 'all' }) }).check(run), DONE);
  t.equal(marksOf(run).length, 6);
  t.match(run.last('restriction-decided')?.value, {
    lane: 'return',
    reasons: ['restriction:kddi:cross:imei2'],
  });
  t.same([...carriers.docomo.asked].sort(), [one, two]);
});

t.test('a number that was here before is looked at', async (t) => {
  const { desk } = await checkWorld(t, socket, 'before');
  const earlier = { run: 'r0', port: 'P01', openedAt: '2026-01-01T00:00:00.000Z', open: false };
  const asked: string[][] = [];
  const same = desk({
    seenBefore: (imei, run) => {
      asked.push([imei, run]);
      return [{ ...earlier, serial: 'SERIAL1' }];
    },
  });
  const known = identified([one]);
  t.same(await same.check(known), DONE, 'the same handset again');
  t.same(asked, [[one, 'run-0001']]);
  t.match(known.last('imei-seen-before')?.value, { otherHandset: false, runs: [{ run: 'r0' }] });

  for (const serial of ['OTHER', null]) {
    const other = desk({ seenBefore: () => [{ ...earlier, serial }] });
    const run = identified([one]);
    t.match(await other.check(run), { kind: 'attention', code: 'imei-seen-before' });
    t.same(marksOf(run), [], 'nobody is asked before');
    confirm(run, 'imei-seen-before');
    t.same(await other.check(run), DONE);
    t.equal(run.kinds().filter((kind) => kind.startsWith('imei-seen-before')).length, 1);
  }
  const twice = desk({ seenBefore: () => [{ ...earlier, serial: 'SERIAL1', open: true }] });
  const run = identified([one]);
  t.match(await twice.check(run), { code: 'duplicate-imei', detail: { port: 'P01' } });
  confirm(run, 'imei-seen-before');
  t.match(await twice.check(run), { code: 'duplicate-imei' }, 'two ports cannot be confirmed away');
});

t.test(
  'a cross stops before erasing where the policy says so, until a person says go on',
  async (t) => {
    const { carriers, desk } = await checkWorld(t, socket, 'stop');
    carriers.kddi.says = 'cross';
    const policy = checkRestrictionPolicy({
      marks: { cross: { beforeErase: 'stop', lane: 'quarantine' } },
    });
    const run = identified([one]);
    confirm(run, 'restriction-found');
    const { check } = desk({ policy });
    const stopped = {
      kind: 'attention',
      code: 'restriction-found',
      detail: { lane: 'quarantine' },
    };
    t.match(await check(run), stopped, 'nobody confirms what is not decided yet');
    t.match(await check(run), stopped, 'asking again is no answer');
    confirm(run, 'restriction-found');
    t.same(await check(run), DONE);
    t.match(run.last('restriction-decided')?.value, { lane: 'quarantine', beforeErase: 'stop' });
  },
);

t.test('a host that fails is no unknown mark; what was answered stays', async (t) => {
  const { carriers, desk, broker } = await checkWorld(t, socket, 'host');
  let fails = true;
  const { check } = desk({
    ask: async (question, options) => {
      if (fails && question.carrier === 'kddi') throw new SarachiError('redis-gone');
      return broker.ask(question, options);
    },
  });
  const run = identified([one]);
  await t.rejects(check(run), { code: 'redis-gone' });
  t.same(marksOf(run), ['docomo 1 circle ok', 'softbank 1 circle ok']);
  fails = false;
  t.same(await check(run), DONE);
  t.same(carriers.docomo.asked, [one]);
});
