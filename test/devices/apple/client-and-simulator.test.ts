import t, { type Test } from 'tap';
import { MAX_DATA } from '../../../src/devices/apple/afc/afc-frames.js';
import { refusedWith } from '../../../src/devices/apple/afc/afc-status.js';
import { eraseDevice } from '../../../src/devices/apple/services/mcinstall.js';
import { hasCode } from '../../../src/errors.js';
import type { IphoneSpec } from '../../../src/simulator/apple/iphone-spec.js';
import { appleRack } from '../../simulator/apple/fixtures.js';
import { linked } from './helpers/linked.js';
import { soon } from './helpers/plugged-phone.js';

const IN_USE = { profile: 'iphone-11-ios-17', passcode: 'set' } as const;

const NOBODY = { hostId: '', systemBuid: '' };
const wait = (timeoutMs = 20_000) => ({ signal: new AbortController().signal, timeoutMs });

/** A simulated iPhone behind its endpoint, and our link to it. Each was written without the other. */
async function plugged(t: Test, spec: IphoneSpec, pairsByItself = false) {
  const rack = await appleRack(t, { pairsByItself });
  const { link, becomes } = linked(t, { path: rack.socket }, { againMs: soon });
  return { link, phone: await rack.iphone(spec), becomes };
}

for (const { profile, ios } of [
  { profile: 'iphone-6-ios-12', ios: 12 },
  { profile: 'iphone-15-ios-26', ios: 26 },
] as const) {
  t.test(`${profile}: paired, filled to the end, read back, erased, paired anew`, async (t) => {
    const { link, phone, becomes } = await plugged(t, { profile });
    await becomes('mux:unpaired');
    phone.made.person.trust();
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
    await becomes('mux:paired');
    t.not(link.sighting()?.mux?.deviceId, before);
    t.equal(phone.made.erases, 1);
    t.equal(
      await known(),
      false,
      'the old pairing means nothing to it; at its first screen it asks nobody',
    );
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

for (const byItself of [true, false]) {
  t.test(`Trust tapped, declined, locked; usbmuxd pairs too: ${byItself}`, async (t) => {
    const { phone, becomes } = await plugged(t, IN_USE, byItself);
    const { person } = phone.made;
    await becomes('mux:unpaired');
    person.deny();
    await becomes('mux:trust-declined');
    phone.unplug();
    await becomes(null);
    person.lock();
    phone.plug();
    await becomes('mux:locked');
    person.unlock();
    await becomes('mux:unpaired');
    person.trust();
    await becomes('mux:paired');
    person.restartByHand();
    await becomes(null);
    await becomes('mux:not-unlocked');
    person.unlock();
    await becomes('mux:paired');
  });
}

t.test('a lost pairing is found when somebody doubts it, and asked for again', async (t) => {
  const { phone, link, becomes } = await plugged(t, IN_USE);
  await becomes('mux:unpaired');
  phone.made.person.trust();
  await becomes('mux:paired');
  phone.made.person.resetLocationAndPrivacy();
  const use = link.session(wait(), async () => undefined);
  await t.rejects(use, { code: 'iphone-unpaired' });
  link.reconsider();
  t.equal(link.sighting()?.condition, 'mux:attached');
  await becomes('mux:unpaired');
  phone.made.person.trust();
  await becomes('mux:paired');
});

t.test('management that forbids pairing, until it is released and plugged in anew', async (t) => {
  const supervision = { organization: 'Firm', allowPairing: false, mandatory: true };
  const { phone, becomes } = await plugged(t, { ...IN_USE, supervision });
  await becomes('mux:pairing-forbidden');
  phone.made.person.releaseManagement();
  phone.unplug();
  await becomes(null);
  phone.plug();
  await becomes('mux:unpaired');
});

t.test('a wrong, doubled, late or missing answer is never taken for the right one', async (t) => {
  const { phone, link, becomes } = await plugged(t, { profile: 'iphone-12-ios-18' });
  phone.made.person.trustsAlways();
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
