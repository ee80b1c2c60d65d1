import t from 'tap';
import { DEMO_READER } from '../../src/cli/demo/felica-desk.js';
import type { HealthCheck } from '../../src/http/rack-api.js';
import { World } from '../support/world.js';

const CALLED = 'felica-place-on-reader';

t.test(
  'one port at a time is called to the reader; a daemon killed meanwhile calls again; a tool that lies is found out',
  async (t) => {
    const world = await World.start(t, {
      config: {
        felica: {
          readers: [DEMO_READER],
          clear: {
            method: 'external-tool',
            command: '/bin/true',
            arguments: [],
            answer: 'exit-code',
            exitCodes: { '0': 'cleared' },
            timeoutSeconds: 10,
          },
        },
      },
    });
    const { checks } = await world.get<{ checks: HealthCheck[] }>('/readyz');
    const reader = checks.find(({ name }) => name === 'felica-reader 1');
    t.match(reader, { ok: true, detail: `at ${DEMO_READER}` });
    const story = {
      spec: { profile: 'sharp-sh-53c', condition: 'in-use' },
      felica: { clears: 'by-its-word-alone' },
    } as const;
    await world.plug('P01', story);
    const called = await world.until('P01', ({ attention }) => attention?.code === CALLED);
    t.equal(called.state, 'working');
    t.equal(called.light.word.en, 'TO READER');
    t.match(called.attention?.en, /FeliCa reader 1, alone/);
    await world.plug('P02', story);
    const second = await world.until('P02', ({ waiting }) => waiting?.queue === 'felica-1');
    t.same([second.attention, second.waiting?.ahead], [null, 0], 'nobody is called beside it');

    process.kill(world.demo.daemonPid ?? 0, 'SIGKILL');
    await world.until(
      'P01',
      ({ attempt, attention }) => attention?.code === CALLED && attempt !== called.attempt,
    );
    world.demo.desk.places('P01');
    const end = await world.settled('P01');
    t.match(end, { verdict: 'failed', lane: 'quarantine', reasons: ['failed:felica-residual'] });

    // What still lies there is the first one's: the next port is not served by it.
    await world.until('P02', ({ attention }) => attention?.code === 'felica-wrong-handset');
    world.demo.desk.places('P02');
    t.match(await world.settled('P02'), { verdict: 'failed', lane: 'quarantine' });
    const lines = (await world.ledger()).filter(({ type }) => type === 'intent');
    t.same(
      lines.map(({ port, body }) => [port, body['step']]),
      [
        ['P01', 'felica-clear'],
        ['P02', 'felica-clear'],
      ],
      'each was cleared once, and nothing was reset',
    );
  },
);
