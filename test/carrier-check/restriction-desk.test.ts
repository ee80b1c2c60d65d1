import t from 'tap';
import { markChange } from '../../src/carrier-check/restrictions/mark-change.js';
import { imeiOf } from './helpers/broker-world.js';
import { DAY_MS, DeskWorld, SPRING } from './helpers/desk-world.js';

const [one, two] = [imeiOf(1), imeiOf(2)];

t.test('another mark is told once, with the runs and certificates it concerns', async (t) => {
  const world = await DeskWorld.open(t);
  await world.settle('run-1', [one, two]);
  await world.note(world.answer(one, 'circle'), 'run-1');
  t.same(world.told, []);
  world.now += 7 * DAY_MS;
  await world.note(world.answer(one, 'circle'));
  world.now += 7 * DAY_MS;
  await world.settle('run-2', [one]);
  const cross = world.answer(one, 'cross', { scope: 'all-carriers' });
  await world.note(cross);
  t.match(world.told, [
    {
      ...{ carrier: 'docomo', imei: one, from: 'circle', to: 'cross', scope: 'all-carriers' },
      runs: ['run-2', 'run-1'],
      certificates: [{ run: 'run-2', sha256: /^[0-9a-f]{64}$/ }, { run: 'run-1' }],
    },
  ]);
  const [entry, ...more] = await world.entries('restriction-changed');
  t.same(more, []);
  const { seq, at, ...said } = world.told[0] ?? { seq: 0, at: '' };
  t.match(entry, { seq, at, run: null, port: null, body: said });
  const line = world.lines.find((text) => text.includes('restriction-changed')) ?? '';
  t.match(JSON.parse(line), { code: 'restriction-changed', from: 'circle', to: 'cross' });
  t.notMatch(line, one, 'the IMEI is masked');

  await world.note(cross);
  await world.note(cross, 'run-2');
  t.equal(world.told.length, 1, 'a repeated answer is no change');
  t.equal((await world.entries('restriction-answered')).length, 4, 'nor written for a re-check');
  t.equal(world.book.record('run-1')?.settled?.verdict, 'passed', 'its run is as it was');
});

t.test(
  'what is unknown changes nothing, and what comes after it is compared with before',
  async (t) => {
    const world = await DeskWorld.open(t);
    await world.note(world.answer(one, 'circle'));
    for (const outcome of ['captcha', 'parser-drift', 'http-error', 'skipped'] as const) {
      world.now += DAY_MS;
      await world.note(world.answer(one, 'unknown', { outcome }));
    }
    await world.note({ ...world.answer(one, 'unknown'), held: 'breaker-open' } as never);
    t.same(world.told, []);
    t.equal((await world.entries('restriction-answered')).length, 5, 'a held one says nothing');
    world.now += DAY_MS;
    await world.note(world.answer(one, 'triangle'));
    t.match(world.told, [{ from: 'circle', to: 'triangle', runs: [], certificates: [] }]);
    await world.note(world.answer(one, 'dash', { carrier: 'kddi' }));
    await world.note(world.answer(two, 'dash'));
    t.equal(world.told.length, 1, 'other carriers and handsets are others');
  },
);

t.test('an older statement that comes later is no change', async (t) => {
  const world = await DeskWorld.open(t);
  await world.note(world.answer(one, 'circle'));
  const before = new Date(SPRING - DAY_MS).toISOString();
  await world.note(world.answer(one, 'triangle', { checkedAt: before, source: 'csv' }));
  t.same(world.told, []);
  const [history] = world.desk.historyOf(one).carriers;
  t.match(history, { carrier: 'docomo', newest: { answer: { mark: 'circle' } } });
  t.same(
    history?.answers.map(({ answer }) => answer.mark),
    ['triangle', 'circle'],
  );
});

t.test(
  'a first mark that is a cross is told when the handset was let go without one',
  async (t) => {
    const world = await DeskWorld.open(t);
    await world.settle('run-1', [one]);
    world.now += DAY_MS;
    await world.note(world.answer(one, 'cross'));
    t.match(world.told, [{ from: 'unknown', to: 'cross', runs: ['run-1'] }]);
    await world.note(world.answer(two, 'cross'));
    t.equal(world.told.length, 1, 'no run of this one ever settled');
  },
);

t.test('what was taken back counts no more', async (t) => {
  const world = await DeskWorld.open(t);
  await world.note(world.answer(one, 'circle'));
  world.now += DAY_MS;
  await world.note(world.answer(one, 'cross'));
  t.match(world.told, [{ from: 'circle', to: 'cross' }]);
  world.now += 1000;
  const at = world.now;
  await world.desk.withdraw('docomo', [
    { at, imei: one },
    { at, imei: two },
  ]);
  t.match(await world.entries('restriction-withdrawn'), [
    { body: { carrier: 'docomo', imeis: [one], why: 'canary-wrong' } },
  ]);
  const history = world.desk.historyOf(one);
  t.match(history, {
    carriers: [
      {
        newest: { answer: { mark: 'circle' } },
        answers: [{ withdrawn: { why: 'canary-wrong' } }, { withdrawn: null }],
      },
    ],
    changes: [{ to: 'cross', withdrawn: true }],
  });
  await world.desk.withdraw('docomo', [{ at, imei: one }]);
  await world.restart();
  await world.desk.withdraw('docomo', [{ at, imei: one }]);
  t.equal((await world.entries('restriction-withdrawn')).length, 1, 'once is enough');
  t.equal(world.told.length, 1);

  const late = { checkedAt: new Date(at - 500).toISOString() };
  await world.note(world.answer(one, 'cross', late));
  t.equal(
    world.told.length,
    1,
    'an answer from before the withdrawal is not trusted when it comes late',
  );
  t.equal((await world.entries('restriction-withdrawn')).length, 2);
  world.now += DAY_MS;
  await world.note(world.answer(one, 'circle'));
  t.equal(world.told.length, 1, 'what was true all the time is no news');
  world.now += DAY_MS;
  await world.note(world.answer(one, 'cross'));
  t.match(world.told.slice(1), [{ from: 'circle', to: 'cross' }]);
});

t.test('what one loss of trust takes is as many look-ups as it names', async (t) => {
  const world = await DeskWorld.open(t);
  const marks = ['circle', 'triangle', 'cross'] as const;
  for (const mark of marks) {
    world.now += DAY_MS;
    await world.note(world.answer(one, mark));
    await world.note(world.answer(one, mark), 'run-1');
  }
  await world.note(world.answer(one, 'dash', { source: 'manual' }));
  const revocation = { at: world.now, imei: one };
  await world.desk.withdraw('docomo', [revocation, revocation]);
  const [entry] = await world.entries('restriction-withdrawn');
  const lost = entry?.body['answers'];
  t.equal(Array.isArray(lost) && lost.length, 4, 'every entry of both look-ups');
  const [docomo] = world.desk.historyOf(one).carriers;
  t.same(
    docomo?.answers.filter(({ withdrawn }) => !withdrawn).map(({ answer }) => answer.mark),
    ['dash', 'circle', 'circle'],
    'neither an older look-up nor what a person said',
  );
});

t.test('a change that a dying daemon had not told is told at the next start', async (t) => {
  const world = await DeskWorld.open(t);
  await world.note(world.answer(one, 'circle'));
  world.now += DAY_MS;
  // As if it had died between the two entries.
  await world.book.append({
    ...{ type: 'restriction-answered', run: null, port: null },
    body: { answer: { ...world.answer(one, 'cross') }, by: 'watch', reason: 'recheck' } as never,
  });
  await world.restart();
  t.match(world.told, [{ from: 'circle', to: 'cross' }]);
  await world.restart();
  t.equal(world.told.length, 1);
});

t.test('many at once are compared with what they leave behind', async (t) => {
  const world = await DeskWorld.open(t);
  const notes = [one, two, one].map((imei, n) => ({
    answer: world.answer(imei, n === 2 ? 'triangle' : 'circle', {
      ...{ source: 'csv', checkedAt: new Date(SPRING + n).toISOString() },
    }),
    ...{ run: null, port: null, by: 'import', reason: 'import' },
  }));
  t.same(await world.desk.noteAll(notes as never), { written: 3, changed: 1 });
  t.match(world.told, [{ imei: one, from: 'circle', to: 'triangle' }]);
  t.same(await world.desk.noteAll(notes as never), { written: 0, changed: 0 });
});

t.test('a listener that fails or has left disturbs nobody', async (t) => {
  const world = await DeskWorld.open(t);
  let heard = 0;
  const leave = world.desk.subscribe(() => {
    heard += 1;
  });
  world.desk.subscribe(() => {
    throw new Error('deaf');
  });
  const say = async (mark: 'circle' | 'cross') => {
    world.now += DAY_MS;
    await world.note(world.answer(one, mark));
  };
  await say('circle');
  await say('cross');
  leave();
  await say('circle');
  t.equal(heard, 1);
  t.equal(world.told.length, 2);
  t.ok(world.lines.some((line) => line.includes('a listener to restriction changes failed')));
});

t.test('when a mark is another one', async (t) => {
  const known = (mark: string, day: number) => ({
    ...{ seq: day, mark, checkedAt: `2026-04-0${day}`, at: `2026-04-0${day}` },
  });
  const none = { newest: null, first: null, told: null };
  t.equal(markChange(none, null), null);
  const circle = { newest: known('circle', 1), first: known('circle', 1), told: null };
  t.equal(markChange(circle, null), null);
  t.equal(markChange(circle, '2026-03-01'), null, 'a first mark that is no cross');
  const cross = { newest: known('cross', 2), first: known('circle', 1), told: null };
  t.same(markChange(cross, null), { from: 'circle', to: 'cross' });
  t.equal(markChange({ ...cross, told: 'cross' }, '2026-03-01'), null, 'told already');
  t.same(markChange({ ...cross, told: 'triangle' }, null), { from: 'triangle', to: 'cross' });
  const first = { newest: known('cross', 2), first: known('cross', 2), told: null };
  t.equal(markChange(first, null), null);
  t.equal(markChange(first, '2026-04-03'), null, 'known before the run settled');
  t.same(markChange(first, '2026-04-01'), { from: 'unknown', to: 'cross' });
});
