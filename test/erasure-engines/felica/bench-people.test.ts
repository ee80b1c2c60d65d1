import t from 'tap';
import { SarachiError } from '../../../src/errors.js';
import { CARDS } from '../../../src/simulator/felica/chip/cards.js';
import {
  cleanPhone,
  OTHER_PIXEL,
  PIXEL,
  RESIDUE,
  withResidue,
  withTransit,
} from '../../../src/simulator/felica/chip/phones.js';
import { LicensedTool } from '../../../src/simulator/felica/clearing/licensed-tool.js';
import { FelicaHandset } from '../../../src/simulator/felica/felica-handset.js';
import { FelicaIphone } from '../../../src/simulator/felica/felica-iphone.js';
import { PlasticCard } from '../../../src/simulator/felica/plastic-card.js';
import { BenchWorld, toolThat } from './helpers/bench-world.js';

const USED = withResidue(cleanPhone(), RESIDUE.nanaco);

function used(name = 'seller'): FelicaHandset {
  return new FelicaHandset(name, USED);
}

const OTHER = () =>
  new FelicaHandset('other', withResidue(cleanPhone('mobile-4.1', OTHER_PIXEL), RESIDUE.edy));

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

t.test(
  'a card, two handsets, another handset: each is asked for by name until the right one lies there',
  async (t) => {
    const handset = used();
    const other = OTHER();
    const { world } = withTool(handset);
    world.elsewhere.add(world.digest(OTHER_PIXEL.container));
    const [card] = Object.values(CARDS);
    if (!card) throw new Error('no card');
    world.does = (code) => {
      if (code === 'felica-place-on-reader') world.person.places(new PlasticCard('suica', card), 1);
      if (code === 'felica-card-on-reader') {
        world.person.swapsFor(handset, 1);
        world.person.places(new FelicaHandset('beside', cleanPhone('mobile-4.1', OTHER_PIXEL)), 1);
      }
      if (code === 'felica-several-on-reader') world.person.swapsFor(other, 1);
      if (code === 'felica-wrong-handset') world.person.swapsFor(handset, 1);
    };
    t.same(await world.attempt(), { kind: 'done' });
    t.same(world.asked, [
      'felica-place-on-reader',
      'felica-card-on-reader',
      'felica-several-on-reader',
      'felica-wrong-handset',
    ]);
    t.match(other.chip.state, OTHER().chip.state, 'the other one was left alone');
  },
);

t.test('a chip that names another model than the handset is not its chip', async (t) => {
  const world = new BenchWorld('SH-53C');
  const named = (model: string) =>
    new FelicaHandset(
      model,
      cleanPhone('mobile-4.1', model === 'SH53C' ? { ...PIXEL, model } : { ...OTHER_PIXEL, model }),
    );
  world.person.places(named('A301XM'), 1);
  world.does = (code) => {
    if (code === 'felica-wrong-handset') world.person.swapsFor(named('SH53C'), 1);
  };
  t.same(await world.attempt(), { kind: 'done' });
  t.same(world.asked, ['felica-wrong-handset']);
  t.same(
    world.run.evidence
      .filter(({ kind }) => kind === 'felica-identity-bound')
      .map(({ holds, value }) => [holds, value['models']]),
    [
      [false, 'other'],
      [true, 'same'],
    ],
  );
});

t.test('another handset that comes back from the clear is never taken for the first', async (t) => {
  const handset = used();
  const { world, tool } = withTool(handset);
  world.method = toolThat(() => {
    tool.clear(handset);
    world.person.swapsFor(new FelicaHandset('clean', cleanPhone('mobile-4.1', OTHER_PIXEL)), 1);
    return 'cleared';
  });
  t.match(await world.attempt(), { kind: 'attention', code: 'felica-wrong-handset' });
  t.equal(world.run.last('felica-survey-after'), undefined);
});

t.test(
  'nobody comes, or the handset is silent: the reader is free again and nothing is proved',
  async (t) => {
    const world = new BenchWorld();
    t.match(await world.attempt(), { kind: 'attention', code: 'felica-place-on-reader' });
    world.person.places(
      new FelicaHandset('locked', cleanPhone(), { condition: { felicaLock: true } }),
      1,
    );
    t.match(await world.attempt(), { kind: 'attention', code: 'felica-place-on-reader' });
    t.same(world.run.evidence, []);
    t.doesNotThrow(() => world.reader.transfers(), 'the reader was given back');
  },
);

t.test('a reader that is unplugged is asked for, and the survey begins again', async (t) => {
  const { world } = withTool(used());
  world.placeSeconds = 10;
  world.reader.unplug();
  const place = world.does;
  world.does = (code) => {
    if (code === 'felica-reader-trouble') world.reader.plug();
    return place(code);
  };
  t.same(await world.attempt(), { kind: 'done' });
  t.equal(world.asked[0], 'felica-reader-trouble');
});

t.test('a stage that is stopped while it waits gives the reader back', async (t) => {
  const world = new BenchWorld();
  world.placeSeconds = 60;
  const stop = new AbortController();
  world.does = () => stop.abort(new SarachiError('aborted'));
  await t.rejects(world.attempt(stop.signal), { code: 'aborted' });
  t.doesNotThrow(() => world.reader.transfers());
});

t.test('an iPhone after its erase: an answer is residual, silence proves nothing', async (t) => {
  const card = withTransit(cleanPhone('apple', { ...PIXEL, model: 'FeliCaApp' }), RESIDUE.suica);
  for (const fails of [true, false]) {
    const world = new BenchWorld();
    const iphone = new FelicaIphone('iphone', card, { express: true });
    iphone.erase(fails);
    world.does = () => world.person.places(iphone, 1);
    const outcome = await world.transit();
    t.match(outcome, fails ? { kind: 'failed', code: 'felica-residual' } : { kind: 'done' });
    t.equal(world.run.last('felica-transit-after')?.holds, !fails);
    t.equal(iphone.walletOpened, 0, 'the Wallet did not come up');
  }
});
