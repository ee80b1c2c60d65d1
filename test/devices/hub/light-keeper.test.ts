import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LightKeeper, wantedLights } from '../../../src/devices/hub/light-keeper.js';
import {
  type RackLights,
  type ShownLight,
  STALE_LIGHT,
} from '../../../src/devices/hub/rack-hub.js';
import { SarachiError } from '../../../src/errors.js';
import { eventually } from '../helpers/eventually.js';
import type { Owner } from '../helpers/owner.js';
import { FakeHub, FakeHubService } from './helpers/fake-hub-service.js';

const GREEN: ShownLight = { colour: 'green', pattern: 'solid' };
const STALE = 11010048;

t.test('nothing is shown longer than it is known to be true', async (t) => {
  const told = { lights: new Map([['P01', GREEN]]), at: 100 };
  const at = (now: number) => wantedLights(['P01', 'P02'], told, { now, staleMs: 50 });
  t.strictSame(
    [...at(149)],
    [
      ['P01', GREEN],
      ['P02', STALE_LIGHT],
    ],
    'fresh',
  );
  t.strictSame([...at(150).values()], [STALE_LIGHT, STALE_LIGHT], 'stale');
  t.strictSame([...wantedLights(['P01'], null, { now: 0, staleMs: 50 }).values()], [STALE_LIGHT]);
});

t.test('what failed is written again, all of it', async (t) => {
  let fails = 1;
  const shown: string[] = [];
  const lights: RackLights = {
    show: async (map) => {
      shown.push([...map.keys()].join());
      if (fails-- > 0) throw new SarachiError('hub-gone');
    },
    close: async () => undefined,
  };
  const said: string[] = [];
  const keeper = new LightKeeper({
    ...{ lights, ports: ['P01', 'P02'], staleMs: 60_000, refreshMs: 60_000 },
    clock: () => performance.now(),
    report: (trouble) => said.push(trouble?.code ?? 'ok'),
  });
  const end = new AbortController();
  const running = keeper.run(end.signal, {
    signal: new AbortController().signal,
    timeoutMs: 1_000,
  });
  await eventually('written', () => shown.length === 2);
  keeper.told(
    new Map([
      ['P01', GREEN],
      ['P02', STALE_LIGHT],
    ]),
  );
  await eventually('the change alone', () => shown.length === 3);
  end.abort();
  await running;
  t.strictSame(shown, ['P01,P02', 'P01,P02', 'P01', 'P01,P02']);
  t.strictSame(said, ['hub-gone', 'ok', 'ok', 'ok']);
});

/** The keeper's own process, told by hand as the daemon would. */
async function keeperProcess(t: Owner, staleMs: number) {
  const hub = new FakeHub('DB0074F5');
  const service = new FakeHubService(hub);
  await service.listen(t);
  const compiled = import.meta.filename.endsWith('.js');
  const root = compiled ? path.resolve('dist/src') : path.resolve('src');
  const file = path.join(root, `daemon/light-keeper-process.${compiled ? 'js' : 'ts'}`);
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, file], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  });
  const { port } = service;
  const hubs = [{ serial: hub.serial, ports: ['P01'] }];
  const write = (line: object) => child.stdin?.write(`${JSON.stringify(line)}\n`);
  write({ hub: { driver: 'cambrionix', cambrionix: { port, hubs } }, staleMs });
  const shows = (value: number) =>
    eventually(`${value}`, async () => {
      await delay(10);
      return hub.leds[0] === value;
    });
  return { child, write, shows };
}

t.test('a daemon that hangs says nothing any more, and the green goes', async (t) => {
  const { child, write, shows } = await keeperProcess(t, 1_500);
  await shows(STALE);
  write({ lights: { P01: GREEN } });
  await shows(255);
  await shows(STALE);
  t.equal(child.exitCode, null, 'it waits for the daemon to speak again');
  write({ lights: { P01: GREEN } });
  await shows(255);
});

t.test(
  'a daemon that is killed takes its end of the pipe with it, and the green goes',
  async (t) => {
    const { child, write, shows } = await keeperProcess(t, 60_000);
    write({ lights: { P01: GREEN } });
    await shows(255);
    child.kill('SIGTERM');
    child.stdin?.destroy();
    const [code] = await once(child, 'exit');
    t.equal(code, 0, 'SIGTERM did not end it before its last work');
    await shows(STALE);
  },
);
