import t from 'tap';
import { World } from '../support/world.js';

t.test('after a restart of the daemon nothing begins that nobody asked for', async (t) => {
  const world = await World.start(t);
  const spec = { profile: 'google-pixel-7', condition: 'in-use' } as const;
  const stopped = await world.plug('P01', { spec });
  await world.until('P01', ({ stage }) => stage === 'identify' || stage === 'reset-delete');
  t.equal(await world.act('P01', 'abort'), 202);
  const aborted = await world.settled('P01');
  const passed = await world.plug('P11', {
    spec: { profile: 'google-pixel-7-android-16', condition: 'already-reset' },
  });
  const green = await world.settled('P11');
  t.equal(green.light.colour, 'green');
  t.equal(await world.act('P21', 'hold'), 202);
  const resets = [stopped, passed].map(({ handset }) => handset.resets);

  const pid = world.demo.daemonPid;
  if (pid) process.kill(pid, 'SIGKILL');
  await world.until('P21', ({ held }) => held && world.demo.daemonPid !== pid);
  const held = await world.plug('P21', { spec: { ...spec, serial: 'HELD1' } });
  await world.until('P21', ({ condition }) => condition === 'adb:device');
  const later = await world.until(
    'P01',
    ({ state, actions }) => state === 'settled' && actions.includes('retry'),
  );
  t.match(later, { run: aborted.run, verdict: 'inconclusive' });
  const unwatched = await world.until(
    'P11',
    ({ state, actions }) => state === 'settled' && actions.includes('retry'),
  );
  t.match(unwatched, {
    run: green.run,
    verdict: 'passed',
    lane: 'attention',
    light: { colour: 'yellow' },
  });
  t.equal((await world.until('P21', () => true)).state, 'unready', 'the port is still on hold');
  t.same(
    [stopped, passed].map(({ handset }) => handset.resets),
    resets,
    'no handset was reset again',
  );
  t.equal(held.handset.resets, 0);
});
