import t from 'tap';
import { World } from '../support/world.js';

t.test('two handsets with the same serial, and two without any, are four handsets', async (t) => {
  const world = await World.start(t);
  const twin = { profile: 'google-pixel-7', condition: 'in-use' } as const;
  const specs = { P01: '0123456789ABCDEF', P02: '0123456789ABCDEF', P03: null, P04: null };
  for (const [port, usbSerial] of Object.entries(specs)) {
    await world.plug(port, {
      spec: {
        ...twin,
        serial: `H${port}`,
        usbSerial,
        oddProperties: usbSerial ? { 'ro.serialno': usbSerial, 'ro.boot.serialno': usbSerial } : {},
      },
    });
  }
  const ends = await Promise.all(Object.keys(specs).map((port) => world.settled(port, 110)));
  for (const end of ends) t.equal(end.verdict, 'passed', `${end.port} ${end.reasons.join(', ')}`);
  t.equal(new Set(ends.map(({ run }) => run)).size, 4, 'each has a run of its own');
});
