import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../devices/helpers/eventually.js';
import { FakeHub, FakeHubService } from '../devices/hub/helpers/fake-hub-service.js';
import { SLOW_TO_FILL, World } from '../support/world.js';

const OFF = 0;
const DO_NOT_UNPLUG = 15728880;
const STALE = 11010048;

t.test(
  'the hub shows the rack, and nothing of it when the daemon hangs or is killed',
  async (t) => {
    const hub = new FakeHub('DB0074F5');
    const service = new FakeHubService(hub);
    await service.listen(t);
    const hubs = [{ serial: hub.serial, ports: ['P01', 'P02'] }];
    const cambrionix = {
      host: '127.0.0.1',
      port: service.port,
      leds: 'green-red-yellow',
      hubs,
    } as const;
    const world = await World.start(t, {
      config: { hub: { driver: 'cambrionix', cambrionix }, timing: { staleAfterSeconds: 3 } },
    });
    const shows = (first: number, second: number) =>
      eventually(
        `${first} ${second}`,
        async () => {
          await delay(20);
          return hub.leds[0] === first && hub.leds[1] === second;
        },
        40_000,
      );
    await shows(OFF, OFF);
    await world.plug('P01', { spec: SLOW_TO_FILL });
    await shows(DO_NOT_UNPLUG, OFF);
    const { checks } = await world.get<{ checks: { name: string; ok: boolean }[] }>('/readyz');
    for (const name of ['lights', 'ports', 'usb-budget'])
      t.match(
        checks.find((check) => check.name === name),
        { ok: true },
        name,
      );

    const pid = world.demo.daemonPid;
    if (!pid) throw new Error('the daemon has no process');
    process.kill(pid, 'SIGSTOP');
    await shows(STALE, STALE);
    process.kill(pid, 'SIGCONT');
    await shows(DO_NOT_UNPLUG, OFF);

    hub.lit.length = 0;
    process.kill(pid, 'SIGKILL');
    await eventually('stale', () => hub.lit.includes(STALE), 40_000);
    t.notOk(hub.lit.slice(0, hub.lit.indexOf(STALE)).some((value) => value !== STALE));
    await shows(DO_NOT_UNPLUG, OFF);
    t.not(world.demo.daemonPid, pid, 'by the next daemon');
  },
);
