import t from 'tap';
import { inventoryOf } from '../../../src/erasure-engines/felica/findings.js';
import { judgeFelica } from '../../../src/erasure-engines/felica/judge-felica.js';
import { StagedScenario } from '../../../src/simulator/felica/scenarios/staged-scenario.js';
import { quickReader } from '../../support/simulated-pasori.js';
import { IPHONE, playAll } from './helpers/play-scenario.js';
import { scenarioOf, surveyOn } from './helpers/surveyed.js';

t.test('every scenario gives exactly its expected verdict on an RC-S380', (t) =>
  playAll(t, 'RC-S380/P'),
);

t.test('an iPhone whose erase is not proved is not covered by it', async (t) => {
  const said = judgeFelica(null, null, { ...IPHONE, eraseProved: false });
  t.match({ ...said }, { verdict: 'INCONCLUSIVE', reasons: ['erase-not-proved'] });
  t.equal(judgeFelica(null, null, IPHONE).verdict, 'covered-by-reset');
});

t.test('the inventory names what is left and where it was seen', async (t) => {
  const air = quickReader('RC-S380/P');
  new StagedScenario(scenarioOf('dirty-nanaco'), air).before();
  const found = inventoryOf(await surveyOn(air));
  t.same(
    found.map(({ code, isResidue, areas, services, usedBlocks }) => [
      code.toString(16),
      isResidue,
      areas,
      services,
      usedBlocks,
    ]),
    [
      ['fe00', true, 2, 1, 45],
      ['fe0f', false, 5, 7, null],
    ],
  );
  t.same(found[0]?.nodes[2], {
    code: 0x5588,
    endCode: null,
    keyVersion: 1,
    seenBy: ['list', 'probe', 'search'],
    label: 'nanaco',
  });
});
