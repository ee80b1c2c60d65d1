import t from 'tap';
import type { FakePhone } from './helpers/fake-phone.js';
import { pairedPhone } from './helpers/plugged-phone.js';

const DIALOG = 'PairingDialogResponsePending';

function refusesServices(phone: FakePhone, plainly: string | null, withBag: string | null): void {
  phone.lockdown = (request) => {
    const { Request } = request;
    if (Request !== 'StartService') return undefined;
    const said = request['EscrowBag'] ? withBag : plainly;
    return said ? { Request, Error: said } : undefined;
  };
}

t.test(
  'a session alone is not enough: a service must start, or say why it is not there',
  async (t) => {
    const { phone, link, becomes } = await pairedPhone(t);
    const cases = [
      ['PasswordProtected', null, 'mux:locked'],
      ['PasswordProtected', 'PasswordProtected', 'mux:locked'],
      ['PasswordProtected', 'MissingValue', 'mux:not-unlocked'],
      ['EscrowLocked', null, 'mux:not-unlocked'],
      ['InvalidService', null, 'mux:paired'],
      ['ServiceProhibited', null, 'mux:paired'],
    ] as const;
    for (const [plainly, withBag, condition] of cases) {
      refusesServices(phone, plainly, withBag);
      link.reconsider();
      t.equal(link.sighting()?.condition, 'mux:attached');
      await becomes(condition);
    }
    refusesServices(phone, 'PasswordProtected', 'MissingValue');
    link.reconsider();
    await becomes('mux:not-unlocked');
    phone.lockdown = () => undefined;
    await becomes('mux:paired');
  },
);

t.test('stale and unusable records: the phone is asked anew', async (t) => {
  const { phone, link, becomes } = await pairedPhone(t);
  const lose = async (what: string, spoil: () => void) => {
    phone.pairing = DIALOG;
    spoil();
    link.reconsider();
    await becomes('mux:unpaired');
    phone.lockdown = () => undefined;
    phone.sessionTls = true;
    phone.pairing = null;
    await becomes('mux:paired');
    t.pass(what);
  };
  await lose('it forgot us', () => phone.hostIds.clear());
  await lose('a record that is none', () => {
    phone.record = Buffer.from('<plist><dict/></plist>');
  });
  await lose('certificates that it refuses', () => {
    phone.sessionTls = false;
    phone.lockdown = ({ Request }, wire) => {
      if (Request !== 'StartSession') return undefined;
      setImmediate(() => wire.socket.write('this is no TLS at all'));
      return { Request, SessionID: 'A', EnableSessionSSL: true };
    };
  });
});

t.test('one handshake that is cut off is not taken for a stale record', async (t) => {
  const { phone, link, becomes } = await pairedPhone(t);
  const asked = phone.offers.length;
  let cut = 0;
  phone.lockdown = ({ Request }, wire) => {
    if (Request !== 'StartSession' || cut > 0) return undefined;
    cut += 1;
    setImmediate(() => wire.socket.destroy());
    return { Request, SessionID: 'A', EnableSessionSSL: true };
  };
  link.reconsider();
  await becomes('mux:attached');
  await becomes('mux:paired');
  t.equal(cut, 1);
  t.equal(phone.offers.length, asked);
});
