import t from 'tap';
import { ATTENTIONS, type AttentionCode } from '../../../src/attention.js';
import { choicesOf } from '../../../src/http/panel/confirm-choices.js';
import { percent } from '../../../src/http/panel/format.js';
import { isIn, neighbour, toDo } from '../../../src/http/panel/groups.js';
import { framesIn } from '../../../src/http/panel/live/frames.js';
import { connected, heard, isFresh } from '../../../src/http/panel/live/freshness.js';
import { viewAfter } from '../../../src/http/panel/live/rack-view.js';
import { queueName } from '../../../src/http/panel/queue-name.js';
import { reasonText, shortReason } from '../../../src/http/panel/reasons.js';
import { hashOf, routeOf, searchOf } from '../../../src/http/panel/route.js';
import { en } from '../../../src/http/panel/words/en.js';
import { ja } from '../../../src/http/panel/words/ja.js';
import { readStatement } from '../../../src/pipeline/statement.js';
import type { PortView, RackView } from '../../../src/ports/view.js';
import { MemoryRack } from '../memory-rack.js';

const at = (ms: number) => ({ steady: ms, wall: 1_000_000 + ms });
const sample = (serverTime: number, receivedAt: number) => ({
  ...{ serverTime, staleAfter: 5, receivedAt: at(receivedAt) },
});

t.test(
  'what is shown is fresh for staleAfter from when it was true, not from when it came',
  async (t) => {
    // The server's clock is 500,000 ms ahead; that is no age.
    const first = connected(at(0), sample(500_000, 40));
    t.ok(isFresh(first, at(4_999)));
    t.notOk(isFresh(first, at(5_000)));
    const prompt = heard(first, sample(502_000, 2_010));
    t.ok(isFresh(prompt, at(6_999)));
    t.notOk(isFresh(prompt, at(7_000)));
    const delayed = heard(prompt, sample(503_000, 9_000));
    t.notOk(
      isFresh(delayed, at(9_000)),
      'what lay in a buffer for six seconds is old when it comes',
    );
    t.notOk(isFresh(null, at(0)), 'nothing heard is nothing known');
  },
);

t.test('either clock can end it: one may have slept, the other may have been set', async (t) => {
  const fresh = connected(at(0), sample(0, 10));
  t.ok(isFresh(fresh, { steady: 100, wall: 1_000_100 }));
  t.notOk(isFresh(fresh, { steady: 100, wall: 1_009_000 }), 'the machine slept');
  t.notOk(isFresh(fresh, { steady: 9_000, wall: 1_000_100 }), 'its clock was set back');
  const set = heard(fresh, { ...sample(-3_600_000, 200) });
  t.notOk(isFresh(set, at(200)), "the server's clock was set back: dark until a new connection");
});

t.test('frames come in any pieces', async (t) => {
  const text =
    'retry: 700\n\nid: b.7\nevent: rack\ndata: {"a":1}\n\nevent:beat\ndata:x\ndata: y\n\n: c\n\nid: 8\nda';
  const whole = framesIn(text);
  t.same(whole.frames, [
    { id: 'b.7', event: 'rack', data: '{"a":1}' },
    { id: null, event: 'beat', data: 'x\ny' },
  ]);
  t.equal(whole.rest, 'id: 8\nda');
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = framesIn(text.slice(0, cut));
    const second = framesIn(first.rest + text.slice(cut));
    t.same([...first.frames, ...second.frames], whole.frames, `cut at ${cut}`);
  }
});

t.test('the rack is put together from changes, and never guessed', async (t) => {
  const memory = new MemoryRack();
  const view: RackView = JSON.parse(JSON.stringify(memory.view()));
  const [first, second] = view.ports;
  if (!first || !second) throw new Error('two ports');
  const { ports: _, ...stamp } = view;
  const held = { ...first, held: true };
  const change = { ...stamp, seq: 8, after: 7, ports: [held] };
  const after = viewAfter(view, { event: 'change', data: change });
  t.same(after, { ...view, seq: 8, ports: [held, second] });
  t.equal(
    viewAfter(view, { event: 'change', data: { ...change, after: 6 } }),
    null,
    'one is missing',
  );
  t.equal(viewAfter(null, { event: 'change', data: change }), null);
  t.equal(viewAfter(view, { event: 'gap', data: stamp }), null);
  t.same(viewAfter(null, { event: 'rack', data: view }), view);
  const later = { ...stamp, serverTime: '2026-11-22T00:00:00.000Z' };
  t.same(viewAfter(view, { event: 'beat', data: later }), {
    ...view,
    serverTime: later.serverTime,
  });
  t.equal(
    viewAfter(view, { event: 'beat', data: { ...later, seq: 9 } }),
    null,
    'a change was lost',
  );
});

function portsOf(...changes: Partial<PortView>[]): PortView[] {
  const [empty] = new MemoryRack().ports;
  if (!empty) throw new Error('a port');
  return changes.map((change, n) => ({ ...empty, port: `P0${n + 1}`, ...change }));
}

t.test(
  'what is to be done: the rack itself first, then what waits longest, each task once',
  async (t) => {
    const act = (code: AttentionCode, since: string, light = 'act') =>
      ({
        attention: { code, ja: '', en: '', clears: 'retry' },
        since,
        light: { name: light },
      }) as Partial<PortView>;
    const ports = portsOf(
      act('battery-low', '2026-11-22T03:00:00Z'),
      act('sim-present', '2026-11-22T02:00:00Z'),
      {},
      act('host-trouble', '2026-11-22T04:00:00Z', 'rack-fault'),
      act('battery-low', '2026-11-22T01:00:00Z'),
    );
    t.same(
      toDo(ports).map((task) => task.map(({ port }) => port)),
      [['P04'], ['P01', 'P05'], ['P02']],
    );
    t.same(
      ports.map((port) => isIn('act', port)),
      [true, true, false, true, true],
    );
    const workOrder = { whose: 'cable', ja: '', en: '' } as const;
    const quarantined = portsOf({ workOrder }, { workOrder }, { held: true });
    t.same(
      toDo(quarantined).map((task) => task.map(({ port }) => port)),
      [['P01'], ['P02']],
      'each work order by itself; a hold by a person is nothing to do',
    );
    const [passed] = portsOf({ state: 'settled', lane: 'release', verdict: 'passed' });
    if (passed)
      t.same(
        [isIn('release', passed), isIn('return', passed), isIn('all', passed)],
        [true, false, true],
      );
  },
);

t.test('arrows move as the rack stands', async (t) => {
  const places = [1, 2].flatMap((row) => [1, 2, 3].map((column) => ({ row, column })));
  const from = { row: 1, column: 2 };
  t.same(neighbour(places, from, 'ArrowLeft'), { row: 1, column: 1 });
  t.same(neighbour(places, from, 'ArrowDown'), { row: 2, column: 2 });
  t.equal(neighbour(places, from, 'ArrowUp'), null);
  t.equal(neighbour(places, from, 'Tab'), null);
});

t.test('an address leads back to what was shown, and a wrong one to the rack', async (t) => {
  for (const route of [
    { page: 'rack' },
    { page: 'port', port: 'P07' },
    { page: 'run', run: '20261122T030617-P01-f98e6e34' },
    { page: 'history', text: '35 & <b>', verdict: 'failed' },
    { page: 'system' },
    { page: 'fleet' },
  ] as const)
    t.same(routeOf(hashOf(route)), route);
  for (const wrong of ['', '#/port/P7', '#/run/../x', '#/nowhere', '#javascript:alert(1)'])
    t.same(routeOf(wrong), { page: 'rack' }, wrong);
});

t.test('a search takes what people type and scan', async (t) => {
  t.same(searchOf('35-693803-000000-5'), { imei: '356938030000005' });
  t.same(searchOf(' ３５６９３８ ０３００００ ００５ '), { imei: '356938030000005' });
  t.same(searchOf('DEMOP01'), { serial: 'DEMOP01' });
  t.same(searchOf('  '), {});
  t.equal(searchOf('<script>'), null);
});

t.test('whatever Confirm sends for an attention, the daemon understands', async (t) => {
  for (const [code, { clears }] of Object.entries(ATTENTIONS)) {
    if (clears !== 'confirm') continue;
    const choices = choicesOf(code as AttentionCode);
    const statements =
      choices === 'marks'
        ? [{ marks: { docomo: 'circle' } }]
        : choices.map(({ statement }) => statement);
    t.ok(statements.length > 0, code);
    for (const statement of statements)
      t.doesNotThrow(() => readStatement(code as AttentionCode, statement), code);
  }
});

t.test('reasons are said in words, and what has none is shown as it is', async (t) => {
  t.equal(reasonText('restriction:kddi:cross', ja, 'ja'), '利用制限の判定: KDDI ×');
  t.equal(reasonText('failed:overwrite-mismatch', en, 'en'), en.errors['overwrite-mismatch']);
  t.equal(
    reasonText('missing:overwrite-read-back', ja, 'ja'),
    '確認できていません: 全バイトの読み戻しと一致',
  );
  t.match(reasonText('note:daemon-was-restarted', ja, 'ja'), /再起動/);
  t.equal(reasonText('something:new', ja, 'ja'), 'something:new');
  t.equal(
    shortReason(['note:x', 'restriction:mineo:unknown:http-error'], 'passed', ja),
    'mineo 不明',
  );
  t.equal(shortReason(['failed:overwrite-mismatch'], 'failed', ja), '不合格');
  t.equal(shortReason(['x', 'note:daemon-was-restarted'], 'passed', ja), '再起動あり');
});

t.test('who waits is told for what', async (t) => {
  t.equal(ja.waiting(queueName('usb-B', ja), 2), 'コントローラー B待ち 前に2台');
  t.equal(ja.waiting(queueName('carrier-desk', ja), 0), 'キャリア照会待ち 次の番');
  t.equal(en.waiting(queueName('usb-B', en), 1), 'Controller B: 1 ahead');
  t.equal(ja.waiting(queueName('felica-1', ja), 0), 'FeliCaリーダー 1待ち 次の番');
  t.equal(queueName('odd-1', en), 'odd-1');
});

t.test('both languages say everything, and each in its own script', async (t) => {
  const leaves = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(leaves);
  t.equal(leaves(ja).length, leaves(en).length);
  t.ok(leaves(ja).every((text) => text !== ''));
  const { otherLanguage, marks: _marks, ...english } = en;
  t.equal(otherLanguage, '日本語');
  t.same(
    leaves(english).filter((text) => /[ぁ-んァ-ヶ一-龠]/.test(text)),
    [],
  );
  for (const code of Object.keys(ATTENTIONS) as AttentionCode[])
    t.ok(ja.shortAttention[code].length <= 12 && en.shortAttention[code].length <= 18, code);
  t.same([ja.duration(59), ja.duration(3_600), ja.duration(5_400)], ['59秒', '1時間', '1時間30分']);
  t.same([en.duration(61), en.duration(7_260)], ['1 min', '2 h 1 min']);
  t.same(
    [percent(0.999), percent(1), percent(-1)],
    [99, 100, 0],
    'nothing is 100 % before it is done',
  );
});
