import t from 'tap';
import { seeded } from '../../support/random.js';
import { feedMutated, VICTIMS } from './helpers/mutated-frames.js';

t.test('a thousand mutated frames neither stop nor break any parser', async (t) => {
  for (const victim of VICTIMS) {
    const { taken, refused } = feedMutated(victim, 1_000, seeded(1));
    t.ok(refused > 100, `${victim.name}: ${refused} refused`);
    t.ok(taken > 0, `${victim.name}: ${taken} still read`);
  }
});
