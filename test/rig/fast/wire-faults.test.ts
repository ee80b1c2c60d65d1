import t from 'tap';
import { rigUnderTest } from './rig-under-test.js';

const SHORT_MS = 1_500;
/** A code other than the deadline's shows that a command ended before it. */
const LONG_MS = 20_000;
const NUMBERS = Array.from({ length: 60_000 }, (_, n) => `${n + 1}\n`).join('');

/** What each of these does wrong, and how a command on it is to end. */
const FAULTY = {
  '1-1.1': {
    fault: 'accepts a command and says nothing',
    command: 'true',
    timeoutMs: SHORT_MS,
    ends: 'handset-timeout',
  },
  '1-1.2': {
    fault: 'goes on talking and does not come to an end',
    command: 'while echo x; do sleep 0.1; done',
    timeoutMs: SHORT_MS,
    ends: 'handset-timeout',
  },
  '1-1.3': {
    fault: 'answers garbage',
    command: 'true',
    timeoutMs: LONG_MS,
    ends: 'handset-gone',
  },
  '1-1.4': {
    fault: 'breaks off in the middle of an answer',
    command: 'seq 1 60000',
    timeoutMs: LONG_MS,
    ends: 'handset-gone',
  },
  '1-1.5': {
    fault: 'loses its cable',
    command: 'echo DROP; sleep 60',
    timeoutMs: LONG_MS,
    ends: 'handset-gone',
  },
} as const;
const SOUND = '1-1.6';
const BREAKS_OFF_ITS_LOGIN = '1-1.7';

t.test('a handset that fails on the wire ends its own command and nothing else', async (t) => {
  const { rack, host, handset } = await rigUnderTest(t);
  const places = Object.keys(FAULTY);
  const [mute, endless, garbage, cut, drop, sound, login] = await Promise.all([
    handset(),
    handset(),
    handset(),
    handset(),
    handset({}, { cableDrop: { command: /DROP/, forMs: null } }),
    handset(),
    handset({}, { wire: { cutAfterBytes: 30 } }),
  ]);
  const faulty = [mute, endless, garbage, cut, drop];
  for (const [n, one] of [...faulty, sound, login].entries()) rack.plug(`1-1.${n + 1}`, one);
  const online = (path: string) =>
    host.until(() => host.at(path)?.condition === 'adb:device', `${path} to be online`);
  for (const path of [...places, SOUND]) await online(path);
  const before = { adb: host.adbPid, sound: host.at(SOUND) };

  mute.faults.wire.mute = true;
  garbage.faults.wire.garbage = true;
  cut.faults.wire.cutAfterBytes = NUMBERS.length / 2;
  let over = false;
  const neighbour = (async () => {
    let whole = 0;
    for (; !over; whole += 1) {
      const { stdout } = await host.shell(SOUND, 'seq 1 60000');
      if (stdout !== NUMBERS) throw new Error('an answer that is not whole');
    }
    return whole;
  })();
  await Promise.all(
    Object.entries(FAULTY).map(async ([path, { fault, command, timeoutMs, ends }]) => {
      const began = Date.now();
      await t.rejects(host.shell(path, command, { timeoutMs }), { message: ends }, fault);
      t.ok(Date.now() - began < timeoutMs + 5_000, `${fault}: over in time`);
    }),
  );
  over = true;
  t.ok((await neighbour) > 0, 'its neighbour answered all the while');
  t.equal(host.at(SOUND)?.adb?.transportId, before.sound?.adb?.transportId, 'and stayed online');
  t.equal(host.adbPid, before.adb, 'so did the adb server');
  await online(BREAKS_OFF_ITS_LOGIN);
  t.equal(login.faults.wire.cutAfterBytes, undefined, 'a login that broke off was made again');

  mute.faults.wire.mute = false;
  rack.pull(places);
  await host.until(() => places.every((path) => host.at(path) === null), 'the faulty ones to go');
  for (const [n, one] of faulty.entries()) rack.plug(places[n] ?? '', one);
  for (const path of places) await online(path);
  const serials = await Promise.all(places.map((path) => host.shell(path, 'getprop ro.serialno')));
  t.same(
    serials.map(({ stdout }) => stdout.trim()),
    faulty.map(({ serial }) => serial),
    'put in again, each is usable',
  );
});
