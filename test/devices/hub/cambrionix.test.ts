import t from 'tap';
import { CambrionixLights } from '../../../src/devices/hub/cambrionix/cambrionix-lights.js';
import { CambrionixPower } from '../../../src/devices/hub/cambrionix/cambrionix-power.js';
import { JsonStream } from '../../../src/devices/hub/cambrionix/json-stream.js';
import { ledValue } from '../../../src/devices/hub/cambrionix/led-value.js';
import {
  LIGHT_COLOURS,
  LIGHT_PATTERNS,
  type ShownLight,
  STALE_LIGHT,
} from '../../../src/devices/hub/rack-hub.js';
import { lightOf } from '../../../src/ports/light.js';
import { PORT_STATES } from '../../../src/ports/view.js';
import { eventually } from '../helpers/eventually.js';
import type { Owner } from '../helpers/owner.js';
import { FakeHub, FakeHubService } from './helpers/fake-hub-service.js';

const wait = (timeoutMs = 15_000, signal = new AbortController().signal) => ({ signal, timeoutMs });
const GREEN: ShownLight = { colour: 'green', pattern: 'solid' };
const RED: ShownLight = { colour: 'red', pattern: 'solid' };

async function twoHubs(t: Owner) {
  const [a, b] = [new FakeHub('AAAA0001'), new FakeHub('BBBB0002')];
  const service = new FakeHubService(a, b);
  await service.listen(t);
  const endpoint = { host: '127.0.0.1', port: service.port };
  const hubs = [
    { serial: a.serial, ports: ['P01', null, 'P03'] },
    { serial: b.serial, ports: ['P11'] },
  ];
  const lights = new CambrionixLights({ endpoint, hubs, leds: 'green-red-yellow' });
  const power = new CambrionixPower(endpoint, hubs);
  t.teardown(() => lights.close());
  t.teardown(() => power.close());
  return { a, b, service, lights, power };
}

t.test('lights are the numbers of the manual', async (t) => {
  const value = (colour: ShownLight['colour'], pattern: ShownLight['pattern']) =>
    ledValue({ colour, pattern }, 'green-red-yellow');
  t.equal(value('off', 'off'), 0);
  t.equal(value('white', 'fast'), 11141120);
  t.equal(value('yellow', 'double'), 9437184);
  t.equal(value('blue', 'slow'), 15728880);
  t.equal(value('green', 'solid'), 255);
  t.equal(value('red', 'solid'), 65280);
  t.equal(value('red', 'double'), 36864);
  t.equal(value('yellow', 'solid'), 16711680);
  t.equal(value('red-yellow', 'alternate'), 1044480);
  t.equal(ledValue(STALE_LIGHT, 'green-red-yellow'), 11010048);
  t.equal(ledValue({ colour: 'blue', pattern: 'solid' }, 'green-red-blue'), 0xff0000);
  t.equal(ledValue({ colour: 'red-yellow', pattern: 'alternate' }, 'green-red-blue'), 0x00ff0f);
});

t.test('solid green alone is 255, and every light of the rack can be shown', async (t) => {
  for (const colour of LIGHT_COLOURS)
    for (const pattern of LIGHT_PATTERNS)
      for (const set of ['green-red-yellow', 'green-red-blue'] as const) {
        const value = ledValue({ colour, pattern }, set);
        t.ok(Number.isInteger(value) && value >= 0 && value <= 0xffffff, `${colour} ${pattern}`);
        if (colour !== 'green') t.not(value, 255, `${colour} ${pattern} is not taken for a pass`);
      }
  const facts = {
    held: false,
    verdict: null,
    lane: null,
    attention: null,
    blinking: false,
  } as const;
  for (const state of PORT_STATES)
    t.type(ledValue(lightOf({ ...facts, state, stale: false }), 'green-red-yellow'), 'number');
  const { colour, pattern } = lightOf({ ...facts, state: 'settled', stale: true });
  t.strictSame({ colour, pattern }, STALE_LIGHT, "the stale light of the table is the watchdog's");
});

t.test('objects are found in the stream wherever it is cut', async (t) => {
  const text = '{"a":"}{\\"é","b":{}}\r\n {"id":1}{"x":[{}]}';
  const whole = [{ a: '}{"é', b: {} }, { id: 1 }, { x: [{}] }];
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const stream = new JsonStream();
    const found = [...stream.push(bytes.subarray(0, cut)), ...stream.push(bytes.subarray(cut))];
    t.strictSame(found, whole, `cut at ${cut}`);
  }
  t.throws(() => new JsonStream().push(Buffer.from('HTTP/1.1 400')), { code: 'hub-protocol' });
  t.throws(() => new JsonStream().push(Buffer.from('{nonsense}')), { code: 'hub-protocol' });
  t.throws(() => new JsonStream().push(Buffer.from(`{"a":"${'x'.repeat(1 << 20)}`)), {
    code: 'hub-protocol',
  });
});

t.test('the LEDs are taken over before they are written', async (t) => {
  const { a, b, service, lights } = await twoHubs(t);
  const all = new Map([
    ['P01', GREEN],
    ['P03', RED],
    ['P11', STALE_LIGHT],
    ['P77', RED],
  ] as const);
  await lights.show(all, wait());
  t.equal(a.remoteControl, 'auto');
  t.strictSame(
    a.leds.slice(0, 4),
    [255, 0xee, 65280, 0xee],
    'an opening without a port is left alone',
  );
  t.equal(b.leds[0], 11010048);
  service.notify();
  service.expireHandles();
  a.remoteControl = false;
  await lights.show(new Map([['P01', RED]]), wait());
  t.equal(a.leds[0], 65280, 'an expired handle is opened again and the LEDs taken over again');
  t.equal(a.remoteControl, 'auto');
  service.errors.push({ code: -10006, message: 'Timeout on communication' });
  await lights.show(new Map([['P01', GREEN]]), wait());
  t.equal(a.leds[0], 255, 'a time-out is tried again');
});

t.test('a hub that fails keeps no other one from being written', async (t) => {
  const { a, b, service, lights } = await twoHubs(t);
  service.hubs.splice(0, 1);
  const all = new Map([
    ['P01', GREEN],
    ['P11', RED],
  ] as const);
  await t.rejects(lights.show(all, wait()), { code: 'hub-refused', detail: { code: -10001 } });
  t.equal(a.leds[0], 0xee);
  t.equal(b.leds[0], 65280);
});

t.test('a light that can be read is read back', async (t) => {
  const { a, lights } = await twoHubs(t);
  a.alsoReadable = ['Port.1.leds'];
  await lights.show(new Map([['P01', GREEN]]), wait());
  a.showsLeds = 0;
  await t.rejects(lights.show(new Map([['P01', RED]]), wait()), { code: 'hub-not-obeyed' });
});

t.test('power is taken away and given back, each read back', async (t) => {
  const { a, power } = await twoHubs(t);
  t.ok(power.can('P03'));
  t.notOk(power.can('P02'));
  await power.cycle('P03', 1, wait());
  t.strictSame(a.written, ['Port.3.mode=o', 'Port.3.mode=s']);
  t.equal(a.modes[2], 's');
  t.equal(await power.look(wait()), '2 hubs answer');
  await t.rejects(power.cycle('P02', 1, wait()), { code: 'not-possible-now' });
});

t.test('"true" is not believed: power is asked for until the hub shows it', async (t) => {
  const { a, power } = await twoHubs(t);
  a.ignoresModes = 1;
  await power.cycle('P01', 1, wait());
  t.equal(a.modes[0], 's');
  t.ok(a.written.filter((line) => line === 'Port.1.mode=s').length > 1, 'asked again');
});

t.test('an aborted cycle gives the power back', async (t) => {
  const { a, power } = await twoHubs(t);
  const stop = new AbortController();
  const cycled = power.cycle('P01', 60_000, wait(60_000, stop.signal));
  cycled.catch(() => undefined);
  await eventually('it is off', () => a.modes[0] === 'o');
  stop.abort();
  await t.rejects(cycled, { code: 'aborted' });
  t.equal(a.modes[0], 's');
});

t.test('silence, garbage and a dead service are errors, and it comes back', async (t) => {
  const { a, service, lights, power } = await twoHubs(t);
  service.mute = true;
  await t.rejects(power.look(wait(50)), { code: 'hub-gone' }, 'silence');
  service.mute = false;
  service.garbage = 'HTTP/1.1 400 Bad Request';
  await t.rejects(power.look(wait()), { code: 'hub-protocol' }, 'garbage');
  await lights.show(new Map([['P01', RED]]), wait());
  await service.close();
  await t.rejects(lights.show(new Map([['P01', GREEN]]), wait()), { code: 'hub-gone' }, 'gone');
  const again = new FakeHubService(a);
  again.port = service.port;
  await again.listen(t);
  await lights.show(new Map([['P01', GREEN]]), wait());
  t.equal(a.leds[0], 255);
});
