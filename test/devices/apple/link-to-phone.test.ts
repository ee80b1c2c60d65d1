import t from 'tap';
import type { Afc } from '../../../src/devices/apple/afc/afc.js';
import {
  encodeFrame as afcFrame,
  decodeHeader as afcHeader,
  MAX_DATA,
  OP,
  u64,
} from '../../../src/devices/apple/afc/afc-frames.js';
import { refusedWith } from '../../../src/devices/apple/afc/afc-status.js';
import type { PlistDict } from '../../../src/devices/apple/plist/plist-value.js';
import { ioRegistry } from '../../../src/devices/apple/services/diagnostics.js';
import {
  cloudConfiguration,
  eraseDevice,
  eraseRequest,
} from '../../../src/devices/apple/services/mcinstall.js';
import { eraseByBackupService } from '../../../src/devices/apple/services/mobilebackup2.js';
import { nvram } from '../../../src/devices/apple/services/nvram.js';
import type { Wire } from '../helpers/fake-adb-server.js';
import { plistReply, plistRequest } from './helpers/fake-mux.js';
import { UDID } from './helpers/fake-phone.js';
import { pairedPhone, pluggedPhone, wait } from './helpers/plugged-phone.js';

t.test('values in a session, through TLS and without', async (t) => {
  const { phone, link } = await pairedPhone(t);
  t.equal(link.sighting()?.handset, `apple:${UDID}`);
  phone.values['InternationalMobileEquipmentIdentity'] = '356000000000001';
  phone.values['com.apple.disk_usage/TotalDiskCapacity'] = 128_000_000_000;
  const seen = await link.session(wait(), async (lockdown) => [
    await lockdown.value('InternationalMobileEquipmentIdentity', wait()),
    await lockdown.value('TotalDiskCapacity', { ...wait(), domain: 'com.apple.disk_usage' }),
    await lockdown.value('PhoneNumber', wait()),
  ]);
  t.same(seen, ['356000000000001', 128_000_000_000, undefined]);
  t.ok(link.bytesMoved() > 1_000);
  phone.sessionTls = false;
  const plain = await link.session(wait(), (lockdown) => lockdown.value('WiFiAddress', wait()));
  t.equal(plain, '00:11:22:33:44:55', 'a session without TLS is honoured');
});

t.test('an erased phone comes back unpaired, and its old record is refused', async (t) => {
  const { phone, link, becomes } = await pairedPhone(t);
  const cut = t.rejects(
    link.lockdown(wait(), () => new Promise(() => undefined)),
    {
      code: 'handset-gone',
    },
  );
  phone.unplug();
  await cut;
  await becomes(null);
  await t.rejects(
    link.session(wait(), async () => 0),
    { code: 'handset-gone' },
  );
  phone.hostIds.clear();
  phone.pairing = 'PairingDialogResponsePending';
  phone.replug();
  await becomes('mux:unpaired');
  t.equal(link.sighting()?.mux?.deviceId, 8);
  await t.rejects(
    link.session(wait(), async () => 0),
    { code: 'iphone-unpaired' },
  );
  await link.forgetPairing(wait());
  t.equal(phone.record, null);
  phone.pairing = null;
  await becomes('mux:paired');
});

t.test('another phone under the same number is noticed', async (t) => {
  const { phone, link } = await pluggedPhone(t);
  phone.values['UniqueDeviceID'] = '00008030-FFFFFFFFFFFFFFFF';
  await t.rejects(
    link.lockdown(wait(), async () => 0),
    { code: 'handset-swapped' },
  );
});

t.test('a record that cannot be used, and TLS that fails, are errors of their own', async (t) => {
  const { phone, link } = await pairedPhone(t);
  phone.lockdown = ({ Request }, wire) => {
    if (Request === 'StartSession') setImmediate(() => wire.socket.write('this is no TLS at all'));
    return Request === 'StartSession'
      ? { Request, SessionID: 'A', EnableSessionSSL: true }
      : undefined;
  };
  phone.sessionTls = false;
  await t.rejects(
    link.session(wait(), async () => 0),
    { code: /^iphone-(tls|protocol)$/ },
  );
  phone.record = Buffer.from('<plist><dict><key>HostID</key><string>A</string></dict></plist>');
  await t.rejects(
    link.session(wait(), async () => 0),
    { code: 'pair-record-unusable' },
  );
});

t.test('the erase order: its keys, its answers, and what is no answer', async (t) => {
  t.same(eraseRequest(10), { RequestType: 'EraseDevice' });
  t.same(eraseRequest(12), { RequestType: 'EraseDevice', PreserveDataPlan: false });
  t.same(eraseRequest(26), {
    RequestType: 'EraseDevice',
    PreserveDataPlan: false,
    DisallowProximitySetup: true,
  });
  const { phone, link } = await pairedPhone(t);
  const orders: PlistDict[] = [];
  let onErase: (wire: Wire) => void = () => undefined;
  phone.service = async (wire) => {
    for (;;) {
      const request = await plistRequest(wire);
      const { RequestType } = request;
      if (RequestType === 'EraseDevice') {
        orders.push(request);
        onErase(wire);
      } else if (RequestType === 'GetCloudConfiguration')
        plistReply(wire, { Status: 'Acknowledged', CloudConfiguration: { IsSupervised: true } });
      else plistReply(wire, { Status: 'Acknowledged' });
    }
  };
  t.same(await cloudConfiguration(link, wait()), { IsSupervised: true });
  onErase = (wire) => plistReply(wire, { Status: 'Acknowledged' });
  t.equal(await eraseDevice(link, 17, wait()), 'acknowledged');
  t.match(orders, [{ PreserveDataPlan: false }], 'the eSIM is not kept');
  onErase = (wire) => wire.socket.destroy();
  t.equal(await eraseDevice(link, 17, wait()), 'closed');
  onErase = (wire) => plistReply(wire, { Status: 'CommandFormatError' });
  const refused = { code: 'iphone-refused', detail: { said: 'CommandFormatError' } };
  await t.rejects(eraseDevice(link, 10, wait()), refused);
  const chain = [{ ErrorDomain: 'MCX', ErrorCode: 14, LocalizedDescription: 'no\u202e!' }];
  onErase = (wire) => plistReply(wire, { Status: 'Error', ErrorChain: chain });
  const told = { code: 'iphone-refused', detail: { number: 14, words: 'no !' } };
  await t.rejects(eraseDevice(link, 17, wait()), told);
  onErase = () => undefined;
  await t.rejects(eraseDevice(link, 17, wait(700)), { code: 'handset-timeout' }, 'silence');
  onErase = () => phone.unplug();
  t.equal(await eraseDevice(link, 17, wait()), 'closed', 'leaving is how it obeys');
});

t.test('registry, NVRAM and the order through the service of backups', async (t) => {
  const { phone, link } = await pairedPhone(t);
  phone.service = async (wire) => {
    const { EntryName = 'none' } = await plistRequest(wire);
    const obliteration = Buffer.from('EACS Done @1790000000\n');
    const registry = { obliteration, 'fm-account-masked': 'a@b', EntryName };
    plistReply(wire, { Status: 'Success', Diagnostics: { IORegistry: registry } });
  };
  t.match(await ioRegistry(link, { entryName: 'AppleSmartBattery' }, wait()), {
    EntryName: 'AppleSmartBattery',
  });
  const seen = await nvram(link, wait());
  t.same(seen, {
    obliteration: 'EACS Done @1790000000',
    obliterationBegins: null,
    obliterationFailure: null,
    activationLocked: null,
  });
  phone.values['NonVolatileRAM'] = { 'fm-activation-locked': Buffer.from('YES') };
  t.match(await nvram(link, wait()), { activationLocked: 'YES', obliteration: null });
  phone.service = async (wire) => {
    plistReply(wire, ['DLMessageVersionExchange', 300, 0]);
    await wire.bytes((await wire.bytes(4)).readUInt32BE(0));
    plistReply(wire, ['DLMessageDeviceReady']);
    await wire.bytes((await wire.bytes(4)).readUInt32BE(0));
    plistReply(wire, ['DLMessageProcessMessage', { ErrorCode: 0, ProtocolVersion: 2.1 }]);
    await wire.bytes((await wire.bytes(4)).readUInt32BE(0));
    wire.socket.destroy();
  };
  t.equal(await eraseByBackupService(link, UDID, wait()), 'closed');
});

/** One file behind AFC, with room for `capacity` bytes. */
function afcService(capacity: number) {
  let file = Buffer.alloc(0);
  let at = 0;
  return async (wire: Wire) => {
    for (;;) {
      const { packet, operation, fields, data } = afcHeader(await wire.bytes(40));
      const field = await wire.bytes(fields);
      const body = await wire.bytes(data);
      const status = (code: number) => wire.send(afcFrame(packet, OP.status, u64(code)));
      const answer = (bytes: Buffer) =>
        wire.send(afcFrame(packet, OP.data, Buffer.alloc(0), bytes.length), bytes);
      if (operation === OP.deviceInfo)
        answer(
          Buffer.from(
            `FSTotalBytes\0${capacity}\0FSFreeBytes\0${capacity - file.length}\0FSBlockSize\0${4096}\0`,
          ),
        );
      else if (operation === OP.open) {
        at = 0;
        wire.send(afcFrame(packet, OP.openResult, u64(3)));
      } else if (operation === OP.write) {
        if (file.length + body.length > capacity) status(18);
        else {
          file = Buffer.concat([file, body]);
          status(0);
        }
      } else if (operation === OP.read) {
        const piece = file.subarray(at, at + Number(field.readBigUInt64LE(8)));
        at += piece.length;
        answer(piece);
      } else if (operation === OP.seek) {
        at = Number(field.readBigInt64LE(16));
        status(0);
      } else if (operation === OP.readDir) answer(Buffer.from('.\0..\0DCIM\0'));
      else status(operation === OP.removePath ? 8 : 0);
    }
  };
}

t.test('AFC: write until it is full, read all of it, pieces under way at once', async (t) => {
  const { phone, link } = await pairedPhone(t);
  phone.service = afcService(3 * MAX_DATA);
  const pieces = [1, 2, 3].map((fill) => Buffer.alloc(MAX_DATA, fill));
  await link.afc(wait(), async (afc) => {
    t.match(await afc.deviceInfo(wait()), { freeBytes: 3 * MAX_DATA, blockBytes: 4096 });
    const handle = await afc.open('/fill', 'create', wait());
    await Promise.all(pieces.map((piece) => afc.write(handle, piece, wait())));
    const full = await afc.write(handle, Buffer.of(1), wait()).catch((error: unknown) => error);
    t.ok(refusedWith(full, 'no-space'), 'full');
    t.match(await afc.deviceInfo(wait()), { freeBytes: 0 }, 'a refusal does not end it');
    await afc.seek(handle, 0, wait());
    const read = await Promise.all([1, 2, 3, 4].map(() => afc.read(handle, MAX_DATA, wait())));
    t.same(
      read.map((piece) => piece.length),
      [MAX_DATA, MAX_DATA, MAX_DATA, 0],
    );
    t.ok(Buffer.concat(read).equals(Buffer.concat(pieces)), 'in order');
    t.same(await afc.list('/', wait()), ['DCIM']);
    const missing = await afc.remove('/none', wait()).catch((error: unknown) => error);
    t.ok(refusedWith(missing, 'not-found'));
    await t.rejects(afc.read(handle, MAX_DATA + 1, wait()), { code: 'internal' });
  });
});

t.test('AFC: a connection that dies, and one that never answers', async (t) => {
  const { phone, link } = await pairedPhone(t);
  const died = { code: 'iphone-closed' };
  phone.service = async (wire) => {
    await wire.bytes(40);
    wire.socket.destroy();
  };
  await link.afc(wait(), async (afc: Afc) => {
    const second = afc.list('/', wait());
    await t.rejects(afc.deviceInfo(wait()), died);
    await t.rejects(second, died, 'whoever waits is told at once');
    await t.rejects(afc.deviceInfo(wait()), died, 'and stays dead');
  });
  phone.service = () => undefined;
  await link.afc(wait(), async (afc: Afc) => {
    await t.rejects(afc.deviceInfo(wait(100)), { code: 'handset-timeout' });
    await t.rejects(afc.deviceInfo(wait()), { code: 'handset-timeout' }, 'never read again');
  });
});
