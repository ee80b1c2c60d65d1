import t, { type Test } from 'tap';
import { MAX_DATA } from '../../../src/devices/apple/afc/afc-frames.js';
import { refusedWith } from '../../../src/devices/apple/afc/afc-status.js';
import { BoardAppleLink } from '../../../src/devices/apple/board-apple-link.js';
import { MuxTracker } from '../../../src/devices/apple/mux-tracker.js';
import { eraseDevice } from '../../../src/devices/apple/services/mcinstall.js';
import { MuxClient } from '../../../src/devices/apple/usbmux/mux-client.js';
import { JoinedSightings } from '../../../src/devices/joined-sightings.js';
import { hasCode } from '../../../src/errors.js';
import { createLog } from '../../../src/log.js';
import type { IphoneSpec } from '../../../src/simulator/apple/iphone-spec.js';
import { appleRack } from '../../simulator/apple/fixtures.js';
import { eventually } from '../helpers/eventually.js';

const NOBODY = { hostId: '', systemBuid: '' };
const wait = (timeoutMs = 20_000) => ({ signal: new AbortController().signal, timeoutMs });

/** A simulated iPhone behind its endpoint, and our link to it. Each was written without the other. */
async function linked(t: Test, spec: Pick<IphoneSpec, 'profile'> & Partial<IphoneSpec>) {
  const rack = await appleRack(t, {});
  const mux = new MuxClient({ path: rack.socket });
  const log = createLog('silent');
  const board = new JoinedSightings({ log });
  const tracker = new MuxTracker({
    mux,
    log,
    onRows: (rows) => board.muxListed(rows),
    locate: async () => '1-4',
  });
  tracker.start();
  t.teardown(() => tracker.stop());
  const link = new BoardAppleLink({
    usbPath: '1-4',
    board,
    mux,
    clock: Date.now,
    reconsider: (udid) => tracker.reconsider(udid),
  });
  const phone = await rack.iphone(spec);
  const becomes = (condition: string | null) =>
    eventually(`${condition}`, () => (link.sighting()?.condition ?? null) === condition);
  return { link, phone, becomes };
}

for (const { profile, ios } of [
  { profile: 'iphone-6-ios-12', ios: 12 },
  { profile: 'iphone-15-ios-26', ios: 26 },
] as const) {
  t.test(`${profile}: paired, filled to the end, read back, erased, paired anew`, async (t) => {
    const { link, phone, becomes } = await linked(t, { profile });
    await becomes('mux:unpaired');
    phone.made.person.trustsAlways();
    await link.pair(wait());
    await becomes('mux:paired');
    await link.afc(wait(60_000), async (afc) => {
      const handle = await afc.open('/sarachi-fill', 'create', wait());
      let pieces = 0;
      for (let full = false; !full; pieces += full ? 0 : 1) {
        const write = afc.write(handle, Buffer.alloc(MAX_DATA, pieces + 1), wait());
        full = await write.then(
          () => false,
          (error: unknown) => {
            if (!refusedWith(error, 'no-space')) throw error;
            return true;
          },
        );
      }
      t.ok(pieces > 2, `${pieces} pieces went in`);
      await afc.seek(handle, 0, wait());
      for (let piece = 0; piece < pieces; piece += 1) {
        const read = await afc.read(handle, MAX_DATA, wait());
        if (!read.equals(Buffer.alloc(MAX_DATA, piece + 1)))
          t.fail(`piece ${piece} came back other`);
      }
      await afc.close(handle, wait());
    });

    const known = () =>
      link.lockdown(wait(), (lockdown) => lockdown.knowsHost(host ?? NOBODY, wait()));
    const host = await link.session(wait(), async (lockdown) => lockdown.host);
    t.equal(await known(), true, 'it would begin a session with us');
    const before = link.sighting()?.mux?.deviceId;
    await eraseDevice(link, ios, wait());
    await becomes(null);
    await becomes('mux:unpaired');
    t.not(link.sighting()?.mux?.deviceId, before);
    t.equal(phone.made.erases, 1);
    const use = link.session(wait(), async () => undefined);
    await t.rejects(use, { code: 'iphone-unpaired' }, 'the old pairing means nothing to it');
    t.equal(await known(), false, 'nor would it begin one with whom it trusted before');
    await link.forgetPairing(wait());
    await link.pair(wait());
    await becomes('mux:paired');
    const state = link.session(wait(), (lockdown) => lockdown.value('ActivationState', wait()));
    t.equal(await state, 'Unactivated');
    await link.session(wait(), (lockdown) => lockdown.unpair(wait()));
    await t.rejects(
      link.session(wait(), async () => undefined),
      { code: 'iphone-unpaired' },
      'it forgot us when it was told to',
    );
  });
}

t.test('a denied and a locked iPhone say so', async (t) => {
  const { phone, link, becomes } = await linked(t, { profile: 'iphone-11-ios-17' });
  await becomes('mux:unpaired');
  const pairing = link.pair({ ...wait(), onPending: () => phone.made.person.deny() });
  await t.rejects(pairing, { code: 'pairing-denied' });
  const locked = await linked(t, { profile: 'iphone-11-ios-17', passcode: 'locked' });
  await locked.becomes('mux:unpaired');
  await t.rejects(locked.link.pair(wait()), { code: 'iphone-locked' });
});

t.test('a wrong, doubled, late or missing answer is never taken for the right one', async (t) => {
  const { phone, link, becomes } = await linked(t, { profile: 'iphone-12-ios-18' });
  await becomes('mux:unpaired');
  phone.made.person.trustsAlways();
  await link.pair(wait());
  await becomes('mux:paired');
  const cases = [
    [{ answersOtherKey: 'PhoneNumber' }, 'iphone-protocol'],
    [{ answersTwice: true }, 'iphone-protocol'],
    [{ answersAfterMs: 800 }, 'handset-timeout'],
    [{ neverAnswers: true }, 'handset-timeout'],
  ] as const;
  for (const [fault, code] of cases) {
    phone.made.faults.lockdown = fault;
    const asked = link.session(wait(), async (lockdown, signal) => {
      const limit = { signal, timeoutMs: 500 };
      const serial = await lockdown.value('SerialNumber', limit);
      return [serial, await lockdown.value('InternationalMobileEquipmentIdentity', limit)];
    });
    const error = await asked.catch((thrown: unknown) => thrown);
    t.ok(hasCode(error, code), `${JSON.stringify(fault)}: ${String(error)}`);
  }
});
