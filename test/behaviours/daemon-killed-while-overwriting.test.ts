import t from 'tap';
import { SLOW_TO_FILL, World } from '../support/world.js';

t.test(
  'kill -9 of the daemon during the overwrite: the run goes on without a second reset and passes',
  async (t) => {
    const world = await World.start(t);
    const { handset } = await world.plug('P01', {
      spec: SLOW_TO_FILL,
    });
    const filling = await world.filled('P01', 30_000_000);
    const pid = world.demo.daemonPid;
    t.ok(pid, 'the daemon has a process');
    if (pid) process.kill(pid, 'SIGKILL');
    await world.until('P01', ({ state }) => state === 'working' && world.demo.daemonPid !== pid);
    const end = await world.settled('P01');

    t.equal(end.verdict, 'passed');
    t.equal(end.run, filling.run, 'it is the same run');
    const ofRun = (await world.ledger()).filter(({ run }) => run === filling.run);
    const resets = ofRun.filter(
      ({ type, body }) =>
        type === 'intent' && body['stage'] === 'reset-delete' && body['step'] === 'reset',
    );
    t.equal(resets.length, 1, 'one reset was intended');
    t.equal(
      handset.resets,
      2,
      'the handset was emptied by the reset and by the closing reset only',
    );
    const overwrites = ofRun.filter(
      ({ type, body }) => type === 'stage-started' && body['stage'] === 'overwrite-erase',
    );
    t.equal(overwrites.length, 2, 'the overwrite has a second attempt');
    t.ok(world.said.some((line) => line.includes('SIGKILL')));
  },
);
