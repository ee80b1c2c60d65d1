import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { PasoriReader } from '../../../src/devices/pasori/pasori-reader.js';
import { RcS300 } from '../../../src/devices/pasori/rc-s300.js';
import type { ReaderProtocol } from '../../../src/devices/pasori/reader-protocol.js';
import { SarachiError } from '../../../src/errors.js';
import { eventually } from '../helpers/eventually.js';
import { rcS300, reply } from './helpers/readers.js';
import { payload, Wire, wait } from './helpers/wire.js';

/** Long enough for beats that must not come. */
const SEVERAL_BEATS_MS = 30;
const POLL = payload('0600ffff0100');
const CARD_WAIT = { ...wait(), cardTimeoutMs: 10 };

/** A reader that wants a word every few ms, and what was done to it. */
function restless() {
  const done: string[] = [];
  let beats = 0;
  let fail: SarachiError | null = null;
  const protocol: ReaderProtocol = {
    start: async () => '1',
    raise: async (kbps) => void done.push(`raise ${kbps}`),
    tune: async (kbps) => void done.push(`tune ${kbps}`),
    lower: async () => void done.push('lower'),
    exchange: async () => {
      done.push('exchange');
      return null;
    },
    recover: async () => void done.push('recover'),
    stop: async () => void done.push('stop'),
    keepAlive: {
      everyMs: 5,
      beat: async () => {
        beats += 1;
        if (fail) throw fail;
      },
    },
  };
  const transfers = new Wire(0x0dc9, () => []);
  const reader = new PasoriReader({ transfers, protocol, model: 'RC-S300/P', firmware: '1' });
  return { reader, done, beats: () => beats, failWith: (error: SarachiError) => (fail = error) };
}

t.test('a raised field is kept alive while nobody asks, and only then', async (t) => {
  const { reader, done, beats } = restless();
  await reader.field(true, wait());
  await eventually('three beats', () => beats() >= 3);
  await reader.field(false, wait());
  const still = beats();
  await delay(SEVERAL_BEATS_MS);
  t.equal(beats(), still, 'a field that is down needs none');
  await reader.exchange(POLL, CARD_WAIT);
  await eventually('a beat again', () => beats() > still);
  await reader.close();
  const last = beats();
  await delay(SEVERAL_BEATS_MS);
  t.equal(beats(), last, 'nor does a closed reader');
  t.strictSame(done, ['raise 212', 'lower', 'raise 212', 'exchange', 'lower', 'stop']);
});

t.test('a beat that fails is met by the next command', async (t) => {
  const { reader, done, beats, failWith } = restless();
  failWith(new SarachiError('reader-refused'));
  await reader.field(true, wait());
  await eventually('a beat', () => beats() === 1);
  await reader.exchange(POLL, CARD_WAIT);
  t.strictSame(done, ['raise 212', 'recover', 'raise 212', 'exchange']);
  await eventually('another', () => beats() === 2);
  await reader.close();
  const gone = restless();
  gone.failWith(new SarachiError('reader-gone'));
  await gone.reader.field(true, wait());
  await eventually('a beat', () => gone.beats() === 1);
  await t.rejects(gone.reader.exchange(POLL, CARD_WAIT), { code: 'reader-gone' });
  await gone.reader.close();
});

t.test('the RC-S300 is asked for its firmware every 2 s', async (t) => {
  const { wire, reader } = await rcS300(t, () => [reply('c003006401')]);
  const protocol = new RcS300(wire, async () => undefined);
  t.equal(protocol.keepAlive.everyMs, 2_000);
  await reader.close();
  const other = new Wire(0x0dc9, (out) => [
    reply('01020304').replace(/^(.{12})../, `$1${out.slice(12, 14)}`),
  ]);
  await new RcS300(other, async () => undefined).keepAlive.beat(wait().signal);
  t.match(other.written, [/ff560000$/]);
});
