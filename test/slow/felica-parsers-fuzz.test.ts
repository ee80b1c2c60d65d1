import t from 'tap';
import { feedMutated, VICTIMS } from '../devices/pasori/helpers/mutated-frames.js';
import { seeded } from '../support/random.js';

const SEED = Number(process.env['SARACHI_SEED'] ?? 20261122);
const FRAMES = Number(process.env['SARACHI_FRAMES'] ?? 100_000);

for (const victim of VICTIMS) {
  t.test(`${FRAMES} mutated frames neither stop nor break ${victim.name}`, async (t) => {
    t.comment(`SARACHI_SEED=${SEED}`);
    const { taken, refused } = feedMutated(victim, FRAMES, seeded(SEED));
    t.equal(taken + refused, FRAMES);
    t.ok(refused > FRAMES / 10, `${refused} refused`);
    t.ok(taken > 0, `${taken} still read`);
  });
}
