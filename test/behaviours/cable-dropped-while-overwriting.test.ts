import t from 'tap';
import { World } from '../support/world.js';

t.test(
  'the cable comes off during the overwrite and is put back: the fill went on and the run passes',
  async (t) => {
    const world = await World.start(t);
    await world.plug('P01', {
      spec: { profile: 'google-pixel-7', condition: 'in-use' },
      faults: { cableDrop: { fillBytes: 6_000_000, forMs: 1500 } },
    });
    const end = await world.settled('P01', 110);
    t.equal(end.verdict, 'passed', end.reasons.join(', '));
    const ofRun = (await world.ledger()).filter(({ run }) => run === end.run);
    const intents = ofRun.filter(
      ({ type, body }) =>
        type === 'intent' && body['step'] === 'reset' && body['stage'] === 'reset-delete',
    );
    t.equal(intents.length, 1, 'no second reset');
  },
);
