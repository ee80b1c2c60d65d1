import t from 'tap';
import { rigUnderTest } from './rig-under-test.js';

t.test('forty at once', async (t) => {
  const { rack, host, handset } = await rigUnderTest(t, {
    before: async (umock) => {
      for (const hub of [2, 3, 4, 5, 6]) await umock.hub(`1-${hub}`);
    },
  });
  const places = Array.from({ length: 40 }, (_, n) => `1-${1 + Math.floor(n / 7)}.${1 + (n % 7)}`);
  const small = { storageBytes: 8 * 1024 * 1024 };
  const handsets = await Promise.all(places.map(() => handset(small)));
  for (const [n, one] of handsets.entries()) rack.plug(places[n] ?? '', one);
  const online = () => host.sightings.filter((one) => one.condition === 'adb:device').length;
  await host.until(() => online() === places.length, 'all forty in adb');
  const serials = await Promise.all(places.map((path) => host.shell(path, 'getprop ro.serialno')));
  t.same(
    serials.map(({ stdout }) => stdout.trim()),
    handsets.map(({ serial }) => serial),
  );
  t.equal(host.bus.length, places.length, 'each was told of once');
});
