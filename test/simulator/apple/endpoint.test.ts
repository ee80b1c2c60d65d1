import { randomBytes } from 'node:crypto';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import type { AppleFaults } from '../../../src/simulator/apple/faults.js';
import { TlsRecords } from '../../../src/simulator/apple/wire/tls-records.js';
import { appleRack, MIB, until } from './fixtures.js';
import {
  AfcWire,
  deviceIdOf,
  newRecord,
  pairWith,
  service,
  session,
  toPort,
  trustedHost,
  u64,
  values,
  Wire,
} from './raw-client.js';

const PHONE = { profile: 'iphone-11-ios-17', storageBytes: 4 * MIB, plantedShare: 0 } as const;

async function onePhone(t: Test, faults: Partial<AppleFaults> = {}) {
  const rack = await appleRack(t);
  return { rack, ...(await rack.iphone(PHONE, faults)) };
}

t.test('a listener hears of phones that are there, come, pair and go', async (t) => {
  const { rack, made, unplug, plug } = await onePhone(t);
  const wire = await Wire.open(rack);
  t.match(await wire.mux({ MessageType: 'Listen' }), { MessageType: 'Result', Number: 0 });
  const next = async () => {
    const said = await wire.readMux();
    t.equal(said?.tag, 0);
    return said?.value ?? {};
  };
  const first = await next();
  t.match(first, {
    MessageType: 'Attached',
    Properties: { ConnectionType: 'USB', SerialNumber: made.state.identity.udid },
  });
  unplug();
  t.match(await next(), { MessageType: 'Detached', DeviceID: Number(first['DeviceID']) });
  plug();
  const second = await next();
  t.ok(Number(second['DeviceID']) > Number(first['DeviceID']));
  const save = {
    MessageType: 'SavePairRecord',
    PairRecordID: 'x',
    PairRecordData: new Uint8Array([1]),
    DeviceID: Number(second['DeviceID']),
  };
  t.match(await (await Wire.open(rack)).mux(save), { Number: 0 });
  t.match(await next(), { MessageType: 'Paired', DeviceID: Number(second['DeviceID']) });
  t.match(await wire.mux({ MessageType: 'ListDevices' }), { Number: 1 }, 'it only listens');
  t.ok(await wire.ends());
});

t.test('a dozen phones at once are told apart', async (t) => {
  const rack = await appleRack(t);
  await Promise.all(Array.from({ length: 12 }, () => rack.iphone({ ...PHONE, storageBytes: MIB })));
  const wire = await Wire.open(rack);
  const list = (await wire.mux({ MessageType: 'ListDevices' }))['DeviceList'];
  const ids = new Set(
    (list as { DeviceID: number; Properties: { LocationID: number; SerialNumber: string } }[]).map(
      ({ DeviceID, Properties }) =>
        `${DeviceID} ${Properties.LocationID} ${Properties.SerialNumber}`,
    ),
  );
  t.equal(ids.size, 12);
});

t.test('the records and the name of the host', async (t) => {
  const { rack } = await onePhone(t);
  const wire = await Wire.open(rack);
  const id = { PairRecordID: '00008030-0000000000000001' };
  const { BUID } = await wire.mux({ MessageType: 'ReadBUID' });
  t.same((await wire.mux({ MessageType: 'ReadBUID' }))['BUID'], BUID);
  t.match(await wire.mux({ MessageType: 'ReadPairRecord', ...id }), { Number: 2 });
  const data = randomBytes(9000);
  const record = { ...id, PairRecordData: new Uint8Array(data) };
  t.match(await wire.mux({ MessageType: 'SavePairRecord', ...record }), { Number: 0 });
  const read = (await wire.mux({ MessageType: 'ReadPairRecord', ...id }))['PairRecordData'];
  t.ok(Buffer.from(read as Uint8Array).equals(data));
  t.match(await wire.mux({ MessageType: 'DeletePairRecord', ...id }), { Number: 0 });
  t.match(await wire.mux({ MessageType: 'ReadPairRecord', ...id }), { Number: 2 });
  for (const bad of ['../../etc/passwd', '', 'a/b', '.'])
    t.match(await wire.mux({ MessageType: 'ReadPairRecord', PairRecordID: bad }), { Number: 22 });
  t.match(await wire.mux({ MessageType: 'Nonsense' }), { Number: 1 });
  t.match(await wire.mux({ MessageType: 'Connect', DeviceID: 99, PortNumber: 32498 }), {
    Number: 2,
  });
  t.match(await wire.mux({ MessageType: 'Connect', DeviceID: 1, PortNumber: 192 }), { Number: 3 });
});

t.test(
  'pairing waits for a person, and can be denied, locked out, or never answered',
  async (t) => {
    const { rack, made } = await onePhone(t);
    const record = await newRecord(rack, made);
    const pair = () => pairWith(rack, made, record);
    t.equal(await pair(), 'PairingDialogResponsePending');
    t.equal(await pair(), 'PairingDialogResponsePending');
    made.person.deny();
    t.equal(await pair(), 'UserDeniedPairing');
    made.person.cableOut();
    t.equal(await pair(), 'PairingDialogResponsePending');
    made.person.trust();
    t.equal(await pair(), undefined);
    const changed = { ...record, HostID: 'ANOTHER', HostCertificate: record.DeviceCertificate };
    t.equal(await pairWith(rack, made, changed), undefined, 'the same host has said who it is');
    const foreign = await newRecord(rack, (await rack.iphone(PHONE)).made);
    t.equal(await pairWith(rack, made, foreign), 'InvalidPairRecord', 'certifies another phone');
    const broken = { ...record, RootCertificate: foreign.RootCertificate };
    t.equal(await pairWith(rack, made, broken), 'InvalidPairRecord', 'signed by another root');

    const locked = await rack.iphone({ ...PHONE, passcode: 'locked' });
    const other = await newRecord(rack, locked.made);
    t.equal(await pairWith(rack, locked.made, other), 'PasswordProtected');
    locked.made.person.unlock();
    t.equal(await pairWith(rack, locked.made, other), 'PairingDialogResponsePending');
    locked.made.faults.trustNeverTapped = true;
    locked.made.person.trustsAlways();
    locked.made.person.trust();
    t.equal(await pairWith(rack, locked.made, other), 'PairingDialogResponsePending');
  },
);

t.test('before the first unlock after a boot no user data is served', async (t) => {
  const { rack, made, unplug, plug } = await onePhone(t);
  const record = await trustedHost(rack, made);
  made.update((state) => ({ ...state, passcode: true }));
  const before = deviceIdOf(rack, made);
  made.person.restartByHand();
  await until('it is back', () => (deviceIdOf(rack, made) ?? before) !== before);
  const afc = () => service(rack, made, { record, name: 'com.apple.afc' });
  await t.rejects(afc(), { message: 'PasswordProtected' });
  made.person.unlock();
  t.ok(await afc());
  unplug();
  plug();
  t.ok(await afc(), 'trust lasts over the cable');
});

t.test('TLS is for the host of the record, in either of its roles', async (t) => {
  const { rack, made } = await onePhone(t);
  const record = await trustedHost(rack, made);
  const { HostID, SystemBUID } = record;
  const start = { Request: 'StartSession', HostID, SystemBUID };
  const answer = async (use: typeof record, role: 'Host' | 'Root') => {
    const plain = await toPort(rack, made);
    await plain.ask(start);
    const tls = await plain.secured(use, role).catch(() => null);
    return (await tls?.ask({ Request: 'GetValue', Key: 'SerialNumber' }))?.['Value'];
  };
  t.equal(await answer(record, 'Host'), made.state.identity.serial);
  t.equal(await answer(record, 'Root'), made.state.identity.serial);
  t.equal(await answer(await newRecord(rack, made), 'Host'), undefined, 'a stranger');

  const { lockdown, id } = await session(rack, made, record);
  t.match(await lockdown.ask({ Request: 'StopSession', SessionID: id }), { Result: 'Success' });
  const open = await toPort(rack, made);
  t.match(await open.ask({ Request: 'GetValue', Key: 'SerialNumber' }), { Error: 'GetProhibited' });
  t.match(await open.ask({ Request: 'GetValue', Key: 'Nothing' }), { Error: 'MissingValue' });
  t.match(await open.ask({ Request: 'StartService', Service: 'com.apple.afc' }), {
    Error: 'SessionInactive',
  });
  t.match(await open.ask({ Request: 'Dance' }), { Error: 'InvalidRequest' });
});

t.test('a connection goes on in plain text when its session was stopped', async (t) => {
  const { rack, made } = await onePhone(t);
  const record = await trustedHost(rack, made);
  const { HostID, SystemBUID } = record;
  const plain = await toPort(rack, made);
  const said = await plain.ask({ Request: 'StartSession', HostID, SystemBUID });
  plain.source.release();
  const records = new TlsRecords(plain.stream);
  const { HostPrivateKey: key, HostCertificate: cert } = record;
  const tls = connect({ socket: records, key, cert, rejectUnauthorized: false });
  const inside = new Wire(tls);
  const id = String(said?.['SessionID']);
  t.match(await inside.ask({ Request: 'StopSession', SessionID: id }), { Result: 'Success' });
  await new Promise<void>((resolve) => tls.end(() => resolve()));
  const after = new Wire(plain.stream);
  after.tell({ Request: 'QueryType' });
  t.ok(await records.plainFollows);
  t.match(await after.hear(), { Type: 'com.apple.mobile.lockdown' });
});

t.test('a record goes stale, and lockdown answers late, twice, or for another key', async (t) => {
  const { rack, made } = await onePhone(t);
  const record = await trustedHost(rack, made);
  const { lockdown } = await session(rack, made, record);
  const serial = { Request: 'GetValue', Key: 'SerialNumber' };
  made.faults.lockdown = { answersOtherKey: 'ProductType' };
  t.match(await lockdown.ask(serial), { Key: 'ProductType', Value: 'iPhone12,1' });
  made.faults.lockdown = { answersTwice: true };
  t.same(await lockdown.ask(serial), await lockdown.hear());
  made.faults.lockdown = { answersAfterMs: 30 };
  t.match(await lockdown.ask(serial), { Key: 'SerialNumber' });
  made.faults.lockdown = {};
  made.faults.forgetsHosts = true;
  await t.rejects(values(rack, made, { record }), { message: 'InvalidHostID' });
  t.equal(made.faults.forgetsHosts, false);
  await trustedHost(rack, made);
});

t.test('usbmuxd pairs by itself when Trust is tapped, and exits with the last phone', async (t) => {
  const rack = await appleRack(t, { pairsByItself: true, exitsWhenIdle: true });
  t.notOk(rack.usbmuxd.isUp);
  const { made, unplug, plug } = await rack.iphone(PHONE);
  await until('the socket is there', () => rack.usbmuxd.isUp);
  await until('the dialog is up', () => made.person.isAsked);
  const wire = await Wire.open(rack);
  await wire.mux({ MessageType: 'Listen' });
  await wire.readMux();
  made.person.trust();
  t.match(await wire.readMux(), { value: { MessageType: 'Paired' } });
  const read = { MessageType: 'ReadPairRecord', PairRecordID: made.state.identity.udid };
  t.ok((await (await Wire.open(rack)).mux(read))['PairRecordData']);
  unplug();
  await until('the socket is gone', () => !rack.usbmuxd.isUp);
  t.ok(await wire.ends());
  plug();
  await until('the socket is there', () => rack.usbmuxd.isUp);
  t.ok(await Wire.open(rack));
});

t.test('whatever a client sends, the endpoint serves the next one', async (t) => {
  const { rack, made } = await onePhone(t);
  const record = await trustedHost(rack, made);
  const frame = (length: number, ...rest: Uint8Array[]) => Buffer.concat([be(length), ...rest]);
  const head = (length: number, version = 1, message = 8) => {
    const bytes = Buffer.alloc(16);
    [length, version, message, 7].forEach((field, index) => {
      bytes.writeUInt32LE(field, index * 4);
    });
    return bytes;
  };
  const plist = Buffer.from('<plist><dict><key>MessageType</key>');
  for (const bytes of [
    head(0),
    head(15),
    head(0xffffffff),
    head(16),
    head(16, 0, 3),
    head(16, 1, 2),
    Buffer.concat([head(16 + plist.length), plist]),
    Buffer.concat([head(21), Buffer.from('bplis')]),
    randomBytes(70_000),
  ]) {
    const wire = await Wire.open(rack);
    wire.stream.end(bytes);
    t.ok(await wire.ends(), 'usbmux');
  }
  for (const bytes of [
    be(0),
    be(0xffffffff),
    frame(8, Buffer.from('bplist00')),
    frame(40, Buffer.from('bplist00'), Buffer.alloc(32, 0xff)),
    frame(40, Buffer.from('bplist00'), Buffer.alloc(32, 0x01)),
    frame(plist.length, plist),
    frame(5, Buffer.from('<a/>\0')),
    frame(1000, randomBytes(50)),
    randomBytes(1000),
  ]) {
    const wire = await toPort(rack, made);
    wire.stream.end(bytes);
    t.ok(await wire.ends(), 'lockdown');
    const secured = await session(rack, made, record);
    secured.lockdown.stream.end(bytes);
    t.ok(await secured.lockdown.ends(), 'lockdown in a session');
  }
  const { HostID, SystemBUID } = record;
  const noTls = await toPort(rack, made);
  await noTls.ask({ Request: 'StartSession', HostID, SystemBUID });
  noTls.stream.write(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 20]), randomBytes(20)]));
  t.ok(await noTls.ends(), 'no TLS at all');

  const connect = async () =>
    new AfcWire(await service(rack, made, { record, name: 'com.apple.afc' }));
  const afc = await connect();
  for (const operation of [0, 1, 2, 7, 8, 9, 10, 13, 15, 16, 17, 18, 20, 21, 24, 30, 34, 99])
    for (const short of [Buffer.alloc(0), Buffer.alloc(7, 0xff), Buffer.alloc(16, 0xff)])
      t.ok(await afc.ask(operation, short), `AFC ${operation} of ${short.length}`);
  t.equal(await afc.status(0x0d, Buffer.concat([u64(3), Buffer.alloc(9000, 0x61)])), 7);
  for (const lengths of [
    [0, 0],
    [40, 39],
    [39, 40],
    [2 ** 40, 40],
  ] as const) {
    const broken = await connect();
    const bytes = Buffer.concat([Buffer.from('CFA6LPAA'), ...lengths.map(u64), u64(1), u64(3)]);
    broken.wire.stream.write(bytes);
    t.ok(await broken.wire.ends(), `AFC lengths ${lengths}`);
  }
  t.match(await values(rack, made, { record }), { SerialNumber: made.state.identity.serial });
});

function be(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
