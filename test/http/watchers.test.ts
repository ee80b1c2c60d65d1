import t from 'tap';
import { BusyRack } from '../../bench/rig/busy-rack.js';
import { busyServer } from '../../bench/rig/busy-server.js';
import { PollingPanel, StreamingPanel } from '../../bench/rig/panel-clients.js';
import { PollWatch, StreamWatch } from '../../bench/rig/seq-watch.js';
import type { RackChange, RackView } from '../../src/ports/view.js';
import { until } from './event-client.js';

const STREAMS = 20;
const PANELS = 30;
const CHANGES = 20;

t.test('everybody who looks at a busy rack sees every change once and in order', async (t) => {
  const busy = new BusyRack();
  const server = busyServer(busy, 'boot-1');
  t.teardown(async () => {
    await server.close();
    await busy.stop();
  });
  busy.start();
  const { port } = await server.listen();
  const made: RackChange[] = [];
  const portsAt = new Map([[busy.feed.current().seq, JSON.stringify(busy.feed.current().ports)]]);
  busy.feed.subscribe((change) => {
    made.push(change);
    portsAt.set(change.seq, JSON.stringify(busy.feed.current().ports));
  });
  const heard = Array.from({ length: STREAMS }, (): RackChange[] => []);
  const streams = heard.map(
    (changes) => new StreamingPanel({ port }, (data) => void changes.push(JSON.parse(data))),
  );
  const shown: RackView[] = [];
  const panels = Array.from(
    { length: PANELS },
    () => new PollingPanel({ port }, ({ body }) => void (body && shown.push(JSON.parse(body)))),
  );
  let over = false;
  t.teardown(() => {
    over = true;
    for (const one of [...streams, ...panels]) one.end();
  });
  await until(() => streams.every(({ watch }) => watch.seq !== null));
  const before = made.length;
  busy.work(true);
  const polling = panels.map(async (panel) => {
    while (!over) await panel.poll();
  });
  await until(() => made.length >= before + CHANGES, 15);
  busy.work(false);
  over = true;
  await Promise.all(polling);
  // What changed last is found at the feed's next look, and a beat says that nothing comes after it.
  const last = () => busy.feed.current().seq;
  await until(() => streams.every(({ watch }) => watch.seq === last()));
  await Promise.all(panels.map((panel) => panel.poll()));

  const whole = JSON.stringify(made.slice(before));
  for (const [n, changes] of heard.entries())
    t.equal(
      JSON.stringify(changes.filter(({ seq }) => seq > (made[before]?.after ?? 0))),
      whole,
      `stream ${n}`,
    );
  for (const { watch } of [...streams, ...panels]) {
    t.strictSame(watch.faults, []);
    t.equal(watch.seq, last());
  }
  const fresh = panels.reduce((sum, { watch }) => sum + watch.fresh, 0);
  t.equal(shown.length, fresh);
  t.ok(fresh > PANELS && panels.some(({ watch }) => watch.unchanged > 0), 'both kinds of answer');
  const wrong = shown.filter(({ seq, ports }) => JSON.stringify(ports) !== portsAt.get(seq));
  t.strictSame(
    wrong.map(({ seq }) => seq),
    [],
    'each body is the rack as of its seq',
  );
});

t.test('whoever checks the streams would notice', async (t) => {
  const frame = (event: string, seq: number, { after = seq - 1, id = `b.${seq}` } = {}) => ({
    ...{ id: event === 'beat' || event === 'gap' ? null : id, event },
    data: JSON.stringify(event === 'change' ? { seq, after } : { seq }),
  });
  const faultsOf = (...frames: readonly ReturnType<typeof frame>[]) => {
    const watch = new StreamWatch();
    for (const one of [frame('rack', 7), ...frames]) watch.hears(one);
    return watch.faults.length;
  };
  t.equal(faultsOf(frame('change', 8), frame('beat', 8), frame('change', 9)), 0);
  t.equal(faultsOf(frame('change', 9)), 1, 'one left out');
  t.equal(faultsOf(frame('change', 9, { after: 7 })), 1, 'two as one');
  t.equal(faultsOf(frame('change', 8), frame('change', 8)), 1, 'one told twice');
  t.equal(faultsOf(frame('change', 9), frame('change', 8)), 2, 'the wrong way round');
  t.equal(faultsOf(frame('change', 8, { id: 'other.8' })), 1, 'another start of the daemon');
  t.equal(faultsOf(frame('beat', 8)), 1, 'a beat of what was not told');
  t.equal(faultsOf(frame('gap', 8)), 1);
  t.equal(faultsOf(frame('rack', 8)), 1, 'everything anew');
});

t.test('whoever checks the polls would notice', async (t) => {
  const full = (seq: number, etag = `"b.${seq}"`) => ({
    ...{ status: 200, etag, body: JSON.stringify({ seq }) },
  });
  const known = (seq: number) => ({ status: 304, etag: `"b.${seq}"`, body: '' });
  const faultsOf = (...answers: readonly { status: number; etag: string; body: string }[]) => {
    const watch = new PollWatch();
    for (const answer of answers) watch.gets(answer);
    return watch.faults.length;
  };
  t.equal(faultsOf(full(7), known(7), full(9), known(9)), 0);
  t.equal(faultsOf(full(7), full(6)), 1, 'sent back');
  t.equal(faultsOf(full(7), full(7)), 1, 'in full what it has');
  t.equal(faultsOf(full(7), known(8)), 1, '304 for what it has not');
  t.equal(faultsOf(known(7)), 1, '304 without having asked');
  t.equal(faultsOf(full(7), full(8, '"other.8"')), 1, 'another start of the daemon');
  t.equal(faultsOf(full(7, '"b.8"')), 1, 'the tag of another seq');
  t.equal(faultsOf({ ...full(7), status: 503 }), 1);
});
