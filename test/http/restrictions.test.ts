import iconv from 'iconv-lite';
import t, { type Test } from 'tap';
import { connect, imeiOf, ownRedis, until } from '../carrier-check/helpers/broker-world.js';
import { DAY_MS } from '../carrier-check/helpers/desk-world.js';
import { API, CANARY, restrictionRack } from './restriction-rack.js';

const [one, two, three] = [imeiOf(1), imeiOf(2), imeiOf(3)];
const { socket } = await ownRedis(t);
const rack = (t: Test, asks: 'docomo' | null = null, hears = true) =>
  restrictionRack(t, { socket, asks, hears });

const CSV = `製造番号,キャリア,判定,確認日時,確認者
${one},ドコモ,○,2026/3/1,佐藤
${two},ソフトバンク,△,2026/3/1 10:00,佐藤
`;

t.test(
  'a file of marks is imported whole, in either charset, and what is known is skipped',
  async (t) => {
    const { upload, history, world, app } = await rack(t);
    const sjis = await upload(iconv.encode(CSV, 'Shift_JIS'));
    t.equal(sjis.statusCode, 200, sjis.body);
    t.match(sjis.json(), { rack: 'rack-1', seq: 7, lines: 2, imported: 2, known: 0, changed: 0 });
    const again = await upload(
      `\uFEFF${CSV}${one},ドコモ,×,2026/3/20,佐藤\n${one},ドコモ,×,2026/3/20,佐藤\n`,
    );
    t.match(again.json(), { lines: 4, imported: 1, known: 3, changed: 1 });
    const named = await upload(iconv.encode(CSV, 'Shift_JIS'), 'text/csv; charset=Shift_JIS');
    t.match(named.json(), { lines: 2, imported: 0, known: 2 });
    t.equal((await world.entries('restriction-answered')).length, 3);
    t.match(await history(one), {
      imei: one,
      carriers: [
        {
          carrier: 'docomo',
          newest: { by: '佐藤', reason: 'import', run: null, answer: { mark: 'cross' } },
          answers: [
            {
              answer: {
                mark: 'cross',
                evidence: { parser: 'marks-csv/1', sha256: /^[0-9a-f]{64}$/ },
              },
            },
            { answer: { mark: 'circle', source: 'csv' } },
          ],
        },
      ],
      changes: [{ from: 'circle', to: 'cross', withdrawn: false }],
    });
    const full = encodeURIComponent(
      [...one].map((digit) => '０１２３４５６７８９'[Number(digit)]).join(''),
    );
    t.equal((await app.inject(`${API}/${full}`)).json().imei, one, 'in any written form');
  },
);

t.test('one bad line, and nothing is imported', async (t) => {
  const { upload, world, app } = await rack(t);
  const bad = await upload(`${CSV}${three},ドコモ,◎,2026/3/1,\n`);
  t.equal(bad.statusCode, 400);
  t.match(bad.headers['content-type'], 'application/problem+json');
  t.match(bad.json(), {
    ...{ code: 'bad-request', detail: /nothing was imported: 2 faults/ },
    errors: [
      { line: 4, field: 'mark', message: /○/, path: 'line 4.mark' },
      { line: 4, field: 'by' },
    ],
  });
  t.same(await world.entries('restriction-answered'), []);
  const many = await upload(`${CSV}${`${three},x,○,2026/3/1,s\n`.repeat(300)}`);
  t.equal(many.json().errors.length, 100);
  t.match(many.json().detail, /300 faults, of which the first 100/);
  for (const [status, payload, type] of [
    [400, '', 'text/csv'],
    [413, 'x'.repeat(1024 * 1024 + 1), 'text/csv'],
    [415, CSV, 'application/json'],
    [415, CSV, 'text/plain'],
    [415, CSV, ''],
    [400, CSV, 'text/csv; charset=utf-16'],
  ] as const)
    t.equal((await upload(payload, type)).statusCode, status, `${type} ${payload.length}`);
  const elsewhere = await app.inject({
    ...{ method: 'POST', url: API, headers: { 'content-type': 'text/csv' }, payload: CSV },
  });
  t.equal(elsewhere.statusCode, 415, 'CSV is for the import only');
  const far = await app.inject({
    ...{ method: 'POST', url: `${API}/import`, headers: { 'content-type': 'text/csv' } },
    ...{ payload: CSV, remoteAddress: '192.0.2.7' },
  });
  t.equal(far.statusCode, 403);
  t.same(await world.entries('restriction-answered'), []);
});

t.test('a person states a mark, and a change is told by the API', async (t) => {
  const { post, app, world, history } = await rack(t);
  await world.settle('run-1', [one]);
  const mark = { imei: one, carrier: 'kddi', mark: 'triangle', by: '佐藤', note: '店頭の画面' };
  const first = await post(API, mark);
  t.equal(first.statusCode, 201);
  t.match(first.json(), { imei: one, carrier: 'kddi', changed: 0, staleAfter: 5 });
  world.now += DAY_MS;
  t.match((await post(API, { ...mark, mark: 'cross', note: null })).json(), { changed: 1 });
  t.match(await history(one), {
    carriers: [{ newest: { by: '佐藤', reason: 'manual', answer: { source: 'manual' } } }],
    runs: [{ run: 'run-1', lane: 'release', certificate: /^[0-9a-f]{64}$/ }],
  });
  const page = (await app.inject(`${API}?changed=1&limit=1`)).json();
  t.match(page, {
    changes: [{ carrier: 'kddi', imei: one, from: 'triangle', to: 'cross', runs: ['run-1'] }],
    ...{ more: false, rack: 'rack-1' },
  });
  t.match(page.changes[0].certificates, [{ run: 'run-1' }]);
  const next = `${API}?changed=1&cursor=${page.nextCursor}`;
  t.match((await app.inject(next)).json(), { changes: [], nextCursor: page.nextCursor });
  await post(API, { ...mark, imei: two, mark: 'circle' });
  world.now += DAY_MS;
  await post(API, { ...mark, imei: two, mark: 'dash' });
  t.match((await app.inject(next)).json().changes, [{ imei: two, to: 'dash' }]);
  const since = encodeURIComponent(new Date(world.now).toISOString());
  t.equal((await app.inject(`${API}?changed=1&since=${since}`)).json().changes.length, 1);

  for (const wrong of [
    { ...mark, mark: 'unknown' },
    { ...mark, carrier: 'nobody' },
    { ...mark, imei: one.slice(2) },
    { ...mark, by: '' },
    { ...mark, by: 'a\nb' },
    { imei: one, carrier: 'kddi', mark: 'cross' },
    { ...mark, checkedAt: '2020-01-01' },
  ])
    t.equal((await post(API, wrong)).statusCode, 400, JSON.stringify(wrong));
  for (const url of [
    API,
    `${API}?changed=0`,
    `${API}?changed=1&cursor=x`,
    `${API}?changed=1&limit=0`,
  ])
    t.equal((await app.inject(url)).statusCode, 400, url);
});

t.test('what is no IMEI is refused with the reason', async (t) => {
  const { app, post } = await rack(t);
  const wrong = `${one.slice(0, 14)}${(Number(one[14]) + 1) % 10}`;
  for (const [text, why] of [
    ['1234', 'wrong-length'],
    [wrong, 'wrong-check-digit'],
    ['000000000000000', 'all-same-digit'],
    ['001010123456780', 'test-imei'],
    ['A0000012345678', 'MEID'],
    ['abc', 'wrong-characters'],
  ] as const) {
    const get = await app.inject(`${API}/${text}`);
    t.equal(get.statusCode, 400, text);
    t.match(get.json().detail, why);
    t.match(get.json().errors, [{ path: 'params.imei' }]);
    t.equal((await post(`${API}/${text}/recheck`, { by: 'sato' })).statusCode, 400);
  }
  t.match((await app.inject(`${API}/${one}`)).json(), {
    imei: one,
    carriers: [],
    changes: [],
    runs: [],
  });
});

t.test('a re-check asks the carriers, and its answer is in the history', async (t) => {
  const { post, history, carriers, world } = await rack(t, 'docomo');
  carriers.set(one, 'docomo', 'triangle');
  const asked = await post(`${API}/${one}/recheck`, { by: 'sato' });
  t.equal(asked.statusCode, 202);
  t.match(asked.json(), { imei: one, carriers: ['docomo'] });
  await until('it is answered', async () => (await history(one)).carriers.length > 0);
  t.match(await history(one), {
    carriers: [
      {
        newest: {
          ...{ by: 'sato', reason: 'recheck', withdrawn: null },
          answer: { mark: 'triangle', source: 'web', evidence: { parser: /^docomo-html/ } },
        },
      },
    ],
  });
  t.equal((await post(`${API}/${one}/recheck`, {})).statusCode, 400, 'nobody asks');
  const { post: alone } = await rack(t);
  const none = await alone(`${API}/${one}/recheck`, { by: 'sato' });
  t.equal(none.statusCode, 409);
  t.match(none.json().detail, 'no carrier is asked by this rack');
  t.same(world.told, []);
});

t.test('a Redis that hangs is said, and does not hold up the end', async (t) => {
  const { app, post, start, history } = await rack(t, 'docomo');
  const service = await start({ enabled: true });
  const redis = connect(socket);
  t.teardown(() => redis.disconnect());
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => process.kill(pid, 'SIGCONT'));
  const asked = [app.inject('/api/v1/carriers'), post(`${API}/${one}/recheck`, { by: 'sato' })];
  for (const gone of await Promise.all(asked)) {
    t.equal(gone.statusCode, 503);
    t.equal(gone.json().code, 'redis-gone');
  }
  t.same((await history(one)).carriers, [], 'what is known is still told');
  const begun = performance.now();
  await service.stop();
  t.ok(performance.now() - begun < 1000);
  process.kill(pid, 'SIGCONT');
  await until('it is back', async () => (await app.inject('/api/v1/carriers')).statusCode === 200);
});

t.test('a captcha is shown, and a person lets the carrier be asked again', async (t) => {
  const { post, app, carriers, history } = await rack(t, 'docomo');
  const state = async () => (await app.inject('/api/v1/carriers')).json().carriers[0];
  t.match(await state(), { carrier: 'docomo', breaker: { state: 'closed' } });
  carriers.mode('docomo', 'captcha');
  await post(`${API}/${one}/recheck`, { by: 'sato' });
  await until('it is parked, and the question waits', async () => {
    const { breaker, waiting } = await state();
    return breaker.state === 'parked' && waiting === 1;
  });
  t.match(await state(), { breaker: { outcome: 'captcha', until: null } });
  carriers.mode('docomo', 'normal');
  const resumed = await post('/api/v1/carriers/docomo/resume', { by: 'sato' });
  t.equal(resumed.statusCode, 202);
  t.match(resumed.json(), { carrier: 'docomo', breaker: { state: 'closed' }, rack: 'rack-1' });
  await post(`${API}/${one}/recheck`, { by: 'sato' });
  await until('it is answered', async () => {
    const [docomo] = (await history(one)).carriers;
    return docomo?.newest?.answer.mark === 'dash';
  });
  t.equal((await post('/api/v1/carriers/docomo/resume', {})).statusCode, 400);
  t.equal((await post('/api/v1/carriers/mineo/resume', { by: 'sato' })).statusCode, 404);
  t.equal((await post('/api/v1/carriers/nobody/resume', { by: 'sato' })).statusCode, 400);
  const { app: alone, post: postAlone } = await rack(t);
  t.same((await alone.inject('/api/v1/carriers')).json().carriers, []);
  t.equal((await postAlone('/api/v1/carriers/docomo/resume', { by: 'a' })).statusCode, 404);
});

for (const hears of [true, false])
  t.test(
    `what the broker takes back counts no more, ${hears ? 'at once' : 'at the latest after the next start'}`,
    async (t) => {
      const { post, carriers, history, world, app, start } = await rack(t, 'docomo', hears);
      carriers.set(one, 'docomo', 'circle');
      const answers = async (imei: string) => (await history(imei)).carriers[0]?.answers ?? [];
      await post(`${API}/${one}/recheck`, { by: 'sato' });
      await until('it is answered', async () => (await answers(one)).length === 1);
      world.now += DAY_MS;
      carriers.set(one, 'docomo', 'cross');
      // The page now says of everything that it is restricted; the canary shows it only after the answer.
      await post(`${API}/${one}/recheck`, { by: 'sato' });
      await until('it is answered', async () => (await answers(one)).length === 2);
      await until('it is told', () => world.told.length > 0);
      t.match(world.told, [{ from: 'circle', to: 'cross' }]);
      carriers.set(CANARY, 'docomo', 'cross');
      for (const imei of [two, three]) await post(`${API}/${imei}/recheck`, { by: 'sato' });
      await until(
        'they are answered',
        async () => (await answers(three)).length > 0 && (await answers(two)).length > 0,
      );
      world.now += 1000;
      await post(`${API}/${imeiOf(4)}/recheck`, { by: 'sato' });
      if (!hears) {
        await until('the canary is read', async () => {
          const [state] = (await app.inject('/api/v1/carriers')).json().carriers;
          return state.canary.last?.right === false;
        });
        t.notOk((await answers(one))[0]?.withdrawn, 'nobody heard it');
        await start({ enabled: true });
      }
      await until('it is taken back', async () => (await answers(one))[0]?.withdrawn);
      const [docomo] = (await history(one)).carriers;
      t.match(
        docomo.newest.answer,
        { mark: 'circle' },
        'an answer before the last right canary stands',
      );
      t.match(docomo.answers, [{ withdrawn: { why: 'canary-wrong' } }, { withdrawn: null }]);
      t.match((await app.inject(`${API}?changed=1`)).json().changes, [
        { to: 'cross', withdrawn: true },
      ]);
      const [before] = await world.entries('restriction-withdrawn');
      t.same([...((before?.body['imeis'] as string[]) ?? [])].sort(), [one, two, three].sort());
    },
  );
