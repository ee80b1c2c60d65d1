import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { checkConfig } from '../../src/config.js';
import { LightsWiring } from '../../src/daemon/lights-wiring.js';
import { createLog } from '../../src/log.js';
import { lightOf } from '../../src/ports/light.js';
import type { PortView, RackView } from '../../src/ports/view.js';
import { eventually } from '../devices/helpers/eventually.js';
import type { Owner } from '../devices/helpers/owner.js';
import { FakeHub, FakeHubService } from '../devices/hub/helpers/fake-hub-service.js';

const GREEN = 255;
const OFF = 0;
const STALE = 11010048;
const facts = { held: false, verdict: null, lane: null, attention: null, blinking: false } as const;
const EMPTY = lightOf({ ...facts, state: 'empty', stale: false });
const PASSED = lightOf({
  ...facts,
  state: 'settled',
  verdict: 'passed',
  lane: 'release',
  stale: false,
});

async function lit(t: Owner, staleAfterSeconds: number) {
  const hub = new FakeHub('DB0074F5');
  const service = new FakeHubService(hub);
  await service.listen(t);
  const config = checkConfig({
    rack: {
      controllers: { A: {} },
      ports: { P01: { usb: ['1-1'], controller: 'A' }, P02: { usb: ['1-2'], controller: 'A' } },
    },
    hub: {
      driver: 'cambrionix',
      cambrionix: {
        port: service.port,
        hubs: [{ serial: hub.serial, ports: ['P01', '-', 'P02'] }],
      },
    },
    timing: { staleAfterSeconds },
  });
  const listeners = new Set<() => void>();
  const world = { hangs: false, lights: [EMPTY, EMPTY] };
  const view = () => {
    const ports = world.lights.map((light, n) => ({ port: `P0${n + 1}`, light }) as PortView);
    return { ports } as unknown as RackView;
  };
  const wiring = new LightsWiring({
    config,
    view,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    log: createLog('silent'),
  });
  wiring.start();
  t.teardown(() => wiring.stop());
  const change = (...lights: typeof world.lights) => {
    world.lights = lights;
    for (const listener of listeners) listener();
  };
  const shows = (...leds: number[]) =>
    eventually(`${leds}`, async () => {
      await delay(10);
      return hub.leds[0] === leds[0] && hub.leds[2] === leds[1];
    });
  return { hub, service, wiring, change, shows };
}

t.test('the hub shows what the rack shows, and the stale pattern after a clean stop', async (t) => {
  const { wiring, change, shows, hub } = await lit(t, 30);
  await shows(OFF, OFF);
  change(PASSED, EMPTY);
  await shows(GREEN, OFF);
  await eventually('it says so', () => {
    try {
      return wiring.health() === 'written';
    } catch {
      return false;
    }
  });
  await wiring.stop();
  t.strictSame([hub.leds[0], hub.leds[2]], [STALE, STALE]);
  t.equal(hub.leds[1], 0xee, 'an opening that is no port was never written');
});

t.test('a keeper that is killed is started again', async (t) => {
  const { wiring, change, shows } = await lit(t, 30);
  await shows(OFF, OFF);
  const { pid } = wiring;
  t.ok(pid);
  if (pid) process.kill(pid, 'SIGKILL');
  change(PASSED, EMPTY);
  await shows(GREEN, OFF);
  t.not(wiring.pid, pid);
});

t.test('a service that is away makes the lights unhealthy, and they come back', async (t) => {
  const { hub, service, wiring, change, shows } = await lit(t, 30);
  await shows(OFF, OFF);
  await service.close();
  hub.leds.fill(1);
  change(PASSED, EMPTY);
  await eventually('trouble', async () => {
    await delay(10);
    try {
      wiring.health();
      return false;
    } catch {
      return true;
    }
  });
  const again = new FakeHubService(hub);
  again.port = service.port;
  await again.listen(t);
  await shows(GREEN, OFF);
  await wiring.stop();
});
