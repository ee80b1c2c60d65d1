import t from 'tap';
import { ReaderHealth } from '../../src/daemon/reader-health.js';
import { openReader } from '../../src/devices/pasori/open-reader.js';
import { SarachiError } from '../../src/errors.js';
import { SimulatedPasoriBus } from '../../src/simulator/pasori-desk.js';
import { quickReader, wait } from '../support/simulated-pasori.js';

const START = Date.parse('2026-11-22T00:00:00Z');

function desk({ demanded = true, readers = ['1-9.1', '1-9.2'] as 'auto' | string[] } = {}) {
  const [first, second] = [quickReader('RC-S380/P', '1-9.1'), quickReader('RC-S300/S', '1-9.2')];
  const now = { ms: START };
  const bus = new SimulatedPasoriBus([first, second]);
  const health = new ReaderHealth({ bus, readers, demanded, clock: () => now.ms });
  const open = (reader: number, usbPath: string) =>
    health.watch(reader, () => openReader(bus, usbPath, wait()));
  const said = async () => (await health.checks()).map(({ ok, detail }) => [ok, detail]);
  return { first, second, now, health, open, said };
}

t.test(
  'each configured reader is named; one that is pulled is gone since it was last seen',
  async (t) => {
    const { first, now, health, said } = desk();
    t.same(await health.checks(), [
      { name: 'felica-reader 1', ok: true, detail: 'present: RC-S380/P at 1-9.1' },
      { name: 'felica-reader 2', ok: true, detail: 'present: RC-S300/S at 1-9.2' },
    ]);
    first.unplug();
    now.ms += 60_000;
    t.same(await said(), [
      [false, 'gone: none at 1-9.1, last seen 2026-11-22T00:00:00.000Z'],
      [true, 'present: RC-S300/S at 1-9.2'],
    ]);
    first.plug();
    t.match(await said(), [[true, /^present/]]);
  },
);

t.test(
  'a reader that somebody else holds is busy until the bench gets it, or it is plugged in anew',
  async (t) => {
    const { first, second, now, open, said } = desk();
    first.faults.heldByOther = true;
    second.faults.heldByOther = true;
    await t.rejects(open(1, '1-9.1'), { code: 'reader-busy' });
    now.ms += 5_000;
    await t.rejects(open(1, '1-9.1'), { code: 'reader-busy' });
    await t.rejects(open(2, '1-9.2'), { code: 'reader-busy' });
    t.match(await said(), [
      [false, 'busy: RC-S380/P at 1-9.1: reader-busy, busy, since 2026-11-22T00:00:00.000Z'],
      [false, /^busy: RC-S300\/S at 1-9.2/],
    ]);
    first.faults.heldByOther = false;
    await (await open(1, '1-9.1')).close();
    second.unplug();
    t.match(await said(), [
      [true, /^present/],
      [false, /^gone/],
    ]);
    second.plug();
    t.match(await said(), [
      [true, /^present/],
      [true, /^present/],
    ]);
  },
);

t.test("where a person's word counts, readers are information", async (t) => {
  const { first, said } = desk({ demanded: false });
  first.unplug();
  t.match(await said(), [
    [true, /^gone/],
    [true, /^present/],
  ]);
});

t.test('auto means the only one; without readers nothing is said', async (t) => {
  const { first, second, said } = desk({ readers: 'auto' });
  t.match(await said(), [[false, /several readers/]]);
  first.unplug();
  t.match(await said(), [[true, 'present: RC-S300/S at 1-9.2']]);
  second.unplug();
  t.match(await said(), [[false, /^gone: none on this host, last seen/]]);
  t.same(await desk({ readers: [] }).said(), []);
});

t.test('a bus that cannot be looked at, or hangs, is said and never a pass', async (t) => {
  const parts = { readers: ['1-9.1'], demanded: true, clock: () => START };
  const open = async () => {
    throw new Error('not asked');
  };
  const broken = {
    list: async () => {
      throw new SarachiError('usb-unavailable');
    },
    open,
  };
  const hanging = { list: () => new Promise<never>(() => undefined), open };
  const checks = async (bus: typeof broken | typeof hanging) =>
    new ReaderHealth({ ...parts, bus }).checks();
  t.match(await checks(broken), [{ ok: false, detail: 'not known: usb-unavailable' }]);
  t.match(await checks(hanging), [{ ok: false, detail: 'not known: deadline-passed' }]);
});
