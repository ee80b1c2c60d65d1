import t from 'tap';
import { checkConfig } from '../../src/config.js';
import { PortDoctor } from '../../src/daemon/port-doctor.js';
import type { PortPower } from '../../src/devices/hub/rack-hub.js';
import type { JsonObject } from '../../src/evidence.js';
import type { LedgerEntry, NewEntry } from '../../src/ledger/entry.js';
import { createLog } from '../../src/log.js';
import { workOrderIn } from '../../src/ports/doctor/work-order.js';
import { makeRackMap } from '../../src/ports/rack-map.js';
import type { PortView, PortWorkOrder } from '../../src/ports/view.js';
import { eventually } from '../devices/helpers/eventually.js';

const config = checkConfig({
  rack: {
    controllers: { A: {} },
    ports: {
      P01: { usb: ['1-1'], controller: 'A' },
      P02: { usb: ['1-2'], controller: 'A' },
      P03: { usb: ['1-3'], controller: 'A' },
    },
  },
});
const { ports } = makeRackMap(config.rack);

function world(power?: Partial<PortPower>) {
  const lines: LedgerEntry[] = [];
  const held = new Map<string, PortWorkOrder>();
  const now = { ms: Date.parse('2026-11-22T00:00:00Z') };
  const shown: { state: PortView['state']; condition: PortView['condition'] } = {
    state: 'empty',
    condition: null,
  };
  const append = async (entry: NewEntry): Promise<LedgerEntry> => {
    const at = new Date(now.ms).toISOString();
    const line = { ...entry, seq: lines.length + 1, at, prev: '', hash: '' };
    lines.push(line);
    return line;
  };
  const doctor = new PortDoctor({
    ...{ config, ports, append, clock: () => now.ms, log: createLog('silent') },
    view: (port) =>
      ({ since: new Date(0).toISOString(), ...shown, held: held.has(port) }) as PortView,
    hold: (port, order) => held.set(port, order),
    recent: (after, at) => lines.filter((line) => line.seq > after && line.at >= at),
    power: {
      can: (port) => port === 'P01',
      cycle: async () => undefined,
      look: async () => '',
      close: async () => undefined,
      ...power,
    },
    usbTree: async () => ({ roots: [{ bus: 1, chip: 'x', speed: 480 }], nodes: [] }),
  });
  const trouble = async (run: string, handset: string) => {
    const write = (type: NewEntry['type'], body: JsonObject) =>
      append({ type, run, port: 'P02', body });
    now.ms += 600_000;
    await write('run-opened', { usbPath: '1-2', handset, policyVersion: '1' });
    await write('stage-ended', { outcome: { kind: 'again', code: 'handset-gone', detail: {} } });
  };
  return { lines, held, now, shown, doctor, trouble, append };
}

t.test('a bad cable is quarantined once, with a work order in the ledger', async (t) => {
  const { doctor, trouble, held, lines, append, now } = world();
  await trouble('r1', 'android:A');
  await trouble('r2', 'android:B');
  await doctor.look();
  t.equal(held.size, 0, 'two are not three');
  await trouble('r3', 'android:C');
  await doctor.look();
  t.strictSame([...held.keys()], ['P02']);
  t.match(held.get('P02'), {
    whose: 'cable',
    ja: /ケーブルを新品に交換/,
    en: /Replace the cable of P02/,
  });
  await doctor.look();
  const holds = lines.filter(({ type }) => type === 'operator-acted');
  t.equal(holds.length, 1);
  t.match(holds[0]?.body, {
    action: 'hold',
    by: 'port-doctor',
    statement: { quarantine: 'cable', ja: /ケーブルを新品に交換/, en: /Replace the cable of P02/ },
  });
  t.same(
    workOrderIn(holds[0]?.body ?? {}),
    held.get('P02'),
    'so the port says it again after a restart',
  );
  const [about, budget] = await doctor.health();
  t.match(about, { name: 'ports', ok: true, detail: /Replace the cable of P02/ });
  t.match(budget, { name: 'usb-budget', ok: true, detail: 'endpoints A 0/96' });

  held.clear();
  now.ms += 1000;
  const body = { action: 'release', by: 'somebody', statement: {} };
  await append({ type: 'operator-acted', run: null, port: 'P02', body });
  await doctor.look();
  t.strictSame([...held.keys()], [], 'what was before the mending is not held against the port');
  t.match(await doctor.health(), [{ detail: 'no trouble' }]);
});

t.test('what is older than the window is forgotten', async (t) => {
  const { doctor, trouble, now, held } = world();
  await trouble('r1', 'android:A');
  await trouble('r2', 'android:B');
  now.ms += 25 * 3_600_000;
  await trouble('r3', 'android:C');
  await doctor.look();
  t.equal(held.size, 0);
});

t.test(
  'a stuck handset gets its power cycled, once at a time, and a failing hub is no failure',
  async (t) => {
    const cycled: string[] = [];
    const { doctor, shown, now, lines } = world({
      cycle: async (port) => {
        cycled.push(port);
        throw new Error('hub away');
      },
    });
    shown.state = 'unready';
    shown.condition = 'adb:offline';
    await doctor.look();
    await eventually('cycled', () => cycled.length === 1);
    await doctor.look();
    now.ms += 61_000;
    await doctor.look();
    await eventually('again', () => cycled.length === 2);
    now.ms += 61_000;
    await doctor.look();
    await doctor.stop();
    t.strictSame(cycled, ['P01', 'P01'], 'two within an hour, and only where there is a switch');
    t.match(lines[0]?.body, { action: 'power-cycle', statement: { condition: 'adb:offline' } });
  },
);

t.test('where everything is stuck at once, nothing is cycled', async (t) => {
  const cycled: string[] = [];
  const { doctor, shown } = world({
    can: () => true,
    cycle: async (port) => void cycled.push(port),
  });
  shown.state = 'unready';
  shown.condition = 'usb:adb';
  await doctor.look();
  await doctor.stop();
  t.strictSame(cycled, []);
});

t.test('only what the doctor wrote is a work order', async (t) => {
  const statement = { quarantine: 'cable', ja: 'x', en: 'y' };
  const body = { action: 'hold', by: 'port-doctor', statement };
  t.same(workOrderIn(body), { whose: 'cable', ja: 'x', en: 'y' });
  for (const other of [
    {},
    { ...body, by: 'sato' },
    { ...body, action: 'release' },
    { ...body, statement: null },
    { ...body, statement: {} },
    { ...body, statement: { ...statement, quarantine: 'host' } },
    { ...body, statement: { ...statement, en: 1 } },
  ])
    t.equal(workOrderIn(other), null);
});
