import t from 'tap';
import { World } from '../support/world.js';

const IN_USE = { profile: 'google-pixel-7', condition: 'in-use' } as const;

t.test(
  'another handset comes back from the reset: nothing is proved and the stranger is left alone',
  async (t) => {
    const world = await World.start(t);
    const { usbPath } = await world.plug('P01', { spec: { ...IN_USE, serial: 'FIRST' } });
    const stranger = await world.demo.rack.handset({ ...IN_USE, serial: 'STRANGER' });
    world.demo.rack.swapAtNextBoot(usbPath, stranger);
    const end = await world.settled('P01');
    t.equal(end.verdict, 'inconclusive');
    t.ok(end.reasons.includes('voided:swapped'), end.reasons.join(', '));
    t.equal(end.attention?.code, 'handset-swapped');
    t.match(end.condition, /^(adb|usb):/, 'what stands there is told after the verdict too');
    t.not(end.light.colour, 'green');
    t.strictSame(
      await world.act('P01', 'retry'),
      409,
      'nobody may start the stranger by a button meant for the first',
    );
    t.equal(stranger.resets, 0, 'the stranger was not touched');

    world.demo.rack.unplug(usbPath);
    await world.until('P01', ({ state }) => state === 'empty');
  },
);
