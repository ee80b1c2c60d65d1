import t from 'tap';
import { openReader, waitForReader } from '../../../src/devices/pasori/open-reader.js';
import type { PasoriBus } from '../../../src/devices/pasori/usb-transfers.js';
import { SarachiError } from '../../../src/errors.js';
import { ACK, port100, port400, rcS300, rcS380, reply } from './helpers/readers.js';
import { CARD } from './helpers/vectors.js';
import { type Answer, hex, payload, Wire, wait } from './helpers/wire.js';

const [poll] = CARD;
const POLL = payload(poll?.command ?? '');
const PAUSE = { pause: async () => undefined };
const AIR = {
  'RC-S380': { productId: 0x06c3, answers: port100(() => [ACK, poll?.answer ?? '']) },
  'RC-S300': {
    productId: 0x0dc9,
    answers: port400(() => [reply(`c0030090009714${poll?.reply}`)]),
  },
} as const;

/** One opening, with a reader in it or not. */
class Bus implements PasoriBus {
  wire: Wire | null = null;
  list = async () => (this.wire ? [this.wire.device] : []);
  open = async () => {
    if (!this.wire) throw new SarachiError('reader-gone');
    return this.wire;
  };
}

for (const [name, { productId, answers }] of Object.entries(AIR)) {
  t.test(`${name}: unplugged after any command, it is gone and stays gone`, async (t) => {
    for (let after = 0; ; after += 1) {
      let commands = 0;
      const dying = (out: string): Answer => (commands++ === after ? 'unplug' : answers(out));
      const bus = new Bus();
      bus.wire = new Wire(productId, dying);
      const work = async () => {
        const reader = await openReader(bus, '1-4.2', { ...wait(), ...PAUSE });
        t.teardown(() => reader.close());
        await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 }).catch(async (error) => {
          await t.rejects(reader.field(false, wait()), { code: 'reader-gone' }, 'ever after');
          await reader.close();
          throw error;
        });
        return 'survived';
      };
      if ((await work().catch((error: SarachiError) => error.code)) === 'survived') {
        t.ok(after >= 6, `${after} places to die at`);
        return;
      }
      await t.rejects(bus.wire.read(1, wait()), { code: 'reader-gone' }, `after ${after}`);
      t.equal(bus.wire.closes, 1, 'and the device is given back once');
    }
  });

  t.test(`${name}: plugged in again, it is opened anew`, async (t) => {
    const bus = new Bus();
    bus.wire = new Wire(productId, answers);
    const first = await openReader(bus, '1-4.2', { ...wait(), ...PAUSE });
    bus.wire.unplug();
    bus.wire = null;
    await t.rejects(first.field(true, wait()), { code: 'reader-gone' });
    await first.close();
    await t.rejects(waitForReader(bus, '1-4.2', wait(20)), { code: 'reader-gone' });
    const back = waitForReader(bus, '1-4.2', wait());
    bus.wire = new Wire(productId, answers);
    t.equal((await back).usbPath, '1-4.2');
    const second = await openReader(bus, '1-4.2', { ...wait(), ...PAUSE });
    const heard = await second.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
    t.equal(hex(heard), poll?.reply?.slice(2));
    await second.close();
  });
}

t.test('a closed reader says so', async (t) => {
  for (const rig of [rcS380, rcS300]) {
    const { wire, reader } = await rig(t, () => []);
    await Promise.all([reader.close(), reader.close()]);
    t.equal(wire.closes, 1);
    const asked = reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
    await t.rejects(asked, { code: 'reader-gone', detail: { reason: 'closed' } });
  }
});

t.test('a device that is no reader is given back', async (t) => {
  const bus = new Bus();
  bus.wire = new Wire(0x0d8f, () => []);
  const opened = openReader(bus, '1-4.2', { ...wait(), ...PAUSE });
  await t.rejects(opened, { code: 'reader-unusable' });
  t.equal(bus.wire.closes, 1);
});
