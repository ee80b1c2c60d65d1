import t from 'tap';
import { OnDevice } from '../../../src/erasure-engines/felica/clearing/on-device.js';
import {
  cleanPhone,
  PIXEL,
  RESIDUE,
  withResidue,
} from '../../../src/simulator/felica/chip/phones.js';
import { LicensedTool } from '../../../src/simulator/felica/clearing/licensed-tool.js';
import { clearInSettings } from '../../../src/simulator/felica/clearing/settings-clear.js';
import { FelicaHandset } from '../../../src/simulator/felica/felica-handset.js';
import { BenchWorld, toolThat } from './helpers/bench-world.js';

const USED = withResidue(cleanPhone(), RESIDUE.nanaco);

function used(name = 'seller'): FelicaHandset {
  return new FelicaHandset(name, USED);
}

/** A world in which a licensed tool clears what lies on the reader, as it says or not. */
function withTool(handset: FelicaHandset, does: (tool: LicensedTool) => void = () => undefined) {
  const world = new BenchWorld();
  const tool = new LicensedTool('initialised');
  does(tool);
  world.method = toolThat(() => tool.clear(handset).toLowerCase().replace('_', '-') as 'cleared');
  world.does = (code) => {
    if (code === 'felica-place-on-reader') world.person.places(handset, 1);
  };
  return { world, tool };
}

t.test('a handset is called, surveyed, cleared by the tool and proved', async (t) => {
  const handset = used();
  const { world } = withTool(handset);
  t.same(await world.attempt(), { kind: 'done' });
  t.same(world.asked, ['felica-place-on-reader']);
  t.same(world.run.kinds(), [
    'felica-identity-bound:true',
    'felica-survey-before:true',
    'felica-cleared-by:true',
    'felica-survey-after:true',
  ]);
  t.match(world.run.last('felica-survey-after')?.value, { verdict: 'CLEAR', bench: 1 });
  t.match(world.run.last('felica-cleared-by')?.value, { outcome: 'cleared', believed: false });
  t.same(
    world.run.intents.map(({ step }) => step),
    ['felica-clear'],
  );
  const text = JSON.stringify(world.run.evidence);
  for (const id of [PIXEL.container, PIXEL.common]) t.notOk(text.includes(id), 'no id in the open');
  t.notOk(world.reader.isFieldOn, 'the field is down');
});

t.test('the tool says done and the air says residual: the run has failed', async (t) => {
  for (const fault of ['nothing-happens', 'leaves-hidden-nodes'] as const) {
    const { world } = withTool(used(), (tool) => {
      tool.faults.chip = fault;
    });
    t.match(await world.attempt(), { kind: 'failed', code: 'felica-residual' }, fault);
    t.match(world.run.last('felica-cleared-by')?.value, { outcome: 'cleared' });
    t.match(world.run.last('felica-survey-after'), {
      holds: false,
      value: { verdict: 'RESIDUAL' },
    });
  }
});

t.test('a clear that did not end is asked for again, and ends well when it did', async (t) => {
  const handset = used();
  const { world } = withTool(handset);
  const tool = new LicensedTool('uninitialised');
  tool.faults.chip = 'interrupted';
  world.method = toolThat(() => tool.clear(handset).toLowerCase() as 'cleared');
  t.match(await world.attempt(), { kind: 'attention', code: 'felica-clear-interrupted' });
  t.not(world.run.last('felica-survey-after')?.holds, true);
  tool.faults.chip = 'none';
  // What an interrupted clear leaves is a chip that says so; the second one starts from there.
  const outcome = await world.attempt();
  t.match(outcome, { kind: 'done' });
  t.equal(world.run.evidence.filter(({ kind }) => kind === 'felica-survey-before').length, 1);
});

t.test(
  'whatever keeps the tool from clearing is a matter for a person, and nothing is proved',
  async (t) => {
    const cases = [
      ['network', 'felica-clear-failed'],
      ['licence', 'felica-clear-failed'],
      ['cards-remain', 'felica-clear-failed'],
      ['unsupported', 'felica-carrier-shop'],
    ] as const;
    for (const [outcome, code] of cases) {
      const { world } = withTool(used());
      world.method = toolThat(() => outcome);
      t.match(await world.attempt(), { kind: 'attention', code, detail: { outcome } });
      t.equal(world.run.last('felica-cleared-by')?.holds, false);
      t.equal(world.run.last('felica-survey-after'), undefined);
    }
  },
);

t.test('a chip that holds nothing is not touched', async (t) => {
  const { world } = withTool(new FelicaHandset('clean', cleanPhone()));
  world.method = toolThat(() => {
    throw new Error('must not be asked');
  });
  t.same(await world.attempt(), { kind: 'done' });
  t.match(world.run.last('felica-survey-after')?.value, { verdict: 'CLEAR_RF' });
});

t.test('a person clears it on the handset itself, and the reader sees the result', async (t) => {
  const handset = used();
  const world = new BenchWorld();
  world.clear = { method: 'on-device' };
  world.method = new OnDevice({ timeoutSeconds: 10 });
  world.does = (code) => {
    if (code === 'felica-place-on-reader') world.person.places(handset, 1);
    if (code !== 'felica-clear-on-device') return;
    world.person.lifts(handset);
    setTimeout(() => {
      clearInSettings(handset, { leaves: 'uninitialised' });
      world.person.places(handset, 1);
    }, 150);
  };
  t.same(await world.attempt(), { kind: 'done' });
  t.same(world.asked, ['felica-place-on-reader', 'felica-clear-on-device']);
  t.match(world.run.last('felica-survey-after')?.value, { verdict: 'CLEAR_INITIAL' });
});

t.test('who puts it back without having cleared it has said that it is clear', async (t) => {
  const handset = used();
  const world = new BenchWorld();
  world.clear = { method: 'on-device' };
  world.method = new OnDevice({ timeoutSeconds: 10 });
  world.person.places(handset, 1);
  world.does = (code) => {
    if (code !== 'felica-clear-on-device') return;
    world.person.lifts(handset);
    setTimeout(() => world.person.places(handset, 1), 150);
  };
  t.match(await world.attempt(), { kind: 'failed', code: 'felica-residual' });
});

t.test('who may not clear here asks for the person who may', async (t) => {
  const shop = withTool(used()).world;
  shop.clear = { method: 'carrier-shop' };
  shop.method = null;
  t.match(await shop.attempt(), { kind: 'attention', code: 'felica-carrier-shop' });
  const handset = used();
  const person = withTool(handset).world;
  person.clear = null;
  person.method = null;
  t.match(await person.attempt(), { kind: 'attention', code: 'felica-clear-needed' });
  person.run.state('person-confirmed', 'felica-clear', { felica: 'cleared' });
  t.match(
    await person.attempt(),
    { kind: 'failed', code: 'felica-residual' },
    'a word is no proof',
  );
});
