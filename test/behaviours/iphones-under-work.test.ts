import t from 'tap';
import { World } from '../support/world.js';

const IN_USE = { profile: 'iphone-12-ios-18' } as const;

t.test('iPhones whose cable drops, or whose usbmuxd is restarted, go on and pass', async (t) => {
  const world = await World.start(t);
  const dropped = await world.plugIphone('P01', {
    iphone: IN_USE,
    trusted: true,
    faults: { cableDrop: { afterAfcBytes: 4_000_000, forMs: 300 } },
  });
  const steady = await world.plugIphone('P11', { iphone: IN_USE, trusted: true });
  await world.until('P11', ({ stage }) => stage === 'overwrite-erase');
  await world.demo.rack.usbmuxd.stop();
  await world.until('P11', ({ condition }) => condition === 'mux:unknown');
  await world.demo.rack.usbmuxd.start();
  for (const { port, handset } of [dropped, steady]) {
    const end = await world.settled(port, 90);
    t.equal(end.verdict, 'passed', `${port} ${end.reasons.join(', ')}`);
    t.equal(handset.erases, 1);
    t.same(handset.state.hosts, [], 'it trusts nobody any more');
  }
  t.equal(dropped.handset.faults.cableDrop, null, 'the cable did drop');
});

t.test(
  'another iPhone comes back from the erase: nothing is proved, and it is left alone',
  async (t) => {
    const world = await World.start(t);
    const { usbPath } = await world.plugIphone('P01', { iphone: IN_USE, trusted: true });
    const stranger = await world.demo.rack.iphone({ ...IN_USE, storageBytes: 16 * 1024 * 1024 });
    world.demo.rack.swapAtNextBoot(usbPath, stranger);
    const end = await world.settled('P01', 90);
    t.equal(end.verdict, 'inconclusive');
    t.ok(end.reasons.includes('voided:swapped'), end.reasons.join(', '));
    t.not(end.light.colour, 'green');
    t.equal(stranger.erases, 0);
  },
);
