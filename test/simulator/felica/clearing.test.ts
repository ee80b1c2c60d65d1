import t from 'tap';
import {
  type ChipClearFault,
  type ClearedAs,
  clearChip,
} from '../../../src/simulator/felica/chip/clear-chip.js';
import {
  cleanPhone,
  RESIDUE,
  withResidue,
  withTransit,
} from '../../../src/simulator/felica/chip/phones.js';
import { LicensedTool } from '../../../src/simulator/felica/clearing/licensed-tool.js';
import {
  clearInSettings,
  memoryUsage,
} from '../../../src/simulator/felica/clearing/settings-clear.js';
import {
  BENCH_CONDITION,
  FelicaHandset,
  type HandsetCondition,
  isHeard,
} from '../../../src/simulator/felica/felica-handset.js';
import { FelicaIphone } from '../../../src/simulator/felica/felica-iphone.js';
import { BenchPerson } from '../../../src/simulator/felica/person.js';
import { SimulatedReader } from '../../../src/simulator/felica/reader/simulated-reader.js';
import { cardSession } from './card-session.js';
import { CLEAN, NANACO } from './fixtures.js';

const USED = withTransit(NANACO, RESIDUE.suica);

function used(condition: Partial<HandsetCondition> = {}): FelicaHandset {
  return new FelicaHandset('used', USED, { condition });
}

t.test('which handsets can be heard', async (t) => {
  for (const [change, heard] of [
    [{}, true],
    [{ screenLocked: true }, true],
    [{ screenLocked: true, secureNfc: true }, false],
    [{ secureNfc: true }, true],
    [{ nfc: false }, false],
    [{ felicaLock: true }, false],
    [{ power: 'off' }, true],
    [{ power: 'off', answersWhenOff: false }, false],
    [{ power: 'off', felicaLock: true }, false],
    [{ power: 'dead' }, false],
  ] as const)
    t.equal(isHeard({ ...BENCH_CONDITION, ...change }), heard, JSON.stringify(change));
});

t.test('what a clear leaves on the chip, gone right or wrong', async (t) => {
  const left = (as: ClearedAs, fault: ChipClearFault = 'none') => {
    const { systems, issueInfo } = clearChip(USED, as, fault);
    const told = systems.map(({ code, idm, nodes, activated }) => {
      const visible = nodes.filter((node) => node.shows === 'listed').length;
      return `${code.toString(16)} ${idm.slice(-4)} ${visible}/${nodes.length}${activated ? '' : ' off'}`;
    });
    return [...told, issueInfo?.slice(0, 10) ?? 'silent'];
  };
  const container = 'fe0f b660 13/13';
  t.same(left('initialised'), [container, 'fe00 b660 1/1', '0001000068']);
  t.same(left('uninitialised'), [container, 'fe00 b660 1/1', '0000000000']);
  t.same(left('unpersonalised'), ['ffff b660 1/1', 'silent']);
  t.same(left('initialised', 'nothing-happens'), [
    container,
    'fe00 b660 4/4',
    '3 b660 8/8',
    '0001000068',
  ]);
  t.same(left('initialised', 'interrupted'), [
    container,
    'fe00 b660 4/4',
    '3 b660 8/8',
    '0001800068',
  ]);
  t.same(left('initialised', 'leaves-hidden-nodes'), [
    container,
    'fe00 b660 1/4',
    '3 b660 1/8',
    '0001000068',
  ]);
  t.same(left('initialised', 'leaves-background-instance'), [
    container,
    'fe00 b660 1/1',
    '3 b660 8/8 off',
    '0001000068',
  ]);
  t.same(left('initialised', 'new-identity'), [container, 'fe00 c1ea 1/1', '0001000068']);
});

t.test('the licensed tool does what it says, unless it is told not to', async (t) => {
  const tool = new LicensedTool('uninitialised');
  const handset = used();
  tool.faults.licenceExpired = true;
  t.equal(tool.clear(handset), 'LICENCE');
  tool.faults.licenceExpired = false;
  tool.faults.offline = true;
  t.equal(tool.clear(handset), 'NETWORK');
  tool.faults.offline = false;
  t.equal(tool.clear(used({ felicaLock: true })), 'FAILED');
  t.equal(handset.chip.state, USED, 'untouched so far');
  tool.faults.chip = 'interrupted';
  t.equal(tool.clear(handset), 'INTERRUPTED');
  t.equal(handset.chip.state.issueInfo?.slice(4, 6), '80');
  tool.faults.chip = 'nothing-happens';
  t.equal(tool.clear(handset), 'CLEARED', 'a lie');
  t.equal(handset.chip.state.systems.length, 3);
  tool.faults.chip = 'none';
  t.equal(tool.clear(handset), 'CLEARED');
  t.equal(handset.chip.state.systems.length, 2);
  t.equal(tool.clear(handset), 'ALREADY_CLEAR');
});

t.test('the built-in function needs a handset that is ready for it', async (t) => {
  for (const [change, code] of [
    [{ power: 'off' }, 0],
    [{ clearsInSettings: false }, 5100],
    [{ felicaLock: true }, 202],
    [{ chipInUse: true }, 200],
    [{ online: false }, 800],
    [{ cardsInApp: 2 }, 801],
    [{}, 1],
  ] as const) {
    const handset = used(change);
    t.equal(
      clearInSettings(handset, { leaves: 'uninitialised' }).code,
      code,
      JSON.stringify(change),
    );
    t.equal(handset.chip.state === USED, code !== 1);
  }
  const handset = used();
  const leaves = 'uninitialised';
  t.equal(clearInSettings(handset, { leaves, serverInMaintenance: true }).code, 208);
  t.equal(clearInSettings(handset, { leaves, fault: 'nothing-happens' }).code, 803);
  t.equal(clearInSettings(handset, { leaves, fault: 'interrupted' }).code, 210);
  t.match(clearInSettings(handset, { leaves }), { code: 1, screen: 'データ消去完了' });
  t.match(clearInSettings(handset, { leaves }), { code: 2, screen: /初期状態になっています/ });
});

t.test('the memory usage screen judges as the app does', async (t) => {
  const old = withResidue(cleanPhone('mobile-3.0'), RESIDUE.edy);
  t.equal(memoryUsage(new FelicaHandset('old', old)), '45 / 1275 ブロック');
  t.equal(memoryUsage(new FelicaHandset('clean', CLEAN)), '未利用');
  t.equal(memoryUsage(used()), '利用中');
  t.equal(memoryUsage(used({ felicaLock: true })), 'ロックされています');
  const background = clearChip(USED, 'initialised', 'leaves-background-instance');
  t.equal(
    memoryUsage(new FelicaHandset('background', background)),
    '利用中',
    'the air cannot see it',
  );
});

t.test('a factory reset leaves the chip alone', async (t) => {
  const handset = used({ screenLocked: true, secureNfc: true, cardsInApp: 3 });
  t.notOk(isHeard(handset.condition));
  handset.factoryReset();
  t.equal(handset.chip.state, USED);
  t.ok(isHeard(handset.condition));
  t.equal(handset.condition.cardsInApp, 0);
});

t.test('an erase of an iPhone ends Express mode, unless it fails', async (t) => {
  const iphone = new FelicaIphone('iPhone', withTransit(cleanPhone('apple')), { express: true });
  iphone.erase(true);
  t.ok(iphone.express);
  iphone.erase();
  t.notOk(iphone.express);
});

t.test('a person moves handsets between the readers', async (t) => {
  const readers = (['RC-S380/S', 'RC-S380/P'] as const).map(
    (model, index) =>
      new SimulatedReader({ model, serialNumber: `${index}`, usbPath: `1-${index}` }),
  );
  const person = new BenchPerson(readers);
  const sessions = await Promise.all(readers.map(cardSession));
  const polls = () => Promise.all(sessions.map((card) => card.poll('fe0f')));
  const handset = used();
  const container = 'f14011111111b660';
  t.same(await polls(), ['', '']);
  person.places(handset, 2);
  t.same(await polls(), ['', container]);
  person.places(handset, 1);
  t.same(await polls(), [container, '']);
  person.swapsFor(new FelicaHandset('other', CLEAN), 1);
  t.same(
    readers[0]?.targets.map(({ name }) => name),
    ['other'],
  );
  person.clears(1);
  person.places(handset, 2);
  person.lifts(handset);
  t.same(await polls(), ['', '']);
  person.unplugs(2);
  t.notOk(readers[1]?.isPlugged);
  person.plugs(2);
  t.ok(readers[1]?.isPlugged);
  t.throws(() => person.places(handset, 3), RangeError);
});
