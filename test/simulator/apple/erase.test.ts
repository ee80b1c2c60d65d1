import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AppleFaults } from '../../../src/simulator/apple/faults.js';
import { newIdentity } from '../../../src/simulator/apple/identity.js';
import { SimulatedIphone } from '../../../src/simulator/apple/iphone.js';
import type { IphoneSpec } from '../../../src/simulator/apple/iphone-spec.js';
import { APPLE_PROFILES, type AppleProfileName } from '../../../src/simulator/apple/profiles.js';
import { type AppleRack, appleRack, markersLeft, until } from './fixtures.js';
import { deviceIdOf, pairWith, service, session, trustedHost, values } from './raw-client.js';

const MC_INSTALL = 'com.apple.mobile.MCInstall';

async function paired(t: Test, spec: IphoneSpec, faults: Partial<AppleFaults> = {}) {
  const rack = await appleRack(t);
  const phone = await rack.iphone(spec, faults);
  const record = await trustedHost(rack, phone.made);
  const ask = async (request: Record<string, string | boolean>) => {
    const wire = await service(rack, phone.made, { record, name: MC_INSTALL });
    return { said: await wire.ask(request), wire };
  };
  const erase = () => ask({ RequestType: 'EraseDevice', PreserveDataPlan: false });
  return { rack, record, ask, erase, ...phone };
}

/** Waits until the phone has left and is back; returns its new device number. */
async function back(rack: AppleRack, before: number | null): Promise<number> {
  const now = () => rack.usbmuxd.attached()[0]?.['DeviceID'];
  await until('it comes back', () => now() !== undefined && now() !== before);
  return Number(now());
}

for (const profile of Object.keys(APPLE_PROFILES) as AppleProfileName[]) {
  t.test(`${profile} leaves, is empty when it comes back, and knows no host`, async (t) => {
    const { rack, made, folder, record, erase } = await paired(t, { profile });
    const planted = JSON.parse(await readFile(join(folder, 'planted.json'), 'utf8')).length;
    t.equal(await markersLeft(folder), planted);
    const was = await values(rack, made, { record });
    const before = deviceIdOf(rack, made);
    const location = JSON.stringify(rack.usbmuxd.attached()[0]?.['Properties']);
    const { said, wire } = await erase();
    const answers = made.state.profile.eraseAnswer === 'acknowledges';
    t.same(said?.['Status'], answers ? 'Acknowledged' : undefined);
    t.ok(await wire.ends(), 'its connections die');
    const now = await back(rack, before);
    t.ok(now > Number(before));
    t.not(JSON.stringify(rack.usbmuxd.attached()[0]?.['Properties']), location);
    t.equal(await markersLeft(folder), 0, 'no byte of the seller is left');
    t.equal(made.erases, 1);

    await t.rejects(session(rack, made, record), { message: 'InvalidHostID' });
    t.equal(await pairWith(rack, made, record), 'InvalidPairRecord', 'it has a new key');
    const again = await trustedHost(rack, made);
    const is = await values(rack, made, { record: again });
    t.equal(is['UniqueDeviceID'], was['UniqueDeviceID']);
    t.equal(is['SerialNumber'], was['SerialNumber']);
    t.equal(is['ActivationState'], 'Unactivated');
    t.equal(is['BrickState'], true);
    t.equal(is['DeviceName'], 'iPhone');
    t.notSame(nvram(is)['obliteration'], nvram(was)['obliteration']);
    t.ok(nvram(is)['obliteration']);
    const disk = await values(rack, made, { record: again, domain: 'com.apple.disk_usage' });
    t.equal(disk['TotalDataAvailable'], made.storage.free);
  });
}

function nvram(of: Record<string, unknown>): Record<string, Uint8Array | undefined> {
  return (of['NonVolatileRAM'] ?? {}) as Record<string, Uint8Array | undefined>;
}

t.test('erase acknowledged but not done', async (t) => {
  const idle = await paired(t, { profile: 'iphone-12-ios-18' }, { eraseDoes: 'nothing' });
  t.equal((await idle.erase()).said?.['Status'], 'Acknowledged');
  t.same((await idle.ask({ RequestType: 'Flush' })).said?.['Status'], 'Acknowledged');
  t.ok(await markersLeft(idle.folder));

  for (const eraseDoes of ['restarts', 'keeps-files'] as const) {
    const { rack, made, folder, erase, record } = await paired(
      t,
      { profile: 'iphone-12-ios-18' },
      { eraseDoes },
    );
    const before = deviceIdOf(rack, made);
    const planted = await markersLeft(folder);
    await erase();
    await back(rack, before);
    t.equal(await markersLeft(folder), planted, eraseDoes);
    t.equal(made.erases, 0);
    const keepsState = eraseDoes === 'restarts';
    t.equal(made.state.activated, keepsState);
    if (keepsState) t.ok(await session(rack, made, record), 'the host is still trusted');
  }
});

t.test('answers to an erase that are no success', async (t) => {
  const { made, ask, erase } = await paired(t, { profile: 'iphone-6-ios-12' });
  const both = { PreserveDataPlan: false, DisallowProximitySetup: true };
  const refused = await ask({ RequestType: 'EraseDevice', ...both });
  t.equal(refused.said?.['Status'], 'CommandFormatError', 'iOS 12 takes one of them only');
  made.faults.eraseAnswer = 'refuses';
  t.match((await erase()).said, { Status: 'Error', ErrorChain: [{ ErrorCode: 4001 }] });
  made.faults.eraseAnswer = 'format-error';
  t.equal((await erase()).said?.['Status'], 'CommandFormatError');
  t.equal(made.erases, 0);
  t.ok(made.face());
});

t.test('returns as another handset, or not at all', async (t) => {
  const other = newIdentity(APPLE_PROFILES['iphone-15-ios-26']);
  const spec = { profile: 'iphone-15-ios-26' } as const;
  const swapped = await paired(t, spec, { returnsAs: other });
  const before = deviceIdOf(swapped.rack, swapped.made);
  await swapped.erase();
  await back(swapped.rack, before);
  t.match(swapped.rack.usbmuxd.attached()[0], { Properties: { SerialNumber: other.udid } });

  const dead = await paired(t, spec, { diesInErase: true });
  await dead.erase();
  await until('it leaves', () => deviceIdOf(dead.rack, dead.made) === null);
  t.equal(dead.made.face(), null);
});

t.test('what the NVRAM says can be missing, old, unchanged or a failure', async (t) => {
  const seen: Record<string, string> = {};
  for (const fault of ['unchanged', 'absent', 'failure', 'old-epoch'] as const) {
    const { rack, made, erase } = await paired(
      t,
      { profile: 'iphone-11-ios-17' },
      { nvram: fault },
    );
    const was = made.state.nvram['obliteration'];
    const before = deviceIdOf(rack, made);
    await erase();
    await back(rack, before);
    const { obliteration, 'oblit-failure': failure } = made.state.nvram;
    seen[fault] = obliteration === was ? 'same' : (obliteration ?? 'none');
    t.equal(failure !== undefined, fault === 'failure');
  }
  t.match(seen, { unchanged: 'same', absent: 'none', failure: 'same' });
  const epoch = Number(/^EACS Done @([0-9]+)$/.exec(seen['old-epoch'] ?? '')?.[1]);
  t.ok(epoch < Date.now() / 1000 - 86_400);
});

t.test('Find My survives as an activation lock, and hosts may wrongly survive', async (t) => {
  const spec = { profile: 'iphone-12-ios-18', findMy: true } as const;
  const { rack, made, record, erase } = await paired(t, spec, { eraseKeepsHosts: true });
  const findMy = () => values(rack, made, { record, domain: 'com.apple.fmip' });
  const lock = async () =>
    Buffer.from(
      nvram(await values(rack, made, { record }))['fm-activation-locked'] ?? [],
    ).toString();
  t.strictSame([(await findMy())['IsAssociated'], await lock()], [true, 'YES']);
  const before = deviceIdOf(rack, made);
  await erase();
  await back(rack, before);
  t.strictSame([(await findMy())['IsAssociated'], await lock()], [false, 'YES']);
});

t.test('a supervised phone says so, and may refuse to pair', async (t) => {
  const supervision = { organization: '市役所', allowPairing: true, mandatory: true };
  const profile = { identifier: 'jp.example.mdm', displayName: 'MDM', removable: false };
  const spec = { profile: 'iphone-11-ios-17', configurationProfiles: [profile] } as const;
  const { made, rack, ask } = await paired(t, { ...spec, supervision });
  const cloud = (await ask({ RequestType: 'GetCloudConfiguration' })).said;
  t.match(cloud, { CloudConfiguration: { IsSupervised: true, OrganizationName: '市役所' } });
  const list = (await ask({ RequestType: 'GetProfileList' })).said;
  t.match(list, { OrderedIdentifiers: ['jp.example.mdm'] });
  const strict = { ...supervision, allowPairing: false };
  const closed = await rack.iphone({ profile: 'iphone-11-ios-17', supervision: strict });
  await t.rejects(trustedHost(rack, closed.made), { message: /MCProtected/ });
  made.person.releaseManagement();
  const free = (await ask({ RequestType: 'GetCloudConfiguration' })).said;
  t.match(free, { CloudConfiguration: { IsSupervised: false } });
});

t.test('mobilebackup2 erases too, while the phone is activated', async (t) => {
  const { rack, made, record, folder } = await paired(t, { profile: 'iphone-6-ios-12' });
  const name = 'com.apple.mobilebackup2';
  const wire = await service(rack, made, { record, name });
  t.match(await wire.hear(), ['DLMessageVersionExchange']);
  t.match(await wire.ask(['DLMessageVersionExchange', 'DLVersionsOk', 300]), [
    'DLMessageDeviceReady',
  ]);
  const hello = { MessageName: 'Hello', SupportedProtocolVersions: [2.1] };
  t.match(await wire.ask(['DLMessageProcessMessage', hello]), [/./, { ErrorCode: 0 }]);
  const before = deviceIdOf(rack, made);
  wire.tell(['DLMessageProcessMessage', { MessageName: 'EraseDevice' }]);
  t.ok(await wire.ends());
  await back(rack, before);
  t.equal(await markersLeft(folder), 0);
});

t.test('after the erase the daemon of the host has a new record without a person', async (t) => {
  const rack = await appleRack(t, { pairsByItself: true });
  const { made } = await rack.iphone({ profile: 'iphone-15-ios-26' });
  made.person.trustsAlways();
  const { udid } = made.state.identity;
  const hostId = async () => (await rack.usbmuxd.records.parsed(udid))?.['HostID'];
  await until('it is paired', async () => (await hostId()) !== undefined);
  const [before, first] = [deviceIdOf(rack, made), await hostId()];
  made.person.eraseByHand();
  await back(rack, before);
  await until('it is paired anew', async () => (await hostId()) !== first);
  t.notOk(made.state.setupDone);
  t.equal(made.state.hosts[0]?.hostId, await hostId());
});

t.test('a phone that refuses AFC before it is activated', async (t) => {
  const { rack, made, erase } = await paired(t, { profile: 'iphone-12-ios-18', afcInSetup: false });
  const before = deviceIdOf(rack, made);
  await erase();
  await back(rack, before);
  const record = await trustedHost(rack, made);
  const afc = service(rack, made, { record, name: 'com.apple.afc' });
  await t.rejects(afc, { message: 'ServiceProhibited' });
});

t.test('a simulator that starts again takes up the phone as it was', async (t) => {
  const { made, folder, record, unplug, rack } = await paired(t, { profile: 'iphone-11-ios-17' });
  const markers = await markersLeft(folder);
  const { free } = made.storage;
  unplug();
  await made.switchOff();
  const again = new SimulatedIphone({ ...made.spec }, { folder });
  await again.switchOn();
  t.strictSame(again.state.identity, made.state.identity);
  t.equal(again.storage.free, free);
  t.equal(await markersLeft(folder), markers);
  const deviceId = rack.usbmuxd.attach(again, { bus: 2, device: 9 });
  t.ok(await session(rack, again, record), 'the host is still trusted');
  t.match(rack.usbmuxd.attached()[0], { Properties: { LocationID: 2 * 65536 + 9 } });
  rack.usbmuxd.detach(deviceId);
  await again.switchOff();
});
