import t from 'tap';
import { lookAgainMs } from '../../../src/devices/apple/trust.js';
import { CONDITIONS } from '../../../src/devices/sighting.js';
import { eventually } from '../helpers/eventually.js';
import { pairedPhone, pluggedPhone, wait } from './helpers/plugged-phone.js';

const DIALOG = 'PairingDialogResponsePending';

t.test(
  'while the dialog waits, one offer is repeated; accepted, it is kept and tried',
  async (t) => {
    const { phone, link, becomes } = await pluggedPhone(t);
    await eventually('asked three times', () => phone.offers.length >= 3);
    t.equal(new Set(phone.offers).size, 1, 'one offer');
    t.equal(phone.record, null, 'nothing is kept of it');
    await t.rejects(
      link.session(wait(), async () => 0),
      { code: 'iphone-unpaired' },
    );
    phone.asked.length = 0;
    phone.pairing = null;
    await becomes('mux:paired');
    t.equal(new Set(phone.offers).size, 1);
    t.ok(phone.record);
    const begun = phone.asked.indexOf('StartSession');
    t.ok(begun >= 0 && phone.asked.indexOf('StartService') > begun, 'a service was started too');
  },
);

t.test('who refuses is not asked again until it is plugged in anew', async (t) => {
  const { phone, link, becomes } = await pluggedPhone(t);
  const refusals = [
    ['UserDeniedPairing', 'mux:trust-declined'],
    ['MCProtected', 'mux:pairing-forbidden'],
    ['MCChallengeRequired', 'mux:supervised'],
    ['FMiPProtected', 'mux:find-my-guard'],
    ['PairingProhibitedOverThisConnection', 'mux:pairing-forbidden'],
  ] as const;
  for (const [said, condition] of refusals) {
    phone.pairing = said;
    await becomes(condition);
    const asked = phone.offers.length;
    phone.pairing = null;
    link.reconsider();
    await becomes('mux:attached');
    await becomes(condition);
    t.equal(phone.offers.length, asked, said);
    phone.unplug();
    await becomes(null);
    phone.pairing = DIALOG;
    phone.replug();
    await becomes('mux:unpaired');
  }
});

t.test('whoever declined us and was paired otherwise is trusted', async (t) => {
  const { phone, becomes } = await pairedPhone(t);
  const { record } = phone;
  phone.unplug();
  await becomes(null);
  phone.record = null;
  phone.pairing = 'UserDeniedPairing';
  phone.replug();
  await becomes('mux:trust-declined');
  phone.record = record;
  phone.push({ MessageType: 'Paired', DeviceID: phone.deviceId });
  await becomes('mux:paired');
});

t.test('a locked phone is asked again by itself', async (t) => {
  const { phone, becomes } = await pluggedPhone(t);
  phone.pairing = 'PasswordProtected';
  await becomes('mux:locked');
  phone.pairing = 'EscrowLocked';
  await becomes('mux:not-unlocked');
  phone.pairing = DIALOG;
  await becomes('mux:unpaired');
});

t.test(
  'an offer that the phone calls invalid is made anew; a word that nobody knows tells nothing',
  async (t) => {
    const { phone, becomes } = await pluggedPhone(t);
    phone.pairing = 'InvalidPairRecord';
    await eventually('two offers', () => new Set(phone.offers).size >= 2);
    phone.unplug();
    await becomes(null);
    phone.pairing = 'SomethingNew';
    const asked = phone.offers.length;
    phone.replug();
    await eventually('asked again', () => phone.offers.length >= asked + 2);
    await becomes('mux:attached');
    phone.pairing = null;
    await becomes('mux:paired');
  },
);

t.test('what waits for a person is looked at again, and nothing else', async (t) => {
  const again = CONDITIONS.filter((condition) => lookAgainMs(condition) !== null);
  t.same(again, ['mux:unpaired', 'mux:locked', 'mux:not-unlocked']);
});
