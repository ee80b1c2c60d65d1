import t, { type Test } from 'tap';
import { cleanPhone, withTransit } from '../../../src/simulator/felica/chip/phones.js';
import { FelicaIphone } from '../../../src/simulator/felica/felica-iphone.js';
import { SimulatedReader } from '../../../src/simulator/felica/reader/simulated-reader.js';
import { FELICA_SCENARIOS } from '../../../src/simulator/felica/scenarios/scenarios.js';
import { StagedScenario } from '../../../src/simulator/felica/scenarios/staged-scenario.js';
import { type CardSession, cardSession } from './card-session.js';

const CONTAINER = 'f14011111111b660';
const COMMON = '014011111111b660';
const TRANSIT = '014022222222b660';
const ROOT = '0000feff';
const ROOT_LIST = `00000001${ROOT}00`;
const ALL_FREE = '000001fb04fb04';
const SOME_USED = '000001fb04ce04';
const ABSENT = '01ffff';
const PRESENT = '010100';

interface Looked {
  readonly card: CardSession;
  readonly reader: SimulatedReader;
  readonly staged: StagedScenario;
}

function numbered(index: number): SimulatedReader {
  return new SimulatedReader({
    model: 'RC-S380/S',
    serialNumber: String(index),
    usbPath: `1-${index + 1}`,
  });
}

/** Nothing in the common area by every way of looking. */
async function looksClean(t: Test, card: CardSession): Promise<void> {
  t.equal(await card.poll('fe00'), COMMON);
  t.same(await card.nodes(COMMON), [ROOT]);
  t.equal(await card.ask('1a', COMMON, '00000100'), ROOT_LIST);
  t.equal(await card.ask('02', COMMON, '018855'), ABSENT);
  t.equal(await card.ask('02', COMMON, '02ffff0000'), '0201000100', 'positive control');
}

async function isSilent(t: Test, card: CardSession): Promise<void> {
  for (const system of ['ffff', 'fe0f', 'fe00', '0003'])
    t.equal(await card.poll(system), '', system);
  t.equal(await card.send('04700000'), '', 'container id');
}

async function issueInfo(card: CardSession): Promise<string> {
  return await card.ask('22', CONTAINER, '0000');
}

const PIXEL_INFO = '00010000683030373031360000000000';

const LOOKS: Readonly<Record<string, (t: Test, looked: Looked) => Promise<void>>> = {
  clean41: async (t, { card }) => {
    await looksClean(t, card);
    t.equal(await card.ask('1e', COMMON, '010000'), ALL_FREE);
    t.equal(await issueInfo(card), PIXEL_INFO);
    t.equal(await card.send('04700000'), `0a71${CONTAINER}`);
    t.equal(await card.ask('0c', CONTAINER), '02fe0ffe00');
    t.equal((await card.nodes(CONTAINER)).length, 13, 'the management area has its own');
  },
  'dirty-nanaco': async (t, { card }) => {
    t.same(await card.nodes(COMMON), [ROOT, '8055bf56', '8155bf56', '8855']);
    t.equal(await card.ask('02', COMMON, '018855'), PRESENT);
    t.equal(await card.ask('1e', COMMON, '010000'), SOME_USED);
  },
  'dirty-suica-0003': async (t, { card }) => {
    await looksClean(t, card);
    t.equal(await card.poll('0003'), TRANSIT);
    t.equal((await card.nodes(TRANSIT)).length, 8);
    t.equal(await card.ask('02', TRANSIT, '010f09'), PRESENT);
  },
  'root-only-0003': async (t, { card }) => {
    await looksClean(t, card);
    t.equal(await card.poll('0003'), TRANSIT);
    t.same(await card.nodes(TRANSIT), [ROOT]);
    t.equal(await card.ask('0c', COMMON), '03fe0ffe000003');
  },
  'clear-in-progress': async (t, { card }) => {
    t.equal(await issueInfo(card), PIXEL_INFO.replace('000068', '800068'));
  },
  'uninitialised-zero': async (t, { card }) => {
    await looksClean(t, card);
    t.equal(await issueInfo(card), '0'.repeat(32));
  },
  'unpersonalised-ffff': async (t, { card }) => {
    t.equal(await card.poll('fe00'), '');
    t.equal(await card.poll('fe0f'), '');
    const idm = await card.poll('ffff');
    t.match(idm, /^05fe/);
    t.equal(await card.ask('0c', idm), '01ffff');
    t.same(await card.nodes(idm), [ROOT]);
    t.equal(await card.ask('22', idm, '0000'), '');
    t.equal(await card.send('04700000'), `0a71${CONTAINER}`);
  },
  'rcl-lies-ssc-shows': async (t, { card }) => {
    t.equal(await card.ask('1a', COMMON, '00000100'), ROOT_LIST);
    t.equal((await card.nodes(COMMON)).length, 4);
  },
  'ssc-refused': async (t, { card }) => {
    t.equal(await card.ask('0a', COMMON, '0000'), '');
    t.equal(await card.ask('1a', COMMON, '00000100'), ROOT_LIST);
    t.equal(await card.ask('1e', COMMON, '010000'), ALL_FREE);
  },
  'hidden-node-only-request-service': async (t, { card }) => {
    t.same(await card.nodes(COMMON), [ROOT]);
    t.equal(await card.ask('1a', COMMON, '00000100'), ROOT_LIST);
    t.equal(await card.ask('1e', COMMON, '010000'), '000001ffffffff');
    t.equal(await card.ask('02', COMMON, '018855'), PRESENT);
  },
  'background-cid': async (t, { card, staged }) => {
    await looksClean(t, card);
    t.equal(await card.poll('0003'), '');
    t.equal(await card.ask('04', TRANSIT), '', 'nor by its IDm');
    t.equal(await card.ask('0c', COMMON), '02fe0ffe00');
    t.equal(staged.thing.chip.state.systems.length, 3, 'though it is there');
  },
  'idm-swapped': async (t, { card }) => {
    t.equal(await card.send('04700000'), '0a71f140333333334a17');
    t.equal(await card.poll('fe00'), '0140333333334a17');
  },
  'plastic-suica': async (t, { card }) => {
    t.match(await card.send('0600ffff0100'), /^1401.{16}100b.{12}0003$/);
    t.equal(await card.poll('fe0f'), '');
    t.equal(
      await card.ask('02', '0102030405060708', '012800'),
      '',
      'it does not know PIN services',
    );
    t.equal(await card.ask('06', '0102030405060708', '010f09018000'), '01a8', 'no block is served');
    t.equal(await card.ask('06', '0102030405060708', '018855018000'), '01a6');
  },
  'mode1-stuck': async (t, { card }) => {
    t.equal(await card.ask('04', COMMON), '01');
  },
  'locked-silent': async (t, { card }) => await isSilent(t, card),
  'phone-lifted': async (t, { card }) => {
    for (let count = 1; count < 40; count += 1) t.equal(await card.poll('fe00'), COMMON);
    t.equal(await card.poll('fe00'), '');
    await card.cycleField();
    t.equal(await card.poll('fe00'), '', 'it stays away');
  },
  iphone: async (t, { card, staged }) => {
    await isSilent(t, card);
    for (let count = 0; count < 10; count += 1) t.equal(await card.poll('0003'), '');
    t.equal(staged.thing instanceof FelicaIphone && staged.thing.walletOpened, 3);
  },
  'reader-unplugged': async (t, { card, reader }) => {
    for (let count = 1; count < 40; count += 1) await card.poll('fe00');
    await t.rejects(card.poll('fe00'), { message: 'no-device' });
    await t.rejects(card.poll('fe00'), { message: 'no-device' });
    t.throws(() => reader.transfers(), { message: 'no-device' });
    reader.plug();
    await t.rejects(card.poll('fe00'), { message: 'no-device' }, 'what was open stays dead');
    await card.bulk.close();
    const again = await cardSession(reader);
    t.equal(await again.poll('fe00'), COMMON);
  },
  'mobile30-blocks-0-of-1275': async (t, { card }) => {
    await looksClean(t, card);
    t.equal(await card.ask('1e', COMMON, '010000'), ALL_FREE);
    t.equal(await card.send('04700000'), '', 'no container id');
    t.match(await card.send('0600fe0f0000'), /^1201.{16}0114/);
  },
  'mobile30-blocks-used': async (t, { card }) => {
    await looksClean(t, card);
    t.equal(await card.ask('1e', COMMON, '010000'), SOME_USED, 'only the blocks tell');
  },
  'iphone-transit-after-erase': async (t, { card }) => {
    t.same([await card.poll('0003'), await card.poll('0003')], ['', '']);
    t.equal(await card.poll('0003'), TRANSIT, 'in a field that stays');
    t.equal((await card.nodes(TRANSIT)).length, 8);
    await card.cycleField();
    t.equal(await card.poll('0003'), '');
  },
  'swapped-half-way': async (t, { card }) => {
    for (let count = 1; count < 40; count += 1) t.equal(await card.poll('fe00'), COMMON);
    t.equal(await card.poll('fe00'), '0140333333334a17');
    t.equal(await card.ask('04', COMMON), '', 'the first is gone');
  },
  'two-handsets': async (t, { card }) => {
    t.equal(await card.send('0600fe0f0100'), 'status 08000000');
    t.equal(await card.send('04700000'), 'status 08000000');
    t.equal(await card.ask('04', COMMON), '00', 'alone by its IDm');
  },
};

t.test('every scenario of the facts is there, once', async (t) => {
  const names = FELICA_SCENARIOS.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  t.same([...names].sort(), Object.keys(LOOKS).sort());
});

t.test('every scenario shows on the air what it is called after', async (t) => {
  for (const [index, scenario] of FELICA_SCENARIOS.entries()) {
    const reader = numbered(index);
    const staged = new StagedScenario(scenario, reader);
    await t.test(scenario.name, async (t) => {
      const card = await cardSession(reader);
      staged.after();
      await LOOKS[scenario.name]?.(t, { card, reader, staged });
      t.equal(staged.thing.chip.blocksAsked, scenario.what === 'card' ? 2 : 0);
    });
  }
});

t.test('before the clear each handset can be heard, and is one that was used', async (t) => {
  for (const [index, scenario] of FELICA_SCENARIOS.entries()) {
    if (scenario.what !== 'handset') continue;
    const reader = numbered(index);
    const card = await cardSession(reader);
    const staged = new StagedScenario(scenario, reader);
    staged.after();
    staged.before();
    t.equal(await card.poll('fe0f'), CONTAINER, scenario.name);
    t.equal(await issueInfo(card), PIXEL_INFO, scenario.name);
    const usedBlocks = (await card.ask('1e', COMMON, '010000')) !== ALL_FREE;
    t.ok(usedBlocks || (await card.poll('0003')) === TRANSIT, scenario.name);
  }
});

t.test('an iPhone before its erase answers transit readers that keep asking', async (t) => {
  const scenario = FELICA_SCENARIOS.find(({ name }) => name === 'iphone');
  if (!scenario) throw new RangeError('no such scenario');
  const reader = numbered(0);
  const card = await cardSession(reader);
  new StagedScenario(scenario, reader).before();
  const polled = [await card.poll('0003'), await card.poll('0003'), await card.poll('0003')];
  t.same(polled, ['', '', TRANSIT]);
});

t.test('an iPhone that was lifted must be asked anew', async (t) => {
  const reader = numbered(0);
  const card = await cardSession(reader);
  const iphone = new FelicaIphone('iPhone', withTransit(cleanPhone('apple')), { express: true });
  reader.put(iphone);
  t.same([await card.poll('0003'), await card.poll('0003')], ['', '']);
  reader.take(iphone);
  reader.put(iphone);
  t.same([await card.poll('0003'), await card.poll('0003')], ['', '']);
  t.equal(await card.poll('0003'), TRANSIT);
});

t.test('what happens in a scenario leaves the faults of the air as they were', async (t) => {
  const scenario = FELICA_SCENARIOS.find(({ name }) => name === 'phone-lifted');
  if (!scenario) throw new RangeError('no such scenario');
  const reader = numbered(0);
  const card = await cardSession(reader);
  const faulty = () => 'crc' as const;
  reader.faults.onAir = faulty;
  const staged = new StagedScenario(scenario, reader);
  staged.after();
  for (let count = 1; count < 40; count += 1)
    t.equal(await card.send('0600fe000100'), 'status 04000000');
  t.equal(await card.send('0600fe000100'), '', 'lifted all the same');
  staged.end();
  t.equal(reader.faults.onAir, faulty);
  t.same(reader.targets, []);
});
